import { connect, type Socket } from 'node:net'

export type Answer = { readonly status: number; readonly headers: string; readonly body: string }

/** Sends one request and waits for its answer, on a connection that is free or a new one. Rejects when the server hangs up. */
export type Wire = { readonly ask: (request: string) => Promise<Answer>; readonly close: () => void }

type Line = { readonly socket: Socket; waiting: ((answer: Answer | Error) => void) | undefined }

const HEAD_END = Buffer.from('\r\n\r\n')

/**
 * Just as much of HTTP/1.1 as this server speaks: kept-alive connections, one request at a time on each, answers with a
 * length. `node:http` takes five times the processor time, which the server on the same cores would lack.
 */
export const openWire = (host: string, port: number): Wire => {
  const free = new Set<Line>()
  const all = new Set<Line>()

  const dial = (): Line => {
    const socket = connect({ host, port, noDelay: true })
    const line: Line = { socket, waiting: undefined }
    all.add(line)
    let received: Buffer = Buffer.alloc(0)
    const hangUp = (error: Error) => {
      all.delete(line)
      free.delete(line)
      line.waiting?.(error)
    }
    socket.on('data', (chunk: Buffer) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
      const answer = parse(received)
      if (!answer) return
      received = Buffer.alloc(0)
      if (answer instanceof Error) socket.destroy(answer)
      else line.waiting?.(answer)
    })
    socket.on('error', hangUp)
    socket.on('close', () => hangUp(new Error('the server hung up before it answered: see what it logged')))
    return line
  }

  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        const [line = dial()] = free
        free.delete(line)
        line.waiting = (answer) => {
          line.waiting = undefined
          if (answer instanceof Error) return reject(answer)
          free.add(line)
          resolve(answer)
        }
        line.socket.write(request)
      }),
    close: () => {
      for (const { socket } of all) socket.destroy()
    },
  }
}

/** Undefined until all of it is here. */
const parse = (received: Buffer): Answer | Error | undefined => {
  const headEnd = received.indexOf(HEAD_END)
  if (headEnd === -1) return undefined
  const headers = received.toString('latin1', 0, headEnd)
  const length = headerOf(headers, 'content-length')
  const status = Number(headers.slice(9, 12))
  if (length === undefined && status !== 204) return new Error(`an answer without a length: ${headers}`)
  const begin = headEnd + HEAD_END.length
  const end = begin + Number(length ?? 0)
  return received.length < end ? undefined : { status, headers, body: received.toString('utf8', begin, end) }
}

/** Of a head whose names are in lower case, as Fastify writes them. */
export const headerOf = (headers: string, name: string): string | undefined => {
  const from = headers.indexOf(`\r\n${name}: `)
  if (from === -1) return undefined
  const begin = from + name.length + 4
  const end = headers.indexOf('\r\n', begin)
  return headers.slice(begin, end === -1 ? undefined : end)
}
