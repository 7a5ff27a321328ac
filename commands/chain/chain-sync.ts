import { z } from 'zod'
import { idOf } from '../../domain/fact.ts'
import { Id } from '../../domain/id.ts'
import type { Known } from '../../domain/registry.ts'
import { copiedFacts } from '../../domain/ticket/copy.ts'
import { ticket } from '../../domain/ticket/ticket.ts'
import { handle } from '../handle.ts'
import { stepIdOf } from '../ids.ts'
import type { Acted, Reactor } from '../reactors/reactor.ts'
import { copiesOf, isBehind, isCopiedEvent } from './copies.ts'
import { type SettleDeps, type Settling, settling, tidy } from './settling.ts'
import { takingTurns } from './taking-turns.ts'

export type ChainSyncDeps = SettleDeps & {
  /** All tickets that a person holds, in every tenant, as of now. Throws Unavailable where that cannot be told yet. */
  readonly heldBy: (personId: string) => Promise<readonly { tenant: string; ticketId: string }[]>
}

/** Its name, as the vault knows it. */
export const CHAIN_SYNC = 'chain-sync'

/** What an intent says: a ticket changed, a person's wallet did, or when an event is. How things are is looked up when it is acted on. */
const TicketChanged = z.object({ ticketId: Id })
const WalletChanged = z.object({ personId: Id, personFactId: Id })
const EventMoved = z.object({ eventId: Id })
const Wanted = z.union([TicketChanged, WalletChanged, EventMoved])

/**
 * Keeps the copy on chain like the ledger: of each ticket the newest state, several tickets to a transaction. What is final there is
 * recorded on the ticket, under the intent's id. It begins with the first fact, for every ticket ever sold is to be there.
 */
export const chainSync = (deps: ChainSyncDeps): Reactor => {
  const settle = settling(deps)
  const oneByOne = takingTurns()

  /** One event's tickets together, so that one that cannot be opened keeps no other waiting. */
  const settleAll = async (tickets: readonly Settling[], signal: AbortSignal): Promise<ReadonlyMap<string, Acted>> => {
    const byEvent = Map.groupBy(tickets, ({ wanted }) => wanted.eventId)
    const acted = await Promise.all(
      [...byEvent].map(async ([eventId, group]) => {
        const outcomes = await settle(eventId, group, signal).catch((error: unknown) =>
          group.map(() => failedBy(error)),
        )
        return group.map(({ wanted }, i) => [wanted.ticketId, outcomes[i]!] as const)
      }),
    )
    return new Map(acted.flat())
  }

  /** It closes there at another time. */
  const followEvent = async ({ eventId }: z.infer<typeof EventMoved>, signal: AbortSignal): Promise<Acted> => {
    try {
      if (await isCopiedEvent(deps, eventId, deps.now())) await settle(eventId, [], signal)
      return 'done'
    } catch (error) {
      return failedBy(error)
    }
  }

  return {
    name: CHAIN_SYNC,
    begins: 'with-the-first-fact',
    together: 100,
    // About twice what finality takes. What is not final by then stays known, and is looked at again.
    withinSeconds: 45,
    wants: {
      ...Object.fromEntries(copiedFacts.map((type) => [type, ticketChanged])),
      PersonWalletLinked: walletChanged,
      PersonWalletUnlinked: walletChanged,
      PersonErased: walletChanged,
      EventRescheduled: ({ stream }) => [{ eventId: idOf(stream) }],
    },
    act: async (intents, signal) => {
      const wanted = intents.map(({ id, data }) => ({ id, about: Wanted.parse(data) }))
      const ofTickets = new Map(wanted.flatMap(({ id, about }) => ('ticketId' in about ? [[about.ticketId, id]] : [])))
      const acted = await oneByOne([...ofTickets.keys()], async () => {
        const copies = await copiesOf(deps, [...ofTickets.keys()])
        const behind = copies
          .filter((copied) => isBehind(copied) && deps.now() < copied.closesAt)
          .map((copied) => ({ ...copied, intentId: ofTickets.get(copied.wanted.ticketId)! }))
        const outcomes = await settleAll(behind, signal)
        await tidy(
          deps,
          copies.filter((copied) => !isBehind(copied)),
        )
        return outcomes
      })
      return Promise.all(
        wanted.map(async ({ about }) => {
          if ('ticketId' in about) return acted.get(about.ticketId) ?? 'done'
          return 'eventId' in about ? followEvent(about, signal) : followWallet(deps, about).catch(failedBy)
        }),
      )
    },
  }
}

const ticketChanged = ({ stream }: Known) => [{ ticketId: idOf(stream) }]

/** People link and unlink wallets themselves, and are erased on their own wish. */
const walletChanged = ({ id, metadata }: Known) => [{ personId: metadata.actor.id, personFactId: id }]

/** Each ticket of the person changes, and so comes back here as one of its own. */
const followWallet = async (
  deps: ChainSyncDeps,
  { personId, personFactId }: z.infer<typeof WalletChanged>,
): Promise<Acted> => {
  for (const { tenant, ticketId } of await deps.heldBy(personId)) {
    const context = {
      commandId: stepIdOf(personFactId, ticketId),
      correlationId: personFactId,
      tenant,
      actor: { id: 'chain-sync', role: 'process' } as const,
      request: '',
    }
    await handle(deps, ticket, ticketId, { type: 'FollowWallet', holderId: personId, personFactId }, context)
  }
  return 'done'
}

const failedBy = (error: unknown) => ({ failed: error instanceof Error ? error.message : String(error) })
