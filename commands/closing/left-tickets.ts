import { load } from '../../domain/stream.ts'
import { ticket } from '../../domain/ticket/ticket.ts'
import type { Context, Deps as HandleDeps, Outcome } from '../handle.ts'
import { stepIdOf } from '../ids.ts'
import { inTurns } from '../in-turns.ts'

/** An event that something befell, whose tickets are to follow. */
export type Befallen = { readonly tenant: string; readonly eventId: string }

/** What the read models know to be left. They may lag, so whoever acts on them asks the streams first. */
export type Left = {
  readonly events: () => Promise<readonly Befallen[]>
  /** By id, from the one after `after` on. */
  readonly tickets: (event: Befallen, after: string | undefined, limit: number) => Promise<readonly string[]>
}

/** Tickets: those that are dealt with, and those that cannot be now. */
export type Swept = { readonly done: number; readonly refused: number }

export type SweepDeps = HandleDeps & {
  /** Aborts when the process is to end: the rest is left to another one, or another day. */
  readonly closing: AbortSignal
  /** Resolves once nothing that somebody waits for is held up by going on. */
  readonly giveWay: () => Promise<void>
}

/** What is in memory at once. */
const PAGE = 500

/** How many go on until purchases are given way to, and how many of these at once. */
const STRIDE = { tickets: 50, atOnce: 4 }

/**
 * Does something with each ticket that is left of these events, page by page. What is left says what is to do, so it may end anywhere
 * and begin again. Throws once all had their turn, if some broke.
 */
export const sweep = async (
  { closing, giveWay }: SweepDeps,
  left: Pick<Left, 'tickets'>,
  events: readonly Befallen[],
  deal: (ticketId: string, event: Befallen) => Promise<Outcome<string>>,
): Promise<Swept> => {
  let [done, refused] = [0, 0]
  const broken: unknown[] = []
  for (const event of events)
    for await (const ticketIds of strides(left, event)) {
      if (closing.aborted) break
      const one = async (ticketId: string) => {
        if ((await deal(ticketId, event)).done) done++
        else refused++
      }
      await inTurns(ticketIds, one, STRIDE.atOnce).catch((error: unknown) => broken.push(error))
      await giveWay()
    }
  if (broken.length > 0) throw new AggregateError(broken, `not all tickets could be dealt with, only ${done}`)
  return { done, refused }
}

async function* strides(left: Pick<Left, 'tickets'>, event: Befallen): AsyncGenerator<readonly string[], void> {
  for (let after: string | undefined; ; ) {
    const page = await left.tickets(event, after, PAGE)
    for (let at = 0; at < page.length; at += STRIDE.tickets) yield page.slice(at, at + STRIDE.tickets)
    if (page.length < PAGE) return
    after = page.at(-1)
  }
}

/** Of a worker's command: the same for a ticket and an occasion, however often it is sent. */
export const workersContext = async (
  deps: HandleDeps,
  { ticketId, tenant, worker, occasion }: { ticketId: string; tenant: string; worker: string; occasion: string },
): Promise<Context> => {
  const { state } = await load(deps, ticket, ticketId)
  return {
    commandId: stepIdOf(ticketId, occasion),
    correlationId: 'sale' in state ? state.sale.orderId : ticketId,
    tenant,
    actor: { id: worker, role: 'process' },
    request: '',
  }
}
