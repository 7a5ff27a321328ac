import { z } from 'zod'
import { event } from '../../domain/event/event.ts'
import { idOf } from '../../domain/fact.ts'
import { Id } from '../../domain/id.ts'
import { sum } from '../../domain/money.ts'
import type { EndReason } from '../../domain/order/facts.ts'
import { order } from '../../domain/order/order.ts'
import { payment } from '../../domain/payment.ts'
import { load, type Streams } from '../../domain/stream.ts'
import type { Intent, People } from '../../domain/vault.ts'
import { venue } from '../../domain/venue.ts'
import type { Reactor } from '../reactors/reactor.ts'
import { htmlOf, type Letter, textOf } from './letter.ts'
import type { Mail, Mailer } from './mailer.ts'
import { type OrderLetter, orderCancelled, orderConfirmed, orderRefunded } from './order-letters.ts'
import { languageOf } from './words.ts'

export type MailDeps = Streams & {
  readonly people: Pick<People, 'find'>
  readonly mailer: Pick<Mailer, 'send'>
  /** Where people find their tickets: what links in mails begin with. */
  readonly publicUrl: string
}

/** What an intent says. Who it is for is looked up when it is sent. */
const Wanted = z.object({ mail: z.enum(['order-confirmed', 'order-cancelled', 'order-refunded']), orderId: Id })
type Wanted = z.infer<typeof Wanted>

/**
 * Mails people what they need to know, once per fact. It begins with the next fact: whoever switches it on over a ledger that is years
 * old writes to nobody about what is long past.
 */
export const mailReactor = (deps: MailDeps): Reactor => ({
  name: 'mail',
  begins: 'with-the-next-fact',
  withinSeconds: 30,
  wants: {
    OrderConfirmed: ({ stream }) => [wanted('order-confirmed', stream)],
    OrderCancelled: ({ stream, data }) => (wasToldAtOnce(data.reason) ? [] : [wanted('order-cancelled', stream)]),
    OrderRefunded: ({ stream }) => [wanted('order-refunded', stream)],
  },
  together: 1,
  act: async ([intent], signal) => {
    const mail = await mailOf(deps, intent!)
    return [mail ? await deps.mailer.send(mail, signal) : 'done']
  },
})

const wanted = (mail: Wanted['mail'], stream: string): Wanted => ({ mail, orderId: idOf(stream) })

/** In the answer to the very request that placed the order. */
const wasToldAtOnce = (reason: EndReason): boolean =>
  reason === 'limit_reached' || reason === 'tickets_taken' || reason === 'not_chargeable'

/** A letter, and who is to read it. */
type Addressed = Pick<Mail, 'tenant' | 'to'> & { readonly language: string; readonly letter: Letter }

/** Undefined where there is nothing to say any more, or nobody to say it to: they told no address, or were erased. */
const mailOf = async (deps: MailDeps, { id, data }: Intent): Promise<Mail | undefined> => {
  const addressed = await addressedBy(deps, Wanted.parse(data))
  if (!addressed) return undefined
  const { tenant, to, language, letter } = addressed
  return { id, tenant, to, subject: letter.subject, text: textOf(letter), html: htmlOf(letter, language) }
}

const addressedBy = (deps: MailDeps, { mail, orderId }: Wanted): Promise<Addressed | undefined> => {
  switch (mail) {
    case 'order-confirmed':
      return toPayer(deps, orderId, 'confirmed', orderConfirmed)
    case 'order-cancelled':
      return toPayer(deps, orderId, 'cancelled', orderCancelled)
    case 'order-refunded':
      return toPayer(deps, orderId, 'refunded', orderRefunded)
  }
}

/** As long as the order still is what the letter says of it. What a service sold, it tells of itself. */
const toPayer = async (
  deps: MailDeps,
  orderId: string,
  status: 'confirmed' | 'cancelled' | 'refunded',
  letter: OrderLetter,
): Promise<Addressed | undefined> => {
  const { state, tenant } = await load(deps, order, orderId)
  if (state.status !== status || state.placed.kind === 'external') return undefined
  const { placed, reason } = state
  // Before all else is gathered, for most have told none.
  const person = await deps.people.find(placed.payerId)
  if (!person?.email) return undefined
  const refunded = await refundedOf(deps, placed.payments)
  // A basket that nobody paid for: its owner left it, and was promised nothing.
  if (reason === 'lapsed' && refunded === 0) return undefined
  const [happening, place] = await Promise.all([load(deps, event, placed.eventId), load(deps, venue, placed.venueId)])
  if (happening.state.status === 'unknown' || place.state.status === 'unknown')
    throw new Error(`order ${orderId} is for event ${placed.eventId} at venue ${placed.venueId}: one has no stream`)
  const { details, types } = happening.state
  const venueName = place.state.details.name
  const subject = { orderId, placed, event: details, types, venueName, reason, refunded, publicUrl: deps.publicUrl }
  const language = languageOf(person.locale)
  return {
    tenant: tenant!,
    to: { name: person.name, address: person.email },
    language: language.locale,
    letter: letter({ ...subject, payerName: person.name }, language),
  }
}

const refundedOf = async (deps: Streams, payments: readonly { readonly paymentId: string }[]): Promise<number> => {
  const states = await Promise.all(payments.map(({ paymentId }) => load(deps, payment, paymentId)))
  return sum(states.flatMap(({ state }) => (state.status === 'new' ? [] : [...state.refunds.values()])))
}
