import { type EventCommand, event } from '../../domain/event/event.ts'
import { DEFAULT_RULES, type ResaleRules } from '../../domain/event/rules.ts'
import type { Refusal } from '../../domain/refusals.ts'
import { poolSlot } from '../../domain/slot.ts'
import { load } from '../../domain/stream.ts'
import type { Held } from '../../domain/ticket/state.ts'
import { type TicketCommand, ticket } from '../../domain/ticket/ticket.ts'
import { type Context, handle } from '../handle.ts'
import { commandIdOf, requestHash, stepIdOf, ticketIdOf } from '../ids.ts'
import { EVENT, insist, orderWorld, personId, TENANT } from '../order-process.world.ts'
import type { Placing } from '../ordering.ts'
import type { Card } from '../payments.ts'
import { buyListing } from './buying.ts'
import { type KnownListing, type Listed, listTicket, repriceListing, withdrawListing } from './listing.ts'
import { releaseOrphanClaims } from './orphan-claims.ts'

export const TICKET = ticketIdOf(EVENT, poolSlot('GA', 1), 1)
export const ASKED = 6_000

type Options = Parameters<typeof orderWorld>[0] & {
  /** What the event says of resale when the seller buys. */
  readonly rules?: Partial<ResaleRules>
}

/** The world of orders with one ticket on the market: `seller` bought it, and lists it. Trouble begins once it is listed. */
export const marketWorld = async ({
  tick = async () => {},
  faults = [],
  delays = [],
  rules,
  ...options
}: Options = {}) => {
  const troubles = { begun: false, faults: [] as typeof faults, delays: [] as typeof delays }
  const w = await orderWorld({
    ...options,
    faults: troubles.faults,
    delays: troubles.delays,
    tick: async () => {
      if (troubles.begun) await tick()
    },
  })
  const { deps } = w
  let asked = 0
  const contextOf = (name: string, operation: string, what: unknown, key = `${asked++}`): Context => {
    const actor = { id: personId(name), role: 'attendee' } as const
    const commandId = commandIdOf({ tenant: TENANT, actorId: actor.id, operation, target: '', idempotencyKey: key })
    return { commandId, correlationId: commandId, tenant: TENANT, actor, request: requestHash(what) }
  }
  const onTicket = (command: TicketCommand) =>
    insist(() => handle(deps, ticket, TICKET, command, contextOf('staff', command.type, command)))
  const onEvent = (command: EventCommand) =>
    insist(() => handle(deps, event, EVENT, command, contextOf('staff', command.type, command)))
  const setRules = (differing: Partial<ResaleRules>) =>
    onEvent({ type: 'SetResaleRules', rules: { ...DEFAULT_RULES.resale, ...differing } })

  const list = (amount = ASKED, currency?: string, by = 'seller') =>
    insist(() => listTicket(deps, TICKET, { amount, currency }, contextOf(by, 'ListTicket', amount)))
  const standing = async (outcome: ReturnType<typeof list>): Promise<Listed> => {
    const listed = await outcome
    if ('refused' in listed) throw new Error(`refused: ${listed.refused}`)
    return listed
  }

  if (rules) await setRules(rules)
  await w.settle(await w.buy('seller', 1))
  const listing: KnownListing = await standing(list(Math.min(ASKED, rules?.cap ? 5_000 : ASKED)))
  troubles.begun = true
  troubles.faults.push(...faults)
  troubles.delays.push(...delays)

  /** The same request each time that the same person asks with the same key. */
  const claim = async (name: string, { amount = ASKED, key = 'the same', of = listing, currency = 'EUR' } = {}) => {
    const asked = contextOf(name, 'BuyListing', { amount, of: of.listingId }, key)
    const orderId = stepIdOf(asked.commandId, 'order')
    const purchase = { listing: of, buyerId: personId(name), price: { amount, currency } }
    const context = { ...asked, correlationId: orderId }
    const placing: Placing = await insist(() => buyListing(deps, orderId, purchase, context))
    return { orderId, placing }
  }

  return {
    ...w,
    listing,
    list,
    standing,
    setRules,
    onTicket,
    onEvent,
    claim,
    /** As a buyer does who is not put off: the same key until there is an answer, and then the card. */
    purchase: async (name: string, card: Card = 'good'): Promise<string> => {
      const { orderId, placing } = await claim(name)
      if ('placed' in placing) await w.enterCard(orderId, card)
      return orderId
    },
    reprice: (amount: number) =>
      insist(() => repriceListing(deps, listing, { amount }, contextOf('seller', 'RepriceListing', amount))),
    withdraw: () => insist(() => withdrawListing(deps, listing, contextOf('seller', 'DelistTicket', ''))),
    lock: () => onTicket({ type: 'LockTicket', lockId: stepIdOf(EVENT, `lock ${asked}`), reason: 'dispute' }),
    /** As the worker does that finds claims left over; its view may name some that are none. */
    cleanUp: () =>
      insist(() =>
        releaseOrphanClaims({
          ...deps,
          claims: async () => {
            const { claim } = await held()
            return claim
              ? [{ tenant: TENANT, ticketId: TICKET, orderId: claim.orderId, expiresAt: claim.expiresAt }]
              : []
          },
        }),
      ),
    held: () => held(),
  }

  async function held(): Promise<Held> {
    const { state } = await load({ ledger: deps.ledger }, ticket, TICKET)
    if (state.status !== 'held') throw new Error(`the ticket is ${state.status}`)
    return state
  }
}

export const refusedOf = (outcome: object): Refusal | undefined =>
  'refused' in outcome ? (outcome.refused as Refusal) : undefined
