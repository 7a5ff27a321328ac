import type { Position } from '../../domain/fact.ts'
import type { CopyCommand } from '../../domain/ticket/copying.ts'
import { type Cause, repairs } from '../../domain/ticket/mismatch.ts'
import { ticket } from '../../domain/ticket/ticket.ts'
import { minutes, plus } from '../../domain/time.ts'
import { type Context, type Deps as HandleDeps, handle } from '../handle.ts'
import { stepIdOf } from '../ids.ts'
import type { Chain, Standing } from './chain.ts'
import { type Copied, type CopyDeps, copiesOf, troubleOf } from './copies.ts'
import { soldTickets } from './sold-tickets.ts'

export type ReconcileDeps = HandleDeps & CopyDeps & { readonly chain: Pick<Chain, 'find' | 'ticketsOf'> }

export type Mismatch = {
  readonly cause: Cause
  readonly eventId: string
  /** Null for an account that no ticket has. */
  readonly ticketId: string | null
  /** Null where it is not known yet. */
  readonly address: string | null
  /** When anything was last recorded of the ticket. */
  readonly since: string | null
  readonly repair: string
}

export type Reconciled = {
  /** Tickets that were compared. */
  readonly checked: number
  /** Of these, changed so lately that they may still be on their way. */
  readonly underway: number
  readonly mismatches: number
}

export type Reconciling = {
  /** Of one event alone. */
  readonly eventId?: string | undefined
  /** Hears of each mismatch as it is found; with what was compared, where there is a ticket. */
  readonly found: (mismatch: Mismatch, compared?: Compared) => Promise<void>
  readonly passed?: (position: Position) => void
}

export type Compared = { readonly copied: Copied; readonly standing: Standing }

/** How long a change may be on its way before it counts as not sent. Finality takes 13 s, and a failed try waits for its next. */
const PATIENCE = minutes(2)

/**
 * Compares every ticket ever sold with its account, token and holder on chain, and every account with the tickets. Tickets that left
 * the chain for good, and events without a copy, are passed over. Throws ChainUnavailable.
 */
export const reconcile = async (deps: ReconcileDeps, { eventId, found, passed }: Reconciling): Promise<Reconciled> => {
  const tally = { checked: 0, underway: 0, mismatches: 0 }
  const onChain = new Map<string, number>()
  const tell: Reconciling['found'] = async (mismatch, compared) => {
    tally.mismatches++
    await found(mismatch, compared)
  }

  // Without the cache: it would lose all that is in use for what is looked at once an hour.
  const { cache: _, ...streams } = deps
  const until = await deps.ledger.head()
  for await (const { ticketIds, position } of soldTickets(deps.ledger, { until, eventId })) {
    const compared = await compare(streams, ticketIds)
    for (const { copied, standing } of compared) {
      const { eventId } = copied.wanted
      onChain.set(eventId, (onChain.get(eventId) ?? 0) + (standing.found ? 1 : 0))
    }
    tally.checked += compared.length
    const differing = compared.filter((one) => causeOf(one) !== null)
    const isSame = await unchanged(streams, differing)
    for (const one of differing) {
      const cause = causeOf(one)!
      const isLate = deps.now() >= plus(one.copied.changedAt, PATIENCE)
      if (isSame(one) && (isLate || cause !== 'not_yet_sent')) await tell(mismatchOf(cause, one), one)
      else tally.underway++
    }
    passed?.(position)
  }
  for (const [eventId, expected] of onChain) await strangersOf(streams, eventId, expected, tell)
  return tally
}

const compare = async (deps: ReconcileDeps, ticketIds: readonly string[]): Promise<readonly Compared[]> => {
  const copies = await copiesOf(deps, ticketIds)
  const standings = await deps.chain.find(copies.map(({ wanted }) => wanted))
  return copies.map((copied, i) => ({ copied, standing: standings[i]! }))
}

