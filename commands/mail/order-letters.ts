import type { EventDetails, TicketType } from '../../domain/event/facts.ts'
import { format, sum } from '../../domain/money.ts'
import type { EndReason, Placed } from '../../domain/order/facts.ts'
import type { Letter, Part, Row } from './letter.ts'
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
  const { subject: title, intro, link } = words.confirmed
  return {
    subject: title(event.name),
    parts: [
      hello(subject, language),
      paragraph(intro),
      { kind: 'heading', text: event.name },
      paragraph(`${whenOf(event, locale)}\n${venueName}`),
      { kind: 'sums', rows: sumsOf(subject, language) },
      { kind: 'link', text: link, url: publicUrl },
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

const paragraph = (text: string): Part => ({ kind: 'paragraph', text })

/** As the clocks on the wall show it there. */
const whenOf = ({ startsAt, endsAt, timeZone }: EventDetails, locale: string): string =>
  new Intl.DateTimeFormat(locale, {
    timeZone,
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    timeZoneName: 'short',
  }).formatRange(new Date(startsAt), new Date(endsAt))

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

const labelOf = (type: string, validDates: readonly string[] | null, locale: string): string => {
  if (!validDates) return type
  const day = new Intl.DateTimeFormat(locale, { timeZone: 'UTC', day: 'numeric', month: 'long' })
  return `${type} (${validDates.map((date) => day.format(new Date(date))).join(', ')})`
}
