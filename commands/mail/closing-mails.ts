import { streamOf } from '../../domain/fact.ts'
import { type Money, sum } from '../../domain/money.ts'
import type { Share } from '../../domain/order/facts.ts'
import { known } from '../../domain/registry.ts'
import type { Refund } from '../../domain/ticket/facts.ts'
import type { Held } from '../../domain/ticket/state.ts'
import type { LetterDeps } from './addressed.ts'
import { cancelled, type Returned, refunded, revoked } from './closing-letters.ts'
import type { Scene, Tell } from './ticket-scene.ts'

/** What the mails about an undone order tell, none here tells again: such a fact has no refunds. */
export const tellRefunded: Readonly<Record<Returned['reader'], Tell<'TicketRefunded'>>> = {
  holder: (scene) => (scene.data.refunds.length === 0 ? undefined : refundedTo(ofHolder(scene))),
  payer: (scene) => refundedTo(ofPayer(scene)),
  seller: (scene) => refundedTo(ofSeller(scene)),
}

const refundedTo = (told: ToldOf | undefined) => told && { to: told.to, letter: refunded(told) }

export const tellCancelled: Readonly<Record<Returned['reader'], Tell<'TicketCancelled'>>> = {
  holder: (scene) => cancelledTo(scene, ofHolder(scene)),
  payer: (scene) => cancelledTo(scene, ofPayer(scene)),
  seller: (scene) => cancelledTo(scene, ofSeller(scene)),
}

const cancelledTo = async ({ deps, data: { eventId } }: Scene<'TicketCancelled'>, told: ToldOf | undefined) =>
  told && { to: told.to, letter: cancelled(told, await reasonOf(deps, eventId)) }

export const tellRevoked: Tell<'TicketRevoked'> = ({ data: { reason }, before }) => ({
  to: before.holderId,
  letter: revoked(reason),
})

type ToldOf = Returned & { readonly to: string }

type Undone = Pick<Scene<'TicketRefunded' | 'TicketCancelled'>, 'data' | 'before' | 'nth'>

/** Who holds what somebody else paid for. */
const ofHolder = ({ data: { refunds }, before }: Undone): ToldOf | undefined =>
  payersOf(refunds, before).includes(before.holderId)
    ? undefined
    : { to: before.holderId, reader: 'holder', back: null, givenBack: givenBackBy(before.holderId, refunds) }

/** Who paid for several sales of it is told once, of all of them. */
const ofPayer = ({ data: { refunds }, before, nth }: Undone): ToldOf | undefined => {
  const payers = payersOf(refunds, before)
  const to = payers[nth]
  if (to === undefined || payers.indexOf(to) !== nth) return undefined
  const back = added(refunds.filter((_, i) => payers[i] === to).map(({ amount }) => amount))
  const givenBack = givenBackBy(to, refunds)
  const reader = to === before.holderId ? 'holder' : 'payer'
  // What was free for them and is not theirs any more is no business of theirs.
  return reader === 'payer' && !back && !givenBack ? undefined : { to, reader, back, givenBack }
}

/** Who was given it and sold it on. */
const ofSeller = ({ data: { refunds }, before, nth }: Undone): ToldOf | undefined => {
  const sellers = refunds.map(({ shares }) => sellersOf(shares)[0])
  const to = sellers[nth]
  const isToldElsewhere = to === before.holderId || (to !== undefined && payersOf(refunds, before).includes(to))
  if (to === undefined || isToldElsewhere || sellers.indexOf(to) !== nth) return undefined
  return { to, reader: 'seller', back: null, givenBack: givenBackBy(to, refunds) }
}

const payersOf = (refunds: readonly Refund[], { paid }: Held): (string | undefined)[] =>
  refunds.map(({ orderId }) => paid.find((sale) => sale.orderId === orderId)?.payerId)

const givenBackBy = (personId: string, refunds: readonly Refund[]): Money | null =>
  added(
    refunds.flatMap(({ amount: { currency }, shares }) =>
      shares.filter(({ account }) => account === `seller:${personId}`).map(({ amount }) => ({ amount, currency })),
    ),
  )

/** Whether a share is on the account of somebody who sold the ticket on. */
export const isSellers = ({ account }: Share): boolean => account.startsWith('seller:')

const sellersOf = (shares: readonly Share[]): string[] =>
  shares.filter(isSellers).map(({ account }) => account.slice('seller:'.length))

/** Null where it comes to nothing. A ticket has one currency. */
const added = (amounts: readonly Money[]): Money | null => {
  const amount = sum(amounts.map((each) => each.amount))
  return amount === 0 ? null : { ...amounts[0]!, amount }
}

const reasonOf = async ({ ledger }: LetterDeps, eventId: string) => {
  const facts = (await ledger.read(streamOf('event', eventId))).map(known)
  const found = facts.find((fact) => fact.type === 'EventCancelled')
  return found?.data.reason ?? null
}
