import { setTimeout as sleep } from 'node:timers/promises'
import type { PublicKey } from '@solana/web3.js'
import { z } from 'zod'
import { ChainUnavailable } from '../../commands/chain/chain.ts'

// Not web3.js's Connection: the way it checks answers took a quarter of this adapter's time, and it waits without end for a silent node.

/** What is at an address. */
export type Account = { readonly owner: string; readonly data: Buffer }

/** Confirmed: seen by most of the cluster. Finalized: never undone. https://solana.com/docs/rpc */
export type Commitment = 'confirmed' | 'finalized'

/** A node of Solana, as JSON-RPC 2.0 asks it. Throws ChainUnavailable whatever befalls a call. */
export type Rpc = {
  /** `wish`: "take a transaction". */
  readonly ask: <S extends z.ZodType>(
    wish: string,
    method: string,
    params: readonly unknown[],
    answer: S,
  ) => Promise<z.output<S>>
  /** One for each address; undefined where there is none. */
  readonly accounts: (
    wish: string,
    addresses: readonly PublicKey[],
    commitment: Commitment,
  ) => Promise<(Account | undefined)[]>
}

/** `fetch`, as far as it is used. */
export type Fetch = (
  url: string,
  request: {
    readonly method: 'POST'
    readonly headers: Readonly<Record<string, string>>
    readonly body: string
    readonly signal: AbortSignal
  },
) => Promise<Response>

/** As many as nodes answer for in one call. */
const MAX_ACCOUNTS = 100

/** Of a node that says 429: how often it is asked again, and after how many milliseconds the first time, doubled each time. */
const PATIENCE = { times: 4, first: 250 }

const Raw = z.object({ owner: z.string(), data: z.tuple([z.base64(), z.literal('base64')]) })

export const RawAccount = Raw.transform(({ owner, data }): Account => ({ owner, data: Buffer.from(data[0], 'base64') }))

const Accounts = z.object({ value: z.array(RawAccount.nullable()) })

/** By its URL, or by what answers in its place. */
export const openRpc = (node: string | Fetch, timeoutMs = 10_000): Rpc => {
  const [url, fetching] = typeof node === 'string' ? [node, fetch] : ['http://localhost', node]
  const secrets = secretsIn(url)

  const ask: Rpc['ask'] = async (wish, method, params, schema) => {
    try {
      const response = await patiently(() =>
        fetching(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
          signal: AbortSignal.timeout(timeoutMs),
        }),
      )
      return resultOf(await response.json(), schema)
    } catch (error) {
      const why = secrets.reduce((text, secret) => text.replaceAll(secret, '…'), reasonOf(error, timeoutMs))
      // Without its cause, which may hold the URL, and so a key.
      throw new ChainUnavailable(`Solana could not ${wish}: ${why}`)
    }
  }

  return {
    ask,
    accounts: async (wish, addresses, commitment) => {
      const found: (Account | undefined)[] = []
      for (const page of pagesOf(addresses, MAX_ACCOUNTS)) {
        const params = [page.map((address) => address.toBase58()), { commitment, encoding: 'base64' }]
        const { value } = await ask(wish, 'getMultipleAccounts', params, Accounts)
        found.push(...value.map((account) => account ?? undefined))
      }
      return found
    },
  }
}

export const pagesOf = <T>(all: readonly T[], size: number): (readonly T[])[] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size))

/** What a node says of itself. */
class NodeError extends Error {
  override name = 'NodeError'
}

const Answer = z.union([z.object({ error: z.object({ message: z.string() }) }), z.object({ result: z.unknown() })])

const resultOf = <S extends z.ZodType>(body: unknown, schema: S): z.output<S> => {
  const answer = Answer.parse(body)
  if ('error' in answer) throw new NodeError(answer.error.message.split('\n')[0]!.slice(0, 200))
  return schema.parse(answer.result)
}

const patiently = async (request: () => Promise<Response>): Promise<Response> => {
  for (let asked = 0; ; asked++) {
    const response = await request()
    if (response.ok) return response
    await response.body?.cancel()
    if (response.status !== 429 || asked === PATIENCE.times)
      throw new NodeError(`the node answers with HTTP ${response.status}`)
    await sleep(PATIENCE.first * 2 ** asked)
  }
}

/** Short, and of what others wrote only what a node says of itself. */
const reasonOf = (error: unknown, timeoutMs: number): string => {
  if (error instanceof NodeError) return error.message
  const { name, cause } = error as Error & { cause?: { code?: string } }
  if (name === 'TimeoutError') return `the node did not answer within ${timeoutMs} ms`
  if (cause?.code) return `the node cannot be reached (${cause.code})`
  return 'what answers is not a node'
}

/** Keys that providers put into the path or the query of a URL. */
const secretsIn = (url: string): string[] => {
  const { pathname, searchParams, username, password } = new URL(url)
  return [...pathname.split('/'), ...searchParams.values(), username, password].filter((part) => part.length >= 8)
}
