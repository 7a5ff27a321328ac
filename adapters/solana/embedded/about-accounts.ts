import { zstdCompressSync } from 'node:zlib'
import bs58 from 'bs58'
import { z } from 'zod'
import type { Account } from './engine.ts'
import { invalidParams } from './errors.ts'
import { Address, asOf, type Methods, method, type Node, options } from './methods.ts'
import type { Filter, Part } from './store.ts'

type Encoding = z.infer<typeof Encoding>

const Encoding = z.enum(['base58', 'base64', 'base64+zstd', 'jsonParsed'])

const MAX_DATA = 10 * 1024 * 1024
const Slice = z.object({ offset: z.int().min(0).max(MAX_DATA), length: z.int().min(0).max(MAX_DATA) })

const Looked = options({ encoding: Encoding.optional(), dataSlice: Slice.optional() })

/** As many as nodes take in one request. */
const MAX_ACCOUNTS = 100

const Memcmp = z.object({
  offset: z.int().min(0).max(MAX_DATA),
  // 128 bytes, as nodes have it.
  bytes: z.string().max(176),
  encoding: z.enum(['base58', 'base64']).optional(),
})
const Filters = z
  .array(z.union([z.object({ memcmp: Memcmp }), z.object({ dataSize: z.int().min(0).max(MAX_DATA) })]))
  .max(4)

/** Where the owner of a token is in its account, and the mint (https://github.com/solana-program/token: `state::Account`). */
const TOKEN_OWNER_AT = 32
const TOKEN_MINT_AT = 0

/** What is on the accounts: always what was carried out last, final or not. */
export const aboutAccounts = ({ store, engine, moment }: Node): Methods => {
  const look = (address: Uint8Array) => store.find(address) ?? engine.builtIn(address, moment())

  /** As `getAccountInfo` shows it. */
  const shown = (address: Uint8Array, asked: z.infer<typeof Looked>) => {
    const account = look(address)
    if (!account) return null
    const { offset, length } = asked?.dataSlice ?? { offset: 0, length: account.data.length }
    return accountView(account, account.data.length, account.data.subarray(offset, offset + length), asked?.encoding)
  }

  const ofProgram = (program: Uint8Array, filters: readonly Filter[], asked: z.infer<typeof Looked>) =>
    store.ofProgram(program, filters, asked?.dataSlice).map((part: Part) => ({
      pubkey: bs58.encode(part.address),
      account: accountView(part, Number(part.size), part.data, asked?.encoding),
    }))

  return {
    getBalance: method(z.tuple([Address, options({})]), (address) =>
      asOf(moment(), Number(look(address)?.lamports ?? 0n)),
    ),
    getAccountInfo: method(z.tuple([Address, Looked]), (address, asked) => asOf(moment(), shown(address, asked))),
    getMultipleAccounts: method(z.tuple([z.array(Address).max(MAX_ACCOUNTS), Looked]), (addresses, asked) =>
      store.atOneMoment(() =>
        asOf(
          moment(),
          addresses.map((address) => shown(address, asked)),
        ),
      ),
    ),
    getProgramAccounts: method(
      z.tuple([
        Address,
        options({
          encoding: Encoding.optional(),
          dataSlice: Slice.optional(),
          filters: Filters.nullish(),
          withContext: z.boolean().optional(),
        }),
      ]),
      (program, asked) => {
        const found = ofProgram(program, (asked?.filters ?? []).map(filterOf), asked)
        return asked?.withContext ? asOf(moment(), found) : found
      },
    ),
    getTokenAccountsByOwner: method(
      z.tuple([Address, z.union([z.object({ mint: Address }), z.object({ programId: Address })]), Looked]),
      (owner, of, asked) => {
        const program = 'programId' in of ? of.programId : look(of.mint)?.owner
        if (!program) throw invalidParams('could not find mint')
        const filters = [
          { offset: TOKEN_OWNER_AT, bytes: owner },
          ...('mint' in of ? [{ offset: TOKEN_MINT_AT, bytes: of.mint }] : []),
        ]
        return asOf(moment(), ofProgram(program, filters, asked))
      },
    ),
  }
}

const filterOf = (filter: z.infer<typeof Filters>[number]): Filter => {
  if ('dataSize' in filter) return { size: filter.dataSize }
  const { offset, bytes: text, encoding } = filter.memcmp
  const bytes = encoding === 'base64' ? Buffer.from(text, 'base64') : bs58.decodeUnsafe(text)
  if (!bytes) throw invalidParams(`the bytes of a memcmp filter are not ${encoding ?? 'base58'}`)
  return { offset, bytes }
}

/** What it cannot parse a node shows in base64, where JSON was asked for. This one parses nothing. */
export const accountView = (
  { owner, lamports, ...rest }: Account & { readonly isExecutable?: boolean },
  space: number,
  data: Uint8Array,
  encoding: Encoding = 'base64',
) => ({
  data: encoded(data, encoding),
  executable: rest.isExecutable ?? false,
  lamports: Number(lamports),
  owner: bs58.encode(owner),
  rentEpoch: 0,
  space,
})

const encoded = (data: Uint8Array, encoding: Encoding): readonly [string, Encoding] => {
  if (encoding === 'base58') return [bs58.encode(data), encoding]
  if (encoding === 'base64+zstd') return [zstdCompressSync(data).toString('base64'), encoding]
  return [Buffer.from(data).toString('base64'), 'base64']
}
