import { describe, it } from 'vitest'
import { idFor, specOf } from '../spec.ts'
import { type AccountCommand, account } from './account.ts'
import type { AccountFact } from './facts.ts'

const given = specOf(account)

const EVENT_ENDS = '2030-06-01T23:00:00.000Z'
const [before, after] = ['2030-06-01T22:59:59.999Z', EVENT_ENDS]
const [sellerId, orderId, eventId] = [idFor('ann'), idFor('order'), idFor('event')]
const [one, two, bank] = [idFor('one'), idFor('two'), idFor('bank')]
const of = { sellerId, orderId }
const eur = (amount: number) => ({ amount, currency: 'EUR' })
const moved = (amount: number) => ({ ...of, eventId, amount: eur(amount) })

const credited: AccountFact & { type: 'AccountCredited' } = {
  type: 'AccountCredited',
  data: { ...moved(4_625), paymentId: idFor('pay'), method: 'card', payableFrom: null },
}
const told: AccountFact = { type: 'AccountDestinationTold', data: { sellerId, destinationId: bank, method: 'card' } }
const withheld: AccountFact = { type: 'PayoutWithheld', data: { ...of, disputeId: 'dp_1' } }
const released: AccountFact = { type: 'PayoutReleased', data: { ...of, disputeId: 'dp_1' } }
const debited = (id: string, amount: number, reason: 'refunded' | 'dispute_lost' = 'refunded'): AccountFact => ({
  type: 'AccountDebited',
  data: { ...moved(amount), debitId: idFor(id), reason },
})
const started = (transferId = one, amount = 4_625): AccountFact => ({
  type: 'PayoutStarted',
  data: { ...of, transferId, destinationId: bank, amount: eur(amount) },
})
const made = (transferId = one, amount = 4_625): AccountFact => ({
  type: 'PayoutMade',
  data: { ...moved(amount), transferId, reference: 'tr_1' },
})
const failed = (
  transferId = one,
  reason = 'account_closed',
  destinationId: string | null = bank,
): AccountFact & { type: 'PayoutFailed' } => ({
  type: 'PayoutFailed',
  data: { ...of, transferId, destinationId, reason },
})
const reversed = (id: string, amount: number): AccountFact => ({
  type: 'PayoutReversed',
  data: { ...moved(amount), debitId: idFor(id) },
})
const notReversed = (id: string, amount: number): AccountFact => ({
  type: 'PayoutReversalRefused',
  data: { ...moved(amount), debitId: idFor(id) },
})

const credit: AccountCommand = { type: 'CreditAccount', credited: credited.data }
const withhold: AccountCommand = { type: 'WithholdPayout', orderId, disputeId: 'dp_1' }
const release: AccountCommand = { type: 'ReleasePayout', orderId, disputeId: 'dp_1' }
const debit = (
  id: string,
  amount: number | null,
  reason: 'refunded' | 'dispute_lost' = 'refunded',
): AccountCommand => ({
  type: 'DebitAccount',
  orderId,
  debitId: idFor(id),
  amount,
  reason,
})
const start = (transferId = one): AccountCommand => ({
  type: 'StartPayout',
  orderId,
  transferId,
  destinationId: bank,
  payableFrom: EVENT_ENDS,
})
const record = (transferId = one): AccountCommand => ({
  type: 'RecordPayout',
  orderId,
  transferId,
  reference: 'tr_1',
})
const fail = (transferId = one, reason = 'account_closed', destinationId: string | null = bank): AccountCommand => ({
  type: 'RecordPayoutFailure',
  orderId,
  transferId,
  destinationId,
  reason,
})
const recordReversal = (id: string, outcome: 'reversed' | 'refused'): AccountCommand => ({
  type: 'RecordReversal',
  orderId,
  debitId: idFor(id),
  outcome,
})

describe('where payouts go', () => {
  const tell = (destinationId: string, method: 'card' | 'crypto' = 'card'): AccountCommand => ({
    type: 'TellDestination',
    sellerId,
    destinationId,
    method,
  })

  it('is told', () => given().when(tell(bank)).then(told))

  it('is told once', () => given(told).when(tell(bank)).thenNothing())

  it('is told for each way to pay by itself', () =>
    given(told)
      .when(tell(two, 'crypto'))
      .then({ type: 'AccountDestinationTold', data: { sellerId, destinationId: two, method: 'crypto' } }))

  it('is told anew', () =>
    given(told)
      .when(tell(two))
      .then({ type: 'AccountDestinationTold', data: { sellerId, destinationId: two, method: 'card' } }))
})

describe('a seller’s share', () => {
  it('is credited', () => given().when(credit).then(credited))

  it('is credited once, whatever is said later of when it is payable', () => {
    given(credited).when(credit).thenNothing()
    given(credited)
      .when({ type: 'CreditAccount', credited: { ...credited.data, payableFrom: EVENT_ENDS } })
      .thenNothing()
  })

  it('is not credited again as another amount', () =>
    given(credited)
      .when({ type: 'CreditAccount', credited: { ...credited.data, amount: eur(4_624) } })
      .thenRefused('CreditDiffers'))

  it('that was never credited is not found', () => {
    for (const command of [
      withhold,
      release,
      debit('a', 1),
      start(),
      record(),
      fail(),
      recordReversal('a', 'reversed'),
    ])
      given(told).when(command).thenRefused('CreditNotFound')
  })
})

