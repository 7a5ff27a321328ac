import { ticket } from '../../domain/ticket/ticket.ts'
import type { SignedTransactions } from '../../domain/vault.ts'
import { type Deps as HandleDeps, handle } from '../handle.ts'
import { stepIdOf } from '../ids.ts'
import { carry, carryOn } from './carrying.ts'
import type { Chain } from './chain.ts'
import { type Copied, type CopyDeps, copiesOf } from './copies.ts'
import { soldTickets } from './sold-tickets.ts'

export type RentDeps = HandleDeps &
  CopyDeps & {
    readonly chain: Pick<Chain, 'signClosing' | 'send' | 'look' | 'find'>
    readonly signed: SignedTransactions
  }

/** How long the accounts of a hundred tickets may take to close, in milliseconds. What is not closed by then is closed the next day. */
const AT_MOST = 90_000

/** Closes the accounts of all tickets that can no longer change on chain: what was paid for them comes back to the authority. */
export const returnRent = async (deps: RentDeps): Promise<{ closed: number }> => {
  let closed = 0
  const { cache: _, ...streams } = deps
  const until = await deps.ledger.head()
  for await (const { ticketIds } of soldTickets(deps.ledger, { until })) {
    const copies = await copiesOf(streams, ticketIds)
    const over = copies.filter(({ closesAt }) => closesAt <= deps.now())
    if (over.length > 0) closed += await close(deps, over)
    const there = new Set(copies.map(({ wanted }) => wanted.ticketId))
    await tidy(
      deps,
      ticketIds.filter((ticketId) => !there.has(ticketId)),
    )
  }
  return { closed }
}

/** Forgets what a process that was killed had kept of tickets that have left the chain by now. */
const tidy = async ({ signed }: RentDeps, left: readonly string[]): Promise<void> =>
  signed.forget((await signed.of(left)).map(({ signature }) => signature))

const close = async (deps: RentDeps, tickets: readonly Copied[]): Promise<number> => {
  const signal = AbortSignal.timeout(AT_MOST)
  const wanted = tickets.map(({ wanted }) => wanted)
  const ids = wanted.map(({ ticketId }) => ticketId)
  const carried = [
    ...(await carryOn(deps, ids, signal)),
    ...(await carry(deps, await deps.chain.signClosing(wanted), signal)),
  ]
  const standings = await deps.chain.find(wanted)
  const gone = tickets.filter((_, i) => standings[i]!.found === null)
  await Promise.all(
    gone.map(({ tenant, orderId, wanted: { ticketId } }) => {
      const by = carried.findLast(
        ({ transaction, outcome }) => outcome === 'final' && transaction.ids.includes(ticketId),
      )
      const context = {
        commandId: stepIdOf(ticketId, 'leave-chain'),
        correlationId: orderId,
        tenant,
        actor: { id: 'chain-rent', role: 'process' } as const,
        request: '',
      }
      return handle(
        deps,
        ticket,
        ticketId,
        { type: 'LeaveChain', signature: by?.transaction.signature ?? null },
        context,
      )
    }),
  )
  await deps.signed.forget(carried.map(({ transaction }) => transaction.signature))
  return gone.length
}
