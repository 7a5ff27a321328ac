import { randomUUID } from 'node:crypto'
import { addressOf } from '../../adapters/solana/address.ts'
import { addresses } from '../../adapters/solana/addresses.ts'
import { publicOf } from '../../adapters/solana/ed25519.ts'
import { type Store, store } from '../../adapters/solana/embedded/store.ts'
import { PROGRAM_ID } from '../../adapters/solana/program.ts'
import { copiesOf } from '../../commands/chain/copies.ts'
import { reconcile } from '../../commands/chain/reconciling.ts'
import { settling } from '../../commands/chain/settling.ts'
import { type Copying, openCopying } from './copying.ts'
import { draftEvent, minted, record, type SoldTicket, soldTicket } from './sold.ts'

// node scripts/bench/reconciliation.ts <how many tickets>
// Tickets as they are once they are sold and settled, written into ledger and chain; then the two are compared. Prints one line of JSON.

export type ReconciliationRun = {
  readonly seconds: number
  readonly checked: number
  readonly mismatches: number
  /** Of the process, in megabytes. */
  readonly memoryBefore: number
  readonly memoryAtMost: number
}

const AT_ONCE = 5_000

const MB = 2 ** 20

/** Milliseconds. */
const LOOK_EVERY = 250

const placesIn = async ({ vault }: Copying) => {
  const authority = addressOf(publicOf(await vault.keyFor('chain-authority')))
  const { placeOf, holderOf, tokenAccountOf } = addresses(addressOf(PROGRAM_ID), authority, await vault.keyFor('chain'))
  return (of: SoldTicket) => {
    const { event, ticket, mint, seed } = placeOf(of)
    const holder = holderOf({ ticketId: of.ticketId, wallet: null, heldSince: 1 })
    return { event, ticket, mint, holder, token: tokenAccountOf(holder, mint), seed }
  }
}
type Places = ReturnType<Awaited<ReturnType<typeof placesIn>>>

/** One that comes to the chain as all do: what the accounts of the others are like. */
const settleOne = async ({ deps }: Copying, eventId: string): Promise<SoldTicket> => {
  const one = soldTicket(eventId)
  await record(deps.ledger, [one])
  const copied = await copiesOf(deps, [one.ticketId])
  const wanted = copied.map((copy) => ({ ...copy, intentId: randomUUID() }))
  await settling(deps)(eventId, wanted, AbortSignal.timeout(30_000))
  return one
}

/** The accounts of one ticket under the addresses of another. Its mint is not looked at, and not made. */
const putLike = (chain: Store, model: Places, its: Places): void => {
  const names = [
    [model.seed, its.seed] as const,
    ...(['ticket', 'mint', 'holder'] as const).map((name) => [model[name].toBuffer(), its[name].toBuffer()] as const),
  ]
  for (const name of ['ticket', 'token'] as const) {
    const account = chain.find(model[name].toBytes())!
    const data = Buffer.from(account.data)
    for (const [from, to] of names) {
      const at = data.indexOf(from)
      if (at !== -1) data.set(to, at)
    }
    chain.put({ ...account, address: its[name].toBytes(), data })
  }
}

const copying = await openCopying()
const { deps, path, close } = copying
const eventId = await draftEvent(deps.ledger, 'token')
const placesOf = await placesIn(copying)
const model = placesOf(await settleOne(copying, eventId))
const chain = store(path('chain.db'), Date.now)
for (let left = Number(process.argv[2]); left > 0; left -= AT_ONCE) {
  const tickets = Array.from({ length: Math.min(left, AT_ONCE) }, () => soldTicket(eventId))
  const places = tickets.map(placesOf)
  chain.atomically(() => {
    for (const its of places) putLike(chain, model, its)
  })
  await record(
    deps.ledger,
    tickets.map((sold, i) => minted(sold, places[i]!)),
  )
}
chain.close()

const memoryBefore = process.memoryUsage.rss() / MB
let memoryAtMost = memoryBefore
const watch = setInterval(() => {
  memoryAtMost = Math.max(memoryAtMost, process.memoryUsage.rss() / MB)
}, LOOK_EVERY)
const began = performance.now()
const { checked, mismatches } = await reconcile(deps, { found: async (mismatch) => console.error(mismatch) })
const seconds = (performance.now() - began) / 1_000
clearInterval(watch)
console.log(JSON.stringify({ seconds, checked, mismatches, memoryBefore, memoryAtMost } satisfies ReconciliationRun))
await close()