describe('a payout', () => {
  it('is started once the event has ended, and not before', () => {
    given(credited).when(start(), after).then(started())
    given(credited).when(start(), before).thenRefused('PayoutNotDue')
  })

  it('is started when the sale says it is payable, whenever the event ends', () => {
    const early: AccountFact = { ...credited, data: { ...credited.data, payableFrom: '2030-02-01T00:00:00.000Z' } }
    given(early).when(start(), '2030-02-01T00:00:00.000Z').then(started())
    given(early).when(start(), '2030-01-31T23:59:59.999Z').thenRefused('PayoutNotDue')
  })

  it('is started once, and no other beside it', () => {
    given(credited, started()).when(start(), after).thenNothing()
    given(credited, started()).when(start(two), after).thenRefused('PayoutDiffers')
    given(credited, started(), made()).when(start(two), after).thenRefused('PayoutDiffers')
  })

  it('is made', () => given(credited, started()).when(record()).then(made()))

  it('is made once', () => given(credited, started(), made()).when(record()).thenNothing())

  it('is not made that was not started', () => {
    given(credited).when(record()).thenRefused('PayoutDiffers')
    given(credited, started()).when(record(two)).thenRefused('PayoutDiffers')
  })

  it('may fail, and be started again under another id', () => {
    given(credited, told, started()).when(fail()).then(failed())
    given(credited, told, started(), failed()).when(fail()).thenNothing()
    given(credited, told, started(), failed()).when(start(two), after).then(started(two))
  })

  it('that was made does not fail', () => given(credited, started(), made()).when(fail()).thenRefused('PayoutDiffers'))

  it('fails for want of an account, which is said once', () => {
    given(credited)
      .when(fail(one, 'no_account', null))
      .then(failed(one, 'no_account', null))
    given(credited, failed(one, 'no_account', null))
      .when(fail(two, 'no_account', null))
      .thenNothing()
  })

  it('fails for want of an account of the kind that the sale was paid by, whatever other was told', () => {
    const crypto: AccountFact = { ...credited, data: { ...credited.data, method: 'crypto' } }
    given(crypto, told)
      .when(fail(one, 'no_account', null))
      .then(failed(one, 'no_account', null))
  })

  it('does not fail for want of an account that was told meanwhile', () =>
    given(credited, told)
      .when(fail(one, 'no_account', null))
      .thenNothing())
})

describe('a dispute', () => {
  it('withholds a payout, once', () => {
    given(credited).when(withhold).then(withheld)
    given(credited, withheld).when(withhold).thenNothing()
    given(credited, withheld).when(start(), after).thenRefused('PayoutNotDue')
  })

  it('that is won releases it, once, and is not opened again by a late report', () => {
    given(credited, withheld).when(release).then(released)
    given(credited, withheld, released).when(release).thenNothing()
    given(credited, withheld, released).when(withhold).thenNothing()
    given(credited, withheld, released).when(start(), after).then(started())
  })

  it('does not release while another is open', () =>
    given(credited, withheld, { type: 'PayoutWithheld', data: { ...of, disputeId: 'dp_2' } }, released)
      .when(start(), after)
      .thenRefused('PayoutNotDue'))

  it('that is not known releases nothing', () => given(credited).when(release).thenNothing())

  it('that is lost takes all that is left of the share', () =>
    given(credited, debited('part', 625))
      .when(debit('lost', null, 'dispute_lost'))
      .then(debited('lost', 4_000, 'dispute_lost')))
})

describe('what a seller gives back', () => {
  it('is kept where nothing was paid out: the rest is paid, or nothing', () => {
    given(credited).when(debit('all', 4_625)).then(debited('all', 4_625))
    given(credited, debited('all', 4_625)).when(start(), after).thenRefused('PayoutNotDue')
    given(credited, debited('part', 625)).when(start(), after).then(started(one, 4_000))
    given(credited, debited('part', 625)).when(recordReversal('part', 'reversed')).thenRefused('PayoutDiffers')
  })

  it('is debited once, and never more than there is', () => {
    given(credited, debited('all', 4_625)).when(debit('all', 4_625)).thenNothing()
    given(credited, debited('part', 625)).when(debit('more', 4_625)).then(debited('more', 4_000))
    given(credited, debited('all', 4_625)).when(debit('more', 1)).thenNothing()
  })

  it('is reversed where it was paid out, once', () => {
    const paid = [credited, started(), made(), debited('part', 625)]
    given(...paid)
      .when(recordReversal('part', 'reversed'))
      .then(reversed('part', 625))
    given(...paid, reversed('part', 625))
      .when(recordReversal('part', 'reversed'))
      .thenNothing()
  })

  it('is lost where the seller’s account no longer has it, and that stands', () => {
    const paid = [credited, started(), made(), debited('all', 4_625)]
    given(...paid)
      .when(recordReversal('all', 'refused'))
      .then(notReversed('all', 4_625))
    given(...paid, notReversed('all', 4_625))
      .when(recordReversal('all', 'reversed'))
      .thenNothing()
  })

  it('while a payout is under way is reversed once that is made, or kept once it failed', () => {
    const under = [credited, told, started(), debited('all', 4_625)]
    given(...under)
      .when(recordReversal('all', 'reversed'))
      .thenRefused('PayoutDiffers')
    given(...under, made())
      .when(recordReversal('all', 'reversed'))
      .then(reversed('all', 4_625))
    given(...under, failed())
      .when(start(two), after)
      .thenRefused('PayoutNotDue')
  })
})
