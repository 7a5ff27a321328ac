import type { CopyCommand } from '../../domain/ticket/copying.ts'
import { ticket } from '../../domain/ticket/ticket.ts'
import type { SignedTransaction, SignedTransactions } from '../../domain/vault.ts'
import { type Deps as HandleDeps, handle } from '../handle.ts'
import { stepIdOf } from '../ids.ts'
import type { Acted } from '../reactors/reactor.ts'
import { type Carried, carry, carryOn } from './carrying.ts'
import type { Chain, Standing } from './chain.ts'
import { type Copied, type CopyDeps, copiesOf, eventCopyOf, isBehind, troubleOf } from './copies.ts'

export type SettleDeps = HandleDeps &
  CopyDeps & {
    readonly chain: Pick<Chain, 'signEvent' | 'signTickets' | 'send' | 'look' | 'find'>
    readonly signed: SignedTransactions
  }

/** A ticket to be settled, and the intent to record it under. */
export type Settling = Copied & { readonly intentId: string }

/** Tickets of one event, or none where only the event itself is to follow; what came of each, in their order. Throws ChainUnavailable, and where the signal aborts first. */
export type Settle = (eventId: string, tickets: readonly Settling[], signal: AbortSignal) => Promise<readonly Acted[]>

/** Brings tickets to the chain and, once that is final, records it. Whatever was begun before and is still under way is awaited first. */
export const settling = (deps: SettleDeps): Settle => {
  /** The version of each that the chain was seen to know. */
  const opened = new Map<string, number>()

  const open = async (eventId: string, signal: AbortSignal) => {
    const copy = await eventCopyOf(deps, eventId)
    if ((opened.get(eventId) ?? 0) >= copy.version) return
    const before = await carryOn(deps, [eventId], signal)
    const signed = await deps.chain.signEvent(copy)
    const now = signed ? await carry(deps, [signed], signal) : []
    await forget(deps, [...before, ...now])
    const refused = now.find(({ outcome }) => outcome !== 'final')
    if (refused) throw new Error(`event ${eventId} was not opened: ${reasonOf(refused)}`)
    opened.set(eventId, copy.version)
  }

  return async (eventId, tickets, signal) => {
    const ids = tickets.map(({ wanted }) => wanted.ticketId)
    const before = await carryOn(deps, ids, signal)
    await open(eventId, signal)
    if (tickets.length === 0) return []
    const now = await bring(deps, tickets, signal)
    // Whatever was sent: what stands there decides.
    const standings = await deps.chain.find(tickets.map(({ wanted }) => wanted))
    const carried = [...before, ...now]
    const acted = await Promise.all(tickets.map((one, i) => record(deps, one, standings[i]!, carried)))
    await forget(deps, carried)
    // A chain that was lost has lost the event too.
    if (acted.some((one) => one !== 'done')) opened.delete(eventId)
    return acted
  }
}

/** Those in a transaction that was refused are sent again, each alone: one of them was refused, not all. */
const bring = async (deps: SettleDeps, tickets: readonly Settling[], signal: AbortSignal) => {
  const { chain } = deps
  const together = await carry(deps, await chain.signTickets(tickets.map(({ wanted }) => wanted)), signal)
  const hindered = new Set(
    together.flatMap(({ outcome, transaction }) =>
      typeof outcome === 'object' && transaction.ids.length > 1 ? transaction.ids : [],
    ),
  )
  const again = tickets.filter(({ wanted }) => hindered.has(wanted.ticketId))
  const signed = await Promise.all(again.map(({ wanted }) => chain.signTickets([wanted])))
  return [...together, ...(await carry(deps, signed.flat(), signal))]
}

const record = async (
  deps: SettleDeps,
  one: Settling,
  standing: Standing,
  carried: readonly Carried[],
): Promise<Acted> => {
  const { wanted, hasTokens, intentId } = one
  const own = carried.filter(({ transaction }) => transaction.ids.includes(wanted.ticketId))
  const trouble = troubleOf(one, standing)
  if (trouble === null) {
    const final = own.findLast(({ outcome }) => outcome === 'final')
    const { ticketAddress, eventAddress, mintAddress } = standing
    return tell(deps, one, intentId, {
      type: 'SettleTicket',
      version: wanted.version,
      ...{ ticketAddress, eventAddress },
      mintAddress: hasTokens && wanted.status !== 'closed' ? mintAddress : null,
      signature: final?.transaction.signature ?? null,
    })
  }
  const refused = own.find(({ outcome, transaction }) => typeof outcome === 'object' && isAlone(transaction))
  if (refused) {
    await doubt(deps, one, 'failed')
    return { failed: reasonOf(refused) }
  }
  if (trouble === 'unknown_on_chain' || trouble === 'version_behind') return { failed: 'it is not final yet' }
  // Somebody else wrote this version: a person has to look, and to order the repair.
  return doubt(deps, one, trouble)
}

/** Forgets what a process that was killed had kept of tickets that are settled by now. */
export const tidy = async (deps: SettleDeps, settled: readonly Copied[]): Promise<void> => {
  const kept = await deps.signed.of(settled.flatMap(({ wanted }) => [wanted.ticketId, wanted.eventId]))
  if (kept.length === 0) return
  const open = (
    await copiesOf(
      deps,
      kept.flatMap(({ ids }) => ids),
    )
  ).filter(isBehind)
  const isNeeded = ({ ids }: SignedTransaction) => open.some(({ wanted }) => ids.includes(wanted.ticketId))
  await deps.signed.forget(kept.filter((transaction) => !isNeeded(transaction)).map(({ signature }) => signature))
}

const forget = ({ signed }: SettleDeps, carried: readonly Carried[]): Promise<void> =>
  signed.forget(carried.map(({ transaction }) => transaction.signature))

const isAlone = ({ ids }: SignedTransaction): boolean => ids.length === 1

const reasonOf = ({ outcome }: Carried): string => (typeof outcome === 'object' ? outcome.failed : 'it expired')

const doubt = (deps: SettleDeps, one: Settling, trouble: Extract<CopyCommand, { type: 'DoubtTicket' }>['trouble']) => {
  const { version } = one.wanted
  return tell(deps, one, stepIdOf(one.intentId, `doubt/${version}/${trouble}`), {
    type: 'DoubtTicket',
    version,
    trouble,
  })
}

const tell = async (deps: SettleDeps, one: Settling, commandId: string, command: CopyCommand): Promise<Acted> => {
  const { tenant, orderId, wanted } = one
  const actor = { id: 'chain-sync', role: 'process' } as const
  const context = { commandId, correlationId: orderId, tenant, actor, request: '' }
  const outcome = await handle(deps, ticket, wanted.ticketId, command, context)
  return outcome.done ? 'done' : { refused: outcome.refused }
}
