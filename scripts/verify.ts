import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

// node scripts/verify.ts <proof.json> --rpc <url> [--program <address>] [--authority <address>]
// Checks what GET /api/v1/tickets/:ticketId/proof answered against the head on Solana: RFC 8785, RFC 9162, section 2.1.3.2, and one
// account. It needs Node 24 and this file alone, so whoever does not trust the ledger can read all that they rely on.

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }
type Proven = { index: number; leafHash: string; path: string[]; fact: { [name: string]: Json } | null }
type Proof = { head: { size: number; root: string; address: string }; facts: Proven[] }

const fail = (why: string): never => {
  console.error(why)
  process.exit(1)
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

const { values, positionals } = parseArgs({
  options: { rpc: { type: 'string' }, program: { type: 'string' }, authority: { type: 'string' } },
  allowPositionals: true,
})
const [file] = positionals
if (!file || !values.rpc)
  fail(
    'which proof, and whose chain? node scripts/verify.ts <proof.json> --rpc <url> [--program <address>] [--authority <address>]',
  )

/** A final account of the program, of one kind of Anchor's. */
const account = async (address: string, kind: string): Promise<{ owner: string; data: Buffer }> => {
  const params = [address, { encoding: 'base64', commitment: 'finalized' }]
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'getAccountInfo', params })
  const answer = await fetch(values.rpc!, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  const { result } = (await answer.json()) as { result?: { value: { owner: string; data: [string] } | null } }
  const data = Buffer.from(result?.value?.data[0] ?? '', 'base64')
  if (!result?.value || !data.subarray(0, 8).equals(sha256(`account:${kind}`).subarray(0, 8)))
    return fail(`there is no ${kind} at ${address} on that chain`)
  return { owner: result.value.owner, data }
}

const { head, facts } = JSON.parse(readFileSync(file!, 'utf8')) as Proof
const onChain = await account(head.address, 'Head')
const log = await account(base58(onChain.data.subarray(8, 40)), 'Log')
const authority = base58(log.data.subarray(8, 40))
const root = onChain.data.subarray(52, 84)
if (log.owner !== onChain.owner) fail(`the head is of program ${onChain.owner}, and its log of ${log.owner}`)
if (values.program && values.program !== onChain.owner) fail(`the head is of program ${onChain.owner}`)
if (values.authority && values.authority !== authority) fail(`the head was published by ${authority}`)
if (onChain.data.readBigUInt64LE(44) !== BigInt(head.size) || root.toString('hex') !== head.root)
  fail('the head on chain is not the one in the proof')
console.log(`head ${head.address} covers ${head.size} facts; published by ${authority} under program ${onChain.owner}`)

let wrong = facts.length === 0 ? 1 : 0
for (const one of facts) {
  const leaf = one.fact ? sha256('\x00', canonical(one.fact)) : Buffer.from(one.leafHash, 'hex')
  const isProven = rootFrom(one, leaf, head.size)?.equals(root) ?? false
  const what = one.fact ? `${one.fact.type} ${one.fact.id}` : `withheld ${one.leafHash}`
  console.log(`${isProven ? 'proven' : 'NOT PROVEN'}  fact ${one.index}  ${what}`)
  if (!isProven) wrong++
}
process.exitCode = wrong === 0 ? 0 : 1
