import { existsSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readConfig } from '../adapters/config.ts'
import { embeddedChain } from '../adapters/solana/embedded/chain.ts'
import { deployed } from '../adapters/solana/embedded/deployed.ts'

// npm run chain -- [--port 8899]
// Shows the embedded chain as a node of Solana would, to wallets, explorers and checks on this machine. Works while the server runs.

/** Of a request, in bytes. */
const MAX_BODY = 512 * 1024

/** Pages of explorers come from elsewhere. There is nothing to steal: what changes the chain is signed. */
const ANYBODY = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': '*',
  'access-control-allow-methods': 'POST, OPTIONS',
}

const portOf = (args: string[]): number => {
  const { port } = parseArgs({ args, options: { port: { type: 'string', default: '8899' } } }).values
  if (/^\d{1,5}$/.test(port) && Number(port) <= 65_535) return Number(port)
  throw new Error(`--port ${port} is no port: name one from 0 to 65535`)
}

/** Undefined for one that is too long. */
const bodyOf = async (request: IncomingMessage): Promise<string | undefined> => {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += (chunk as Buffer).length
    if (size > MAX_BODY) return undefined
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks).toString()
}

const answering =
  (rpc: (body: string) => string) =>
  async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const end = (status: number, body = '') => response.writeHead(status, ANYBODY).end(body)
    if (request.method === 'OPTIONS') return void end(204)
    if (request.method !== 'POST') return void end(405, 'Send JSON-RPC by POST')
    const body = await bodyOf(request)
    if (body === undefined) return void end(413, `A request has at most ${MAX_BODY} bytes`)
    response.setHeader('content-type', 'application/json')
    end(200, rpc(body))
  }

const serve = (port: number): void => {
  const {
    dataDir,
    chain: { programId },
  } = readConfig(process.env)
  const path = join(dataDir, 'chain.db')
  if (!existsSync(path))
    throw new Error(`there is no chain at ${path}: set DATA_DIR to the folder of a server without SOLANA_RPC_URL`)
  const embedded = embeddedChain({ path, programs: deployed(programId), now: () => new Date().toISOString() })
  const answer = answering(embedded.rpc)
  const server = createServer((request, response) => {
    // Whoever hangs up in the middle of a request.
    answer(request, response).catch(() => response.destroy())
  })
  const stop = () => {
    server.close(() => embedded.close())
    server.closeAllConnections()
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  server.once('error', ({ message }) => fail(message))
  server.listen(port, '127.0.0.1', () =>
    console.log(`the embedded chain answers at http://127.0.0.1:${(server.address() as AddressInfo).port}`),
  )
}

const fail = (why: string): never => {
  console.error(`the chain cannot be served: ${why}`)
  process.exit(1)
}

try {
  serve(portOf(process.argv.slice(2)))
} catch (error) {
  fail((error as Error).message)
}
