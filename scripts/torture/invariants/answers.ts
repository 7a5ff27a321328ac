import { type Exchange, isAccepted, type OrderAnswer, type ScanAnswer } from '../history.ts'
import type { Invariant } from './invariant.ts'

const named = ({ client, method, path, key }: Exchange): string =>
  `${client}'s ${method} ${path}${key === null ? '' : ` under key ${key}`}`

/** 503 is an answer that asks to come back. */
export const nothingBreaks: Invariant = {
  name: 'nothing answered 500, and no process ended by itself',
  check: ({ exchanges, faults }) => [
    ...exchanges
      .filter(({ status }) => status !== null && status >= 500 && status !== 503)
      .map((exchange) => `${named(exchange)} answered ${exchange.status}: ${JSON.stringify(exchange.body)}`),
    ...faults
      .filter(({ fault }) => /by itself|did not end/.test(fault))
      .map(({ process, fault }) => `${process} ${fault}`),
  ],
}

export const everybodyIsAnswered: Invariant = {
  name: 'everybody who went on asking was answered',
  check: ({ exchanges }) =>
    [...Map.groupBy(exchanges, ({ ask }) => ask).values()]
      .map((attempts) => attempts.at(-1)!)
      .filter(({ status }) => status === null || status === 503)
      .map((last) => `${named(last)} was never answered; the last attempt: ${last.status ?? 'no reply'}`),
}

const sameBody = (a: Exchange, b: Exchange): boolean => JSON.stringify(a.request) === JSON.stringify(b.request)

/** All that was asked under one key for one thing, the accepted answer first; where there was none, nothing was promised. */
const repeated = (exchanges: readonly Exchange[], ...wishes: Exchange['wish'][]): Exchange[][] => {
  const written = exchanges.filter(({ wish, key, status }) => wishes.includes(wish) && key !== null && status !== null)
  return [...Map.groupBy(written, ({ client, wish, key }) => `${client} ${wish} ${key}`).values()].filter((asked) =>
    asked.some(isAccepted),
  )
}

/** What of an order's answer does not change while it moves on. */
const promiseOf = ({ orderId, total, lines, payment }: OrderAnswer): string =>
  JSON.stringify([orderId, total.amount, payment, lines.map(({ typeId, slot, edition }) => [typeId, slot, edition])])

const ordersAgain = (asked: readonly Exchange[]): string[] => {
  const first = asked.find(isAccepted)!
  const order = first.body as OrderAnswer
  return asked
    .filter((again) => again !== first && sameBody(first, again) && again.status !== 503)
    .flatMap((again) => {
      if (isAccepted(again))
        return promiseOf(again.body as OrderAnswer) === promiseOf(order)
          ? []
          : [`${named(again)} was answered with order ${order.orderId}, and with another answer for the same`]
      // Refused before, when nothing was promised yet: then its key can be used again.
      if (again.received <= first.sent) return []
      // It ended without tickets meanwhile: a problem, which names it.
      const { detail = '' } = (again.body ?? {}) as { detail?: string }
      return again.received > first.received && detail.includes(order.orderId)
        ? []
        : [
            `${named(again)} was answered with order ${order.orderId}, and with ${again.status}: ${JSON.stringify(again.body)}`,
          ]
    })
}

const admissionOf = ({ body }: Exchange): string => {
  const { scanId, verdict, admission } = body as ScanAnswer
  return JSON.stringify([scanId, verdict, admission])
}

/** A denial is judged anew; an admission stands. */
const scansAgain = (asked: readonly Exchange[]): string[] => {
  const first = asked.find((exchange) => isAccepted(exchange) && (exchange.body as ScanAnswer).verdict === 'allow')
  if (!first) return []
  return asked
    .filter((again) => again.sent > first.received && sameBody(first, again) && isAccepted(again))
    .filter((again) => admissionOf(again) !== admissionOf(first))
    .map(
      (again) =>
        `${named(again)} was admitted by ${admissionOf(first)}, and is ${admissionOf(again)} when it is asked again`,
    )
}

/** Nothing moves on in these answers: what is set up has its ids from its key, and a card is taken or not. */
const othersAgain = (asked: readonly Exchange[]): string[] => {
  const first = asked.find(isAccepted)!
  return asked
    .filter((again) => again.status !== 503 && JSON.stringify(again.body) !== JSON.stringify(first.body))
    .map(
      (again) =>
        `${named(again)} was answered with ${JSON.stringify(first.body)}, and with ${JSON.stringify(again.body)}`,
    )
}

/** What names the thing that was made or asked for; how it stands moves on. */
const NAMES = ['offerId', 'ticketId', 'listingId', 'reissueId', 'orderId', 'eventId', 'paymentId'] as const

const namesIn = ({ body }: Exchange): string =>
  JSON.stringify(NAMES.map((name) => (body as Record<string, unknown> | null)?.[name]))

/** Acknowledged once it is never refused, and it is about the same; the ticket may have moved on since. */
const movesAgain = (asked: readonly Exchange[]): string[] => {
  const first = asked.find(isAccepted)!
  return asked
    .filter((again) => again.received > first.received && sameBody(first, again) && again.status !== 503)
    .filter((again) => !isAccepted(again) || namesIn(again) !== namesIn(first))
    .map(
      (again) =>
        `${named(again)} was answered with ${JSON.stringify(first.body)}, and with ${again.status}: ${JSON.stringify(again.body)}`,
    )
}

/** Whether it was not so already: what changes nothing is not on record, and is judged anew when it is asked again. */
const isNew = (exchanges: readonly Exchange[]) => {
  const byThing = Map.groupBy(exchanges.filter(isAccepted), ({ client, method, path }) => `${client} ${method} ${path}`)
  return (asked: readonly Exchange[]): boolean => {
    const { client, method, path, key, sent, wish } = asked.find(isAccepted)!
    if (wish !== 'answer' && wish !== 'report') return true
    return !byThing.get(`${client} ${method} ${path}`)!.some((other) => other.key !== key && other.sent < sent)
  }
}

export const sameKeySameAnswer: Invariant = {
  name: 'the same key got the same answer',
  check: ({ exchanges }) => [
    ...repeated(exchanges, 'place', 'reserve').flatMap(ordersAgain),
    ...repeated(exchanges, 'scan').flatMap(scansAgain),
    ...repeated(exchanges, 'set-up', 'pay').flatMap(othersAgain),
    ...repeated(exchanges, 'give', 'answer', 'list', 'report', 'desk').filter(isNew(exchanges)).flatMap(movesAgain),
  ],
}

export const otherBodyIsRefused: Invariant = {
  name: 'the same key with another body was refused',
  check: ({ exchanges }) =>
    repeated(exchanges, 'place', 'reserve', 'give', 'list').flatMap((asked) => {
      const first = asked.find(isAccepted)!
      return asked
        .filter((other) => !sameBody(first, other) && other.status !== 422 && other.status !== 503)
        .map((other) => `${named(other)} came with another body than before and was answered ${other.status}`)
    }),
}
