import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

const USAGE = 'npm run -s verify -- <proof.json> --rpc <url> [--program <address>] [--authority <address>]'

// Checks what GET /api/v1/tickets/:ticketId/proof answered against the head on Solana: RFC 8785, RFC 9162, section 2.1.3.2, and one
// account. It needs Node 24 and this file alone, so whoever does not trust the ledger can read all that they rely on.

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }
type Proven = { index: number; leafHash: string; path: string[]; fact: { [name: string]: Json } | null }
type Proof = { ticketId: string; head: { size: number; root: string; address: string }; facts: Proven[] }
type Answer = { result?: { value: { owner: string; data: [string] } | null }; error?: { message: string } }

const fail = (why: string): never => {
  throw new Error(why)
}

const sha256 = (...parts: (string | Buffer)[]): Buffer =>
  hash('sha256', Buffer.concat(parts.map((part) => Buffer.from(part as string, 'utf8'))), 'buffer')

const canonical = (value: Json): string => {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  const members = value as { readonly [name: string]: Json }
  const names = Object.keys(members).sort()
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(members[name]!)}`).join(',')}}`
}

/** Null where the path does not fit the place. */
const rootFrom = ({ index, path }: Proven, leaf: Buffer, size: number): Buffer | null => {
  let [at, last, root] = [BigInt(index), BigInt(size) - 1n, leaf]
  if (at > last) return null
  for (const hex of path) {
    if (last === 0n) return null
    const beside = Buffer.from(hex, 'hex')
    const isRight = at % 2n === 1n || at === last
    root = isRight ? sha256('\x01', beside, root) : sha256('\x01', root, beside)
    if (isRight) for (; at % 2n === 0n && at !== 0n; last /= 2n) at /= 2n
    at /= 2n
    last /= 2n
  }
  return last === 0n ? root : null
}

const base58 = (bytes: Buffer): string => {
  const letters = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
  let text = ''
  for (let rest = BigInt(`0x${bytes.toString('hex')}`); rest > 0n; rest /= 58n)
    text = letters[Number(rest % 58n)] + text
  return '1'.repeat(bytes.findIndex((byte) => byte !== 0)) + text
}

/** A final account of the program, of one kind of Anchor's. */
const account = async (rpc: string, address: string, kind: string): Promise<{ owner: string; data: Buffer }> => {
  const params = [address, { encoding: 'base64', commitment: 'finalized' }]
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'getAccountInfo', params })
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(rpc, { method: 'POST', headers, body, signal: AbortSignal.timeout(30_000) })
    .then((response) => response.json() as Promise<Answer>)
    .catch(({ message, cause }) =>
      fail(`${rpc} does not answer as a node of Solana does: ${cause?.message || message}`),
    )
  const value = answer.result?.value
  if (value === undefined) return fail(`${rpc} refuses: ${answer.error?.message}`)
  const data = Buffer.from(value?.data[0] ?? '', 'base64')
  if (!value || !data.subarray(0, 8).equals(sha256(`account:${kind}`).subarray(0, 8)))
    return fail(`there is no ${kind} at ${address} on that chain`)
  return { owner: value.owner, data }
}

const proofIn = (file: string): Proof => {
  const text = readFileSync(file, 'utf8')
  try {
    const proof = JSON.parse(text) as Proof
    if (proof.ticketId && proof.head.address && Array.isArray(proof.facts)) return proof
  } catch {}
  return fail(`${file} is no proof: save what GET /api/v1/tickets/:ticketId/proof answers`)
}

/** Whether all is proven. */
const verify = async (file: string, rpc: string, of: { program?: string; authority?: string }): Promise<boolean> => {
  const { ticketId, head, facts } = proofIn(file)
  const onChain = await account(rpc, head.address, 'Head')
  const log = await account(rpc, base58(onChain.data.subarray(8, 40)), 'Log')
  const authority = base58(log.data.subarray(8, 40))
  const root = onChain.data.subarray(52, 84)
  if (log.owner !== onChain.owner) fail(`the head is of program ${onChain.owner}, and its log of ${log.owner}`)
  if (of.program && of.program !== onChain.owner) fail(`the head is of program ${onChain.owner}`)
  if (of.authority && of.authority !== authority) fail(`the head was published by ${authority}`)
  if (onChain.data.readBigUInt64LE(44) !== BigInt(head.size) || root.toString('hex') !== head.root)
    fail('the head on chain is not the one in the proof')
  console.log(
    `head ${head.address} covers ${head.size} facts; published by ${authority} under program ${onChain.owner}`,
  )

  let [before, shown, wrong] = [-1, 0, 0]
  for (const [revision, one] of facts.entries()) {
    const { index, leafHash, fact } = one
    const leaf = fact ? sha256('\x00', canonical(fact)) : Buffer.from(leafHash, 'hex')
    // Every fact of the stream from its first on, in order; only what was before the holder's own may be withheld.
    const isNext = fact ? fact.stream === `ticket-${ticketId}` && fact.revision === revision : shown === 0
    const isProven =
      isNext && Number.isSafeInteger(index) && index > before && rootFrom(one, leaf, head.size)?.equals(root)
    const what = fact ? `${fact.stream} at revision ${fact.revision}: ${fact.type} ${fact.id}` : `withheld ${leafHash}`
    console.log(`${isProven ? 'proven' : 'NOT PROVEN'}  fact ${index}  ${what}`)
    if (!isProven) wrong++
    if (fact) shown++
    before = index
  }
  if (shown === 0) console.log('NOT PROVEN  the proof shows no fact')
  console.log(
    'Not proven by this: what is withheld, and that nothing more was recorded of the ticket after the last fact.',
  )
  return wrong === 0 && shown > 0
}

try {
  const text = { type: 'string' } as const
  const options = { rpc: text, program: text, authority: text }
  const { values, positionals } = parseArgs({ options, allowPositionals: true })
  const [file, ...more] = positionals
  if (!file || !values.rpc || more.length > 0) fail(`which proof, and whose chain? ${USAGE}`)
  if (!(await verify(file!, values.rpc!, values))) process.exitCode = 1
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}