/** Whether a ticket is still what was compared with the chain: one that changed meanwhile was compared with what is to be there next. */
const unchanged = async (deps: ReconcileDeps, compared: readonly Compared[]) => {
  const copies = await copiesOf(
    deps,
    compared.map(({ copied }) => copied.wanted.ticketId),
  )
  const now = new Map(copies.map(({ wanted, known }) => [wanted.ticketId, known]))
  return ({ copied: { wanted, known } }: Compared): boolean => {
    const { version, settled } = now.get(wanted.ticketId) ?? {}
    return version === known.version && settled === known.settled
  }
}

const causeOf = ({ copied, standing }: Compared): Cause | null => {
  const { settled, version, trouble } = copied.known
  const seen = troubleOf(copied, standing)
  // What was sent may be final by now, and not recorded yet; a doubt stands until the ticket settles again.
  if (seen === null) return settled === version ? trouble : null
  // What stands there at this version or beyond, no other try replaces.
  if (settled === version || (seen !== 'unknown_on_chain' && seen !== 'version_behind')) return seen
  return trouble === 'failed' ? 'failed' : 'not_yet_sent'
}

const mismatchOf = (cause: Cause, { copied: { wanted, changedAt }, standing }: Compared): Mismatch => ({
  cause,
  eventId: wanted.eventId,
  ticketId: wanted.ticketId,
  address: standing.ticketAddress,
  since: changedAt,
  repair: repairs[cause],
})

/** Accounts of an event that no ticket has. Only where there are more of them than tickets were found is it asked which. */
const strangersOf = async (
  deps: ReconcileDeps,
  eventId: string,
  expected: number,
  tell: Reconciling['found'],
): Promise<void> => {
  let accounts = 0
  for await (const page of deps.chain.ticketsOf(eventId)) accounts += page.length
  if (accounts <= expected) return

  const strangers = new Set<string>()
  for await (const page of deps.chain.ticketsOf(eventId)) for (const address of page) strangers.add(address)
  // Read after the accounts, for a ticket is sold before it has one.
  const until = await deps.ledger.head()
  for await (const { ticketIds } of soldTickets(deps.ledger, { until, eventId })) {
    for (const { standing } of await compare(deps, ticketIds)) strangers.delete(standing.ticketAddress)
  }
  for (const address of strangers) {
    const cause = 'unknown_in_ledger'
    await tell({ cause, eventId, ticketId: null, address, since: null, repair: repairs[cause] })
  }
}

/** Shows a ticket as differing until it settles again. What is only late is not: it shows as pending, or as failed, by itself. */
export const doubt = async (deps: HandleDeps, { cause }: Mismatch, compared: Compared | undefined): Promise<void> => {
  if (!compared || cause === 'not_yet_sent' || cause === 'failed' || cause === 'unknown_in_ledger') return
  const { version } = compared.copied.known
  await tellTicket(deps, compared, `doubt/${deps.now()}`, { type: 'DoubtTicket', version, trouble: cause })
}

/** Has a ticket sent anew, as a version beyond any that was seen on chain. False where there is no ticket to send. */
export const orderRepair = async (deps: HandleDeps, compared: Compared | undefined): Promise<boolean> => {
  if (!compared) return false
  const { copied, standing } = compared
  const { version } = copied.known
  await tellTicket(deps, compared, `repair/${version}`, {
    type: 'RepairTicket',
    version,
    beyond: standing.found?.version ?? 0,
  })
  return true
}

const tellTicket = async (deps: HandleDeps, { copied }: Compared, step: string, command: CopyCommand) => {
  const { tenant, orderId, wanted } = copied
  const context: Context = {
    commandId: stepIdOf(wanted.ticketId, step),
    correlationId: orderId,
    tenant,
    actor: { id: 'reconciliation', role: 'process' },
    request: '',
  }
  const outcome = await handle(deps, ticket, wanted.ticketId, command, context)
  if (!outcome.done) throw new Error(`${command.type} of ticket ${wanted.ticketId} was refused: ${outcome.refused}`)
}
