import { rulesFor } from '../../domain/event/event.ts'
import { sum } from '../../domain/money.ts'
import type { Line } from '../../domain/order/facts.ts'
import { order } from '../../domain/order/order.ts'
import { load } from '../../domain/stream.ts'
import type { OfferEnd } from '../../domain/ticket/facts.ts'
import { days, plus } from '../../domain/time.ts'
import type { LetterDeps } from './addressed.ts'
import { handedOver, offerEnded, offered, offerGone, received, sold, type ToldOfferEnd } from './giving-letters.ts'
import { occasionOf } from './occasion.ts'
import type { Scene, Tell, Told } from './ticket-scene.ts'

/** As long as it stands. */
export const tellOffered: Tell<'TicketOffered'> = async ({ deps, data, now }) => {
  const { offerId, expiresAt, from } = data
  if (now.status !== 'held' || now.offer?.offerId !== offerId) return undefined
  const giver = await nameOf(deps, from)
  const code = deps.acceptanceCodes.codeOf(offerId)
  return { to: recipientOf(data), letter: offered({ offerId, giver, code, expiresAt }) }
}

/** What they did themselves they know, and what closed the ticket has a letter of its own. */
export const tellGiverOfEnd: Tell<'TicketOfferClosed'> = ({ data: { reason }, before: { offer }, now }) => {
  const isTheirs = now.status === 'held' && now.holderId === offer?.from
  return isTheirs && isTold(reason) ? { to: now.holderId, letter: offerEnded(reason) } : undefined
}

const isTold = (reason: OfferEnd): reason is ToldOfferEnd =>
  reason === 'lapsed' || reason === 'declined' || reason === 'too_many_tries' || reason === 'locked'

/** Unless they said no, or let it lapse, which they were told of beforehand. */
export const tellRecipientOfEnd: Tell<'TicketOfferClosed'> = ({ data: { reason }, before: { offer }, now }) => {
  if (!offer || reason === 'declined' || reason === 'lapsed' || isOver(now)) return undefined
  return { to: recipientOf(offer), letter: offerGone }
}

/** A gift is told to the address that it was made to, whoever says that it is theirs. */
const recipientOf = ({ kind, offerId, from, to }: Scene<'TicketOffered'>['data']): Told['to'] =>
  kind === 'gift' || to === null ? { offerId, from } : to

/** After its event nobody misses a ticket. */
const isOver = (now: Scene<'TicketOfferClosed'>['now']): boolean =>
  now.status === 'closed' && (now.closedAs === 'used' || now.closedAs === 'expired')

/** Unless it has come back to them. */
export const tellGiver: Tell<'TicketTransferred'> = ({ data: { from }, now }) =>
  now.holderId === from ? undefined : { to: from, letter: handedOver }

/** As long as it is theirs. */
export const tellRecipient: Tell<'TicketTransferred'> = async ({ deps, data: { from, to }, now }) => {
  if (now.status !== 'held' || now.holderId !== to) return undefined
  return { to, letter: received(await nameOf(deps, from)) }
}

/** As long as the sale stands. The buyer has the order's mail. */
export const tellSeller: Tell<'TicketResold'> = async ({ deps, data, before, now }): Promise<Told | undefined> => {
  if (now.holderId === data.from || !now.paid.some(({ orderId }) => orderId === data.orderId)) return undefined
  if (now.status === 'closed' && (now.closedAs === 'refunded' || now.closedAs === 'cancelled')) return undefined
  const { state } = await load(deps, order, data.orderId)
  const { event } = await occasionOf(deps, before.sale)
  if (state.status === 'new') throw new Error(`a ticket was sold on by order ${data.orderId}, which has no stream`)
  const { lines, terms } = state.placed
  const { payoutDays } = rulesFor(event, terms).resale
  const paidFrom = payoutDays === null ? null : plus(data.movedAt, days(payoutDays))
  return { to: data.from, letter: sold({ price: data.price, share: shareOf(lines, data), paidFrom }) }
}

/** What the seller gets, as it was agreed when the order was placed. */
const shareOf = (lines: readonly Line[], { orderId, listingId, from }: Scene<'TicketResold'>['data']): number => {
  const resale = lines.find((line) => line.resale?.listingId === listingId)?.resale
  if (!resale) throw new Error(`order ${orderId} bought listing ${listingId}, and has no line that says so`)
  return sum(resale.shares.filter(({ account }) => account === `seller:${from}`).map(({ amount }) => amount))
}

const nameOf = async ({ people }: LetterDeps, personId: string): Promise<string | null> =>
  (await people.find(personId))?.name ?? null
