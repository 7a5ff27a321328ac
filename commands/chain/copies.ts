import { type Drafted, event } from '../../domain/event/event.ts'
import type { EventDetails } from '../../domain/event/facts.ts'
import { load, type Streams } from '../../domain/stream.ts'
import type { Copy } from '../../domain/ticket/copy.ts'
import type { CopyTrouble } from '../../domain/ticket/facts.ts'
import type { Closed, Held } from '../../domain/ticket/state.ts'
import { ticket } from '../../domain/ticket/ticket.ts'
import { days, plus } from '../../domain/time.ts'
import type { Wallets } from '../../domain/vault.ts'
import type { EventCopy, Standing, TicketCopy } from './chain.ts'

export type CopyDeps = Streams & {
  readonly wallets: Pick<Wallets, 'find'>
  /** Where wallets find what they show of an event's tickets. */
  readonly tokenUri: (eventId: string) => string
}

/** A ticket that its event copies to the chain: what is to be there, and what the ledger knows of it. */
export type Copied = {
  readonly tenant: string
  /** That it was sold under. */
  readonly orderId: string
  readonly wanted: TicketCopy
  readonly hasTokens: boolean
  readonly known: Copy
  /** When anything was last recorded of it. */
  readonly changedAt: string
  /** From then on nothing changes on chain. */
  readonly closesAt: string
}

/** Whether the newest state of it is not final on chain yet. */
export const isBehind = ({ known }: Pick<Copied, 'known'>): boolean => known.settled < known.version

/** How long after an event its tickets may still change on chain: for disputes, which card schemes allow 120 days from the event at most. */
const OPEN_AFTER_END = days(120)

/** Of tickets, those that are copied: sold, of an event that keeps copies, and not gone from there for good. */
export const copiesOf = async (deps: CopyDeps, ticketIds: readonly string[]): Promise<readonly Copied[]> => {
  const tickets = await Promise.all(
    ticketIds.map(async (ticketId) => ({ ticketId, ...(await load(deps, ticket, ticketId)) })),
  )
  const sold = tickets.flatMap(({ ticketId, state, tenant, at }) =>
    'copy' in state && !state.copy.hasLeft ? [{ ticketId, state, tenant: tenant!, changedAt: at }] : [],
  )
  const eventIds = [...new Set(sold.map(({ state }) => state.sale.eventId))]
  const [events, wallets] = await Promise.all([
    Promise.all(eventIds.map(async (id) => [id, await detailsOf(deps, id)] as const)).then((all) => new Map(all)),
    deps.wallets.find([...new Set(sold.map(({ state }) => state.holderId))]),
  ])
  return sold.flatMap(({ ticketId, tenant, changedAt, state }) => {
    const { holderId } = state
    const { eventId, orderId } = state.sale
    const details = events.get(eventId)!
    if (details.chain === 'off') return []
    const { copy: known, generation } = state
    const wanted = {
      ...{ ticketId, eventId, generation, version: known.version, heldSince: known.heldSince },
      status: standingOf(state),
      wallet: wallets.get(holderId) ?? null,
    }
    return [
      { tenant, orderId, wanted, hasTokens: details.chain === 'token', known, changedAt, closesAt: closesAt(details) },
    ]
  })
}

export const eventCopyOf = async (deps: CopyDeps, eventId: string): Promise<EventCopy> => {
  const { details, reschedules } = await eventOf(deps, eventId)
  return {
    eventId,
    // When it closes follows its end, and nothing else of it ever changes there.
    version: 1 + reschedules,
    closesAt: closesAt(details),
    hasTokens: details.chain === 'token',
    name: details.name,
    uri: deps.tokenUri(eventId),
  }
}

const standingOf = (state: Held | Closed): TicketCopy['status'] => {
  if (state.status === 'closed') return 'closed'
  return state.locks.length > 0 ? 'locked' : 'active'
}

const detailsOf = async (deps: CopyDeps, eventId: string): Promise<EventDetails> =>
  (await eventOf(deps, eventId)).details

const eventOf = async (deps: CopyDeps, eventId: string): Promise<Drafted> => {
  const { state } = await load(deps, event, eventId)
  if (state.status === 'unknown') throw new Error(`event ${eventId} is to be on chain and has no stream`)
  return state
}

/** Whether an event that was moved is to be told of on chain: it keeps copies there, and is not closed for good. */
export const isCopiedEvent = async (deps: CopyDeps, eventId: string, now: string): Promise<boolean> => {
  const { details } = await eventOf(deps, eventId)
  return details.chain !== 'off' && now < closesAt(details)
}

const closesAt = ({ endsAt }: EventDetails): string => plus(endsAt, OPEN_AFTER_END)

/** What keeps a standing on chain from being what is wanted; null where it is. */
export const troubleOf = (
  { wanted, hasTokens }: Pick<Copied, 'wanted' | 'hasTokens'>,
  { holder, found }: Standing,
): Exclude<CopyTrouble, 'failed'> | null => {
  if (!found) return 'unknown_on_chain'
  if (found.version < wanted.version) return 'version_behind'
  if (found.holder !== holder) return 'holder_differs'
  if (found.status !== wanted.status || found.generation !== wanted.generation) return 'status_differs'
  if (!hasTokens || wanted.status === 'closed' || found.tokenHolder === holder) return null
  return found.tokenHolder === null ? 'mint_missing' : 'holder_differs'
}
