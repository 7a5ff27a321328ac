import type { EventDetails, TicketType } from '../../domain/event/facts.ts'
import { format, sum } from '../../domain/money.ts'
import type { EndReason, Placed } from '../../domain/order/facts.ts'
import { type Letter, type Part, paragraph, type Row } from './letter.ts'
import { dayOf, whenOf } from './times.ts'
import type { Language } from './words.ts'

/** What a letter about an order speaks of. */
export type OrderSubject = {
  readonly orderId: string
  readonly placed: Placed
  readonly event: EventDetails
  readonly types: ReadonlyMap<string, TicketType>
  readonly venueName: string
  readonly payerName: string
  /** Why it ended; null where it did not. */
  readonly reason: EndReason | null
  /** Minor units that have gone back to the payer. */
  readonly refunded: number
  /** Where people find their tickets. */
  readonly publicUrl: string
}

export type OrderLetter = (subject: OrderSubject, language: Language) => Letter

export const orderConfirmed: OrderLetter = (subject, language) => {
  const { event, venueName, publicUrl } = subject
  const { words, locale } = language
  const { subject: title, intro } = words.confirmed
  return {
    subject: title(event.name),
    parts: [
      hello(subject, language),
      paragraph(intro),
      { kind: 'heading', text: event.name },
      paragraph(`${whenOf(event, locale)}\n${venueName}`),
      { kind: 'sums', rows: sumsOf(subject, language) },
      { kind: 'link', text: words.toYourTickets, url: publicUrl },
      orderNumber(subject, language),
    ],
  }
}

export const orderCancelled: OrderLetter = (subject, language) => ended(subject, language, language.words.cancelled)

export const orderRefunded: OrderLetter = (subject, language) => ended(subject, language, language.words.refunded)

const ended = (
  subject: OrderSubject,
  language: Language,
  { subject: title, intro }: Language['words']['cancelled'],
): Letter => {
  const { event, placed, reason, refunded } = subject
  const { words, locale } = language
  const back = words.moneyBack(format({ amount: refunded, currency: placed.currency }, locale))
  const money = placed.total === 0 ? [] : [paragraph(refunded > 0 ? back : words.notCharged)]
  return {
    subject: title(event.name),
    parts: [
      hello(subject, language),
      paragraph(`${intro(event.name)}${reason ? ` ${words.reason[reason]}` : ''}`),
      ...money,
      orderNumber(subject, language),
    ],
  }
}

const hello = ({ payerName }: OrderSubject, { words }: Language): Part => paragraph(words.hello(payerName))

const orderNumber = ({ orderId }: OrderSubject, { words }: Language): Part => ({
  kind: 'small',
  text: words.orderNumber(orderId),
})

/** Tickets by type, what comes on top, the total, and the taxes that are in it. */
const sumsOf = ({ placed, types }: OrderSubject, { words, locale }: Language): Row[] => {
  const { lines, currency, total } = placed
  const money = (amount: number) => format({ amount, currency }, locale)
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 2 })
  const taxes = lines.flatMap((line) => line.taxes)
  const named = taxes.map(({ name, basisPoints, inclusive, amount }) => ({
    label: `${name} ${percent.format(basisPoints / 10_000)}`,
    inclusive,
    amount,
  }))
  const fees = lines.flatMap((line) => line.fees).filter((fee) => fee.paidBy === 'buyer')

  const tickets = Map.groupBy(lines, ({ typeId, validDates }) =>
    labelOf(types.get(typeId)?.name ?? typeId, validDates, locale),
  )
  return [
    ...[...tickets].map(([label, some]) => ({
      label: `${some.length} × ${label}`,
      amount: money(sum(some.map(({ price }) => price))),
    })),
    ...added(
      fees.map(({ code, amount }) => ({ label: code.replaceAll('_', ' '), amount })),
      money,
    ),
    ...added(
      named.filter((tax) => !tax.inclusive),
      money,
    ),
    { label: words.total, amount: money(total), strong: true },
    ...added(
      named.filter((tax) => tax.inclusive).map((tax) => ({ ...tax, label: words.included(tax.label) })),
      money,
    ),
  ]
}

/** One row for each label, of all its amounts. */
const added = (parts: readonly { label: string; amount: number }[], money: (amount: number) => string): Row[] =>
  [...Map.groupBy(parts, ({ label }) => label)].map(([label, some]) => ({
    label,
    amount: money(sum(some.map(({ amount }) => amount))),
  }))

/** A type of ticket, and the days that it admits on. */
export const labelOf = (type: string, validDates: readonly string[] | null, locale: string): string => {
  if (!validDates) return type
  return `${type} (${validDates.map((date) => dayOf(date, locale)).join(', ')})`
}
