import { z } from 'zod'
import { Amount, BasisPoints } from '../money.ts'
import { At } from '../time.ts'

const Period = z.object({ from: At, until: At })
export type Period = z.infer<typeof Period>

/** What the organizer asks of a ticket that changes hands without money. */
export const TransferRules = z.object({
  allowed: z.boolean(),
  /** Between two changes of holder of one ticket. */
  cooldownMinutes: z.int().min(0).max(525_600),
  /** How many tickets a person may offer on one day, in UTC. */
  perDay: z.int().min(1).max(10_000),
  /** How long before the start it ends; null: never. */
  endsMinutesBeforeStart: z.int().min(0).max(5_256_000).nullable(),
  /** Times in which nothing changes hands; the end of each is free again. */
  blackouts: z.array(Period).max(50),
  /** How often one ticket may change hands; null for no limit. */
  maxMoves: z.int().min(0).max(1_000).nullable(),
  /** Whether both must have shown who they are. */
  identityVerified: z.boolean(),
})
export type TransferRules = z.infer<typeof TransferRules>

/** What a ticket may be sold on for at most: a part of what its holder paid, or so many minor units. Null: anything. */
const Cap = z.union([z.object({ basisPoints: z.int().min(0).max(1_000_000) }), z.object({ amount: Amount })]).nullable()

/** What the organizer asks of a ticket that is sold on. */
export const ResaleRules = z.object({
  allowed: z.boolean(),
  cap: Cap,
  /** The platform's part of the price. The venue's is its own royalty. */
  platformBasisPoints: BasisPoints,
  /** Days from the sale until the seller is paid; null: after the event. */
  payoutDays: z.int().min(0).max(365).nullable(),
})
export type ResaleRules = z.infer<typeof ResaleRules>

/** What a buyer gets back. */
export const RefundRules = z.object({
  /** Whether the fees go back too. Of a cancelled event all of it does, whatever stands here. */
  feesRefunded: z.boolean(),
  /** For how many days after the event was moved to another time the fees go back too; null: not for that. */
  rescheduleDays: z.int().min(1).max(365).nullable(),
})
export type RefundRules = z.infer<typeof RefundRules>

export type Rules = { readonly transfer: TransferRules; readonly resale: ResaleRules; readonly refund: RefundRules }

/** What holds where an organizer has said nothing. */
export const DEFAULT_RULES: Rules = {
  transfer: {
    allowed: true,
    cooldownMinutes: 30,
    perDay: 10,
    endsMinutesBeforeStart: null,
    blackouts: [],
    maxMoves: null,
    identityVerified: false,
  },
  resale: { allowed: true, cap: null, platformBasisPoints: 250, payoutDays: null },
  refund: { feesRefunded: false, rescheduleDays: null },
}

/** Rules that a ticket was sold under and those of now, field by field whichever is kinder to its holder. */
export const kinder = (then: Rules, now: Rules): Rules => ({
  transfer: {
    allowed: then.transfer.allowed || now.transfer.allowed,
    cooldownMinutes: Math.min(then.transfer.cooldownMinutes, now.transfer.cooldownMinutes),
    perDay: Math.max(then.transfer.perDay, now.transfer.perDay),
    endsMinutesBeforeStart: unlessNull(
      Math.min,
      then.transfer.endsMinutesBeforeStart,
      now.transfer.endsMinutesBeforeStart,
    ),
    blackouts: inBoth(then.transfer.blackouts, now.transfer.blackouts),
    maxMoves: unlessNull(Math.max, then.transfer.maxMoves, now.transfer.maxMoves),
    identityVerified: then.transfer.identityVerified && now.transfer.identityVerified,
  },
  resale: {
    allowed: then.resale.allowed || now.resale.allowed,
    cap: kinderCap(then.resale.cap, now.resale.cap),
    platformBasisPoints: Math.min(then.resale.platformBasisPoints, now.resale.platformBasisPoints),
    payoutDays: sooner(then.resale.payoutDays, now.resale.payoutDays),
  },
  refund: {
    feesRefunded: then.refund.feesRefunded || now.refund.feesRefunded,
    rescheduleDays: Math.max(then.refund.rescheduleDays ?? 0, now.refund.rescheduleDays ?? 0) || null,
  },
})

/** Null is no limit at all. */
const unlessNull = (better: (a: number, b: number) => number, a: number | null, b: number | null): number | null =>
  a === null || b === null ? null : better(a, b)

/** Days after the sale are taken to be sooner than after the event. */
const sooner = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.min(a, b)

const inBoth = (a: readonly Period[], b: readonly Period[]): Period[] =>
  a.flatMap((one) =>
    b.flatMap((other) => {
      const [from, until] = [
        one.from > other.from ? one.from : other.from,
        one.until < other.until ? one.until : other.until,
      ]
      return from < until ? [{ from, until }] : []
    }),
  )

/** Caps of two kinds cannot be compared, so the one that the ticket was sold under stays. */
const kinderCap = (then: ResaleRules['cap'], now: ResaleRules['cap']): ResaleRules['cap'] => {
  if (then === null || now === null) return null
  if ('amount' in then && 'amount' in now) return { amount: Math.max(then.amount, now.amount) }
  if ('basisPoints' in then && 'basisPoints' in now) return { basisPoints: Math.max(then.basisPoints, now.basisPoints) }
  return then
}
