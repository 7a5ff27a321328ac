import { type Position, START } from '../../domain/fact.ts'
import type { CopyCommand } from '../../domain/ticket/copying.ts'
import { type Cause, repairs } from '../../domain/ticket/mismatch.ts'
import { ticket } from '../../domain/ticket/ticket.ts'
import { minutes, plus } from '../../domain/time.ts'
import type { Intents } from '../../domain/vault.ts'
import { type Context, type Deps as HandleDeps, handle } from '../handle.ts'
import { stepIdOf } from '../ids.ts'
import type { Chain, Standing } from './chain.ts'
import { CHAIN_SYNC } from './chain-sync.ts'
import { type Copied, type CopyDeps, copiesOf, troubleOf } from './copies.ts'
import { soldTickets } from './sold-tickets.ts'

export type ReconcileDeps = HandleDeps &
  CopyDeps & {
    readonly chain: Pick<Chain, 'find' | 'accounts'>
    /** How far chain-sync has come. */
    readonly intents: Pick<Intents, 'positionOf' | 'backlog'>
  }

export type Mismatch = {
  readonly cause: Cause
  /** Null for an account under an event that sold nothing here. */
  readonly eventId: string | null
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
  const known = new Map<string, KnownEvent>()
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
      const accounts = (known.get(standing.eventAddress)?.accounts ?? 0) + (standing.found ? 1 : 0)
      known.set(standing.eventAddress, { eventId, accounts })
    }
    tally.checked += compared.length
    const differing = compared.filter((one) => causeOf(one) !== null)
    const isSame = await unchanged(streams, differing)
    for (const one of differing) {
      const cause = causeOf(one)!
      const isUnderway = cause === 'not_yet_sent' && (await isOnItsWay(streams, one, until))
      if (isSame(one) && !isUnderway) await tell(mismatchOf(cause, one), one)
      else tally.underway++
    }
    passed?.(position)
  }
  for (const stranger of await strangersTo(streams, known, eventId)) await tell(stranger)
  return tally
}

/** An event that sold tickets here, and how many of them have an account. */
type KnownEvent = { readonly eventId: string; readonly accounts: number }

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
  if (isOtherWallet(copied, standing)) return 'not_yet_sent'
  if (settled === version || (seen !== 'unknown_on_chain' && seen !== 'version_behind')) return seen
  return trouble === 'failed' ? 'failed' : 'not_yet_sent'
}

/**
 * Whether account and token are with another holder at the very version that is wanted. Nobody can change them without a newer one, so
 * it is the holder's wallet that changed: linked or unlinked, and the ticket has not followed yet.
 */
const isOtherWallet = ({ wanted }: Copied, { holder, found }: Standing): boolean =>
  found?.version === wanted.version &&
  found.holder !== holder &&
  (found.tokenHolder === null || found.tokenHolder === found.holder)

/** Whether a change may still be on its way: a late one, or one of a wallet, which the ticket's own facts do not date. */
const isOnItsWay = async (deps: ReconcileDeps, { copied, standing }: Compared, until: Position): Promise<boolean> => {
  if (!isOtherWallet(copied, standing)) return deps.now() < plus(copied.changedAt, PATIENCE)
  const [position, { open }] = await Promise.all([
    deps.intents.positionOf(CHAIN_SYNC),
    deps.intents.backlog(CHAIN_SYNC),
  ])
  return open > 0 || (position ?? START) < until
}

const mismatchOf = (cause: Cause, { copied: { wanted, changedAt }, standing }: Compared): Mismatch => ({
  cause,
  eventId: wanted.eventId,
  ticketId: wanted.ticketId,
  address: standing.ticketAddress,
  since: changedAt,
  repair: repairs[cause],
})

/** Accounts that no ticket has. Only of events with more of them than tickets were found it is asked which, for there are many. */
const strangersTo = async (
  deps: ReconcileDeps,
  known: ReadonlyMap<string, KnownEvent>,
  eventId: string | undefined,
): Promise<readonly Mismatch[]> => {
  const counted = new Map<string, number>()
  for await (const page of deps.chain.accounts())
    for (const { eventAddress } of page) counted.set(eventAddress, (counted.get(eventAddress) ?? 0) + 1)
  const isLooked = (address: string) => eventId === undefined || known.get(address)?.eventId === eventId
  const crowded = [...counted].filter(
    ([address, count]) => isLooked(address) && count > (known.get(address)?.accounts ?? 0),
  )
  if (crowded.length === 0) return []

  const strangers = new Map<string, string>()
  const suspected = new Set(crowded.map(([address]) => address))
  for await (const page of deps.chain.accounts())
    for (const { ticketAddress, eventAddress } of page)
      if (suspected.has(eventAddress)) strangers.set(ticketAddress, eventAddress)
  // Read after the accounts, for a ticket is sold before it has one.
  const until = await deps.ledger.head()
  for await (const { ticketIds } of soldTickets(deps.ledger, { until, eventId }))
    for (const { standing } of await compare(deps, ticketIds)) strangers.delete(standing.ticketAddress)
  const cause = 'unknown_in_ledger'
  return [...strangers].map(([address, eventAddress]) => ({
    ...{ cause, ticketId: null, address, since: null, repair: repairs[cause] },
    eventId: known.get(eventAddress)?.eventId ?? null,
  }))
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
