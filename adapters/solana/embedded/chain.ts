import { aboutAccounts } from './about-accounts.ts'
import { aboutTheChain } from './about-the-chain.ts'
import { aboutTransactions } from './about-transactions.ts'
import { blocks } from './blocks.ts'
import { engine, type Program } from './engine.ts'
import type { Node } from './methods.ts'
import { jsonRpc } from './rpc.ts'
import { sending } from './sending.ts'
import { store } from './store.ts'

export type Options = {
  /** Of its file, which several processes may open; `:memory:` for one that is gone with this process. */
  readonly path: string
  /** What is deployed besides the system's own programs and those of SPL. */
  readonly programs: readonly Program[]
  readonly now: () => string
  /** How long what was carried out may still be undone, or so it says. */
  readonly finalAfterMs?: number
}

export type EmbeddedChain = {
  /** Takes and answers JSON-RPC 2.0. */
  readonly rpc: (body: string) => string
  /** The same, as `fetch` would: what is asked in the same turn is carried out together, which takes less. Its address does not matter. */
  readonly fetch: (url: unknown, init?: { readonly body?: unknown }) => Promise<Response>
  readonly close: () => void
}

/**
 * Solana without a cluster: the real programs in LiteSVM, a SQLite file, and JSON-RPC, so that clients of a cluster need not know. A
 * transaction is carried out when it is sent, by the process that it is sent to; processes on one file take turns, and each sees what
 * the others did. Throws one line if the file cannot be opened, or a program cannot be loaded.
 */
export const embeddedChain = ({ path, programs, now, finalAfterMs = 0 }: Options): EmbeddedChain => {
  const clock = () => Date.parse(now())
  const executing = engine(programs)
  const kept = store(path, clock)
  const time = blocks(kept.genesis)
  const node: Node = {
    ...{ store: kept, blocks: time, engine: executing },
    moment: (commitment) => time.momentAt(clock() - (commitment === 'finalized' ? finalAfterMs : 0)),
  }
  const rpc = jsonRpc({ ...aboutTheChain(node), ...aboutAccounts(node), ...aboutTransactions(node), ...sending(node) })

  // Whoever only looks is answered first, and soon: what they do next may be done while others' transactions are carried out.
  const [looking, changing]: [Waiting[], Waiting[]] = [[], []]
  const answerThem = () => {
    const asked = looking.length > 0 ? looking.splice(0) : changing.splice(0, TOGETHER)
    try {
      const answers = kept.together(() => asked.map(({ body }) => rpc(body)))
      for (const [i, { resolve }] of asked.entries()) resolve(answers[i]!)
    } catch (error) {
      for (const { reject } of asked) reject(error)
    }
    if (looking.length + changing.length > 0) setImmediate(answerThem)
  }
  const answer = (body: string) =>
    new Promise<string>((resolve, reject) => {
      const waiting = body.includes('"sendTransaction"') ? changing : looking
      waiting.push({ body, resolve, reject })
      if (looking.length + changing.length === 1) setImmediate(answerThem)
    })

  return {
    rpc,
    fetch: async (_, init) =>
      new Response(await answer(String(init?.body)), { headers: { 'content-type': 'application/json' } }),
    close: kept.close,
  }
}

type Waiting = {
  readonly body: string
  readonly resolve: (answer: string) => void
  readonly reject: (error: unknown) => void
}

/** Requests that wait in the same turn and are carried out in one transaction of the file: more would keep other processes waiting. */
const TOGETHER = 16
