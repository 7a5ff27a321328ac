import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer, Asked } from './caller.ts'
import type { GivenAnswer, ListingAnswer, OrderAnswer } from './history.ts'
import { settle } from './paying.ts'
import type { Person, ShopDeps } from './shopper.ts'
import { emailOf, oneOfTheLast } from './square.ts'

type Mine = {
  readonly ticketId: string
  readonly eventId: string
  readonly status: string
  readonly priceCents: number
}

const HELD: ReadonlySet<string> = new Set(['ACTIVE', 'TRANSFERRED'])

/** What a person does with a ticket besides showing it. All of it is tried with what cannot be moved, too. */
export const holding = ({ caller, chance, personId }: Person, { programme, square, people }: ShopDeps) => {
  const others = people.filter((one) => one.personId !== personId)

  const mine = async (): Promise<Mine | undefined> => {
    const { body } = await caller.ask<{ items?: Mine[] }>('GET', '/tickets?limit=40')
    const tickets = (body.items ?? []).filter(({ status }) => HELD.has(status) || chance.happens(0.05))
    return tickets.length > 0 ? chance.oneOf(tickets) : undefined
  }

  /** Now and then once more under the same key, and now and then with another body under it. */
  const twice = async <T>(
    method: 'POST' | 'PUT' | 'DELETE',
    path: string,
    asked: Asked,
    other?: object,
  ): Promise<Answer<T>> => {
    const first = await caller.ask<T>(method, path, asked)
    const again = { ...asked, key: first.key! }
    if (chance.happens(0.1)) await caller.ask(method, path, again)
    if (other && first.isAccepted && chance.happens(0.1)) await caller.ask(method, path, { ...again, body: other })
    return first
  }

  /** Now and then with a code of it in the pocket, which is shown to a gate once it is done. */
  const withCode = async ({ ticketId, eventId }: Mine, act: () => Promise<unknown>) => {
    const gates = programme.events.find((event) => event.eventId === eventId)?.gates
    const shown = chance.happens(0.35)
      ? await caller.ask<{ code: string }>('GET', `/tickets/${ticketId}/qr`, { wish: 'code' })
      : undefined
    await act()
    if (gates && shown?.isAccepted)
      await chance.oneOf(gates).ask('POST', '/scan', { wish: 'scan', body: { code: shown.body.code } })
  }

  const give = async () => {
    const ticket = await mine()
    if (ticket) await withCode(ticket, () => giveAway(ticket))
  }

  const giveAway = async ({ ticketId }: Mine): Promise<unknown> => {
    const one = chance.oneOf(others)
    const transfer = (toPersonId: string, needsAcceptance: boolean) =>
      given(one, '/transfer', { ticketId, toPersonId, needsAcceptance }, { ticketId, toPersonId: personId })
    const gift = (email: string) =>
      given(one, '/transfers/gift', { ticketId, email }, { ticketId, email: 'x@example.org' })
    switch (chance.weighted({ gift: 30, stranger: 15, transfer: 25, offer: 15, both: 10, self: 5 })) {
      case 'gift':
        return gift(emailOf(one.caller.name))
      case 'stranger':
        return gift(`stranger-${chance.between(1, 1_000)}@example.org`)
      case 'transfer':
        return transfer(one.personId, false)
      case 'offer':
        return transfer(one.personId, true)
      case 'both':
        return Promise.all([transfer(one.personId, false), gift(emailOf(chance.oneOf(others).caller.name))])
      case 'self':
        return chance.happens(0.5) ? transfer(personId, false) : gift(emailOf(caller.name))
    }
  }

  /** Tells whom it is for, and now and then somebody else too; and takes it back now and then. */
  const given = async (to: Person, path: string, body: object, other: object) => {
    const { isAccepted, body: offer } = await twice<GivenAnswer>('POST', path, { wish: 'give', body }, other)
    if (!isAccepted || offer.acceptanceCode === null) return
    const { offerId, acceptanceCode: code } = offer
    square.letters.push({ offerId, code, personId: to.personId })
    if (chance.happens(0.15)) square.letters.push({ offerId, code, personId: chance.oneOf(others).personId })
    if (chance.happens(0.2)) {
      await sleep(chance.between(0, 400))
      await twice('POST', `/transfers/${offerId}/cancel`, { wish: 'answer' })
    }
  }

  const answer = async () => {
    const letter = oneOfTheLast(
      square.letters.filter((one) => one.personId === personId),
      chance,
      5,
    )
    if (!letter) return
    const { offerId, code } = letter
    const say = (what: 'accept' | 'decline', given: string) =>
      twice('POST', `/transfers/${offerId}/${what}`, { wish: 'answer', body: { code: given } })
    switch (chance.weighted({ accept: 70, decline: 8, twice: 12, wrong: 10 })) {
      case 'accept':
        return say('accept', code)
      case 'decline':
        return say('decline', code)
      case 'twice':
        return Promise.all([say('accept', code), say(chance.oneOf(['accept', 'decline']), code)])
      case 'wrong':
        await say('accept', 'WRNG-C0DE')
        return say('accept', code)
    }
  }

  /** Lists a ticket, and then asks another price for it, or withdraws it, or both, or neither. */
  const sell = async () => {
    const ticket = await mine()
    if (!ticket) return
    const { ticketId, priceCents } = ticket
    const price = () => (chance.happens(0.05) ? chance.oneOf([0, -100]) : priceCents + chance.between(1, 3_000))
    const body = { ticketId, priceCents: price() }
    const other = { ...body, priceCents: body.priceCents + 7 }
    const listed = await twice<ListingAnswer>('POST', '/listings', { wish: 'list', body }, other)
    if (!listed.isAccepted) return
    const path = `/listings/${listed.body.listingId}`
    await sleep(chance.between(0, 600))
    if (chance.happens(0.2)) await twice('PUT', path, { wish: 'list', body: { priceCents: price() } })
    if (chance.happens(0.15)) await twice('DELETE', path, { wish: 'list' })
  }

  const forSale = async (): Promise<ListingAnswer | undefined> => {
    for (const { eventId } of programme.events.slice(-4)) {
      const { body } = await caller.ask<{ items?: ListingAnswer[] }>('GET', `/events/${eventId}/listings`)
      const items = body.items ?? []
      if (items.length > 0 && chance.happens(0.7)) return chance.oneOf(items)
    }
    return undefined
  }

  /** Buys what somebody else sells on, at the price that it saw or, now and then, at another. */
  const trade = async () => {
    const listing = await forSale()
    if (!listing) return
    const { listingId, price } = listing
    const wanted = { listingId, priceCents: price!.amount + (chance.happens(0.05) ? 1 : 0) }
    const other = { ...wanted, priceCents: wanted.priceCents + 5 }
    const placed = await twice<OrderAnswer>('POST', '/transfers/purchase', { wish: 'place', body: wanted }, other)
    if (!placed.isAccepted) return
    await settle({ caller, chance }, square, placed)
    const path = `/orders/${placed.body.orderId}?wait=${chance.between(1, 4)}s`
    const { body: seen } = await caller.ask<OrderAnswer>('GET', path, { wish: 'order' })
    if (!seen.ticketIds) return
    square.orders.push(seen.orderId)
    square.tickets.push(...seen.ticketIds)
  }

  /** Misses a ticket, and finds it again now and then. */
  const lose = async () => {
    const ticket = await mine()
    if (ticket) await withCode(ticket, () => miss(ticket))
  }

  const miss = async (ticket: Mine) => {
    const path = `/tickets/${ticket.ticketId}/report`
    const body = { kind: chance.oneOf(['lost', 'stolen']) }
    const { isAccepted } = await twice('POST', path, { wish: 'report', body })
    square.tickets.push(ticket.ticketId)
    if (!isAccepted || chance.happens(0.6)) return
    await sleep(chance.between(0, 1_000))
    await twice('DELETE', path, { wish: 'report' })
  }

  return { give, answer, sell, trade, lose }
}
