import { describe, it } from 'vitest'
import { type PaymentCommand, type PaymentFact, payment } from './payment.ts'
import { idFor, specOf } from './spec.ts'

const given = specOf(payment)

const orderId = idFor('order')
const amount = { amount: 10_500, currency: 'EUR' }
const requestedOf = (reference: string | null, provider = 'sandbox') => ({
  orderId,
  eventId: idFor('event'),
  payerId: idFor('ann'),
  amount,
  provider,
  reference,
})

const requested: PaymentFact = { type: 'PaymentRequested', data: requestedOf(null) }
const authorised: PaymentFact = { type: 'PaymentAuthorised', data: { orderId } }
const declined: PaymentFact = { type: 'PaymentDeclined', data: { orderId, reason: 'insufficient_funds' } }
const captured: PaymentFact = { type: 'PaymentCaptured', data: { orderId, amount } }
const voided: PaymentFact = { type: 'PaymentVoided', data: { orderId } }
const refunded = (refundId: string, cents: number): PaymentFact => ({
  type: 'PaymentRefunded',
  data: { orderId, refundId: idFor(refundId), amount: { ...amount, amount: cents }, shares: [] },
})
const disputed: PaymentFact = {
  type: 'PaymentDisputed',
  data: { orderId, disputeId: 'dp_1', reason: 'product_not_received' },
}
const disputeClosed = (won: boolean): PaymentFact => ({
  type: 'PaymentDisputeClosed',
  data: { orderId, disputeId: 'dp_1', won },
})

const recordAuthorised: PaymentCommand = { type: 'RecordAuthorised' }
const recordDeclined: PaymentCommand = { type: 'RecordDeclined', reason: 'insufficient_funds' }
const recordCaptured: PaymentCommand = { type: 'RecordCaptured' }
const recordVoided: PaymentCommand = { type: 'RecordVoided' }
const refund = (refundId: string, cents: number): PaymentCommand => ({
  type: 'RecordRefund',
  refundId: idFor(refundId),
  amount: cents,
})
const dispute: PaymentCommand = { type: 'RecordDispute', disputeId: 'dp_1', reason: 'product_not_received' }
const closeDispute = (won: boolean): PaymentCommand => ({ type: 'RecordDisputeClosed', disputeId: 'dp_1', won })

describe('a payment through a provider', () => {
  it('is requested', () =>
    given()
      .when({ type: 'RequestPayment', requested: requestedOf(null) })
      .then(requested))

  it('is requested once', () =>
    given(requested)
      .when({ type: 'RequestPayment', requested: requestedOf(null) })
      .thenNothing())

  it('is authorised', () => given(requested).when(recordAuthorised).then(authorised))

  it('is captured, whole', () => given(requested, authorised).when(recordCaptured).then(captured))

  it('may be captured without authorisation, by methods that know none', () =>
    given(requested).when(recordCaptured).then(captured))

  it('may be declined', () => given(requested).when(recordDeclined).then(declined))

  it('is voided where nothing was taken', () => {
    given(requested).when(recordVoided).then(voided)
    given(requested, authorised).when(recordVoided).then(voided)
  })

  it('that nobody requested is not found', () => {
    for (const command of [recordAuthorised, recordDeclined, recordCaptured, recordVoided, refund('r1', 1), dispute])
      given().when(command).thenRefused('PaymentNotFound')
  })
})

describe('a report of the provider that is late, repeated or out of order (F07.18)', () => {
  it('of an authorisation records nothing once the money is taken', () =>
    given(requested, captured).when(recordAuthorised).thenNothing())

  it('of an authorisation does not revive a payment that was voided or declined', () => {
    given(requested, voided).when(recordAuthorised).thenNothing()
    given(requested, declined).when(recordAuthorised).thenNothing()
  })

  it('of a decline does not undo an authorisation or a capture', () => {
    given(requested, authorised).when(recordDeclined).thenNothing()
    given(requested, captured).when(recordDeclined).thenNothing()
  })

  it('of a capture counts once', () => given(requested, captured).when(recordCaptured).thenNothing())

  it('of a capture counts even after a void: the money was taken, and has to go back', () =>
    given(requested, voided).when(recordCaptured).then(captured))

  it('of a void does not undo a capture', () => given(requested, captured).when(recordVoided).thenNothing())
})

describe('a payment taken elsewhere', () => {
  const external = requestedOf('till-0042', 'external')
  const record: PaymentCommand = { type: 'RecordExternalPayment', requested: external }
  const facts: [PaymentFact, PaymentFact] = [{ type: 'PaymentRequested', data: external }, captured]

  it('is requested and captured at once', () =>
    given()
      .when(record)
      .then(...facts))

  it('is recorded once', () =>
    given(...facts)
      .when(record)
      .thenNothing())

  it('is refused under a second reference: somebody would have paid twice', () =>
    given(...facts)
      .when({ type: 'RecordExternalPayment', requested: requestedOf('till-0043', 'external') })
      .thenRefused('PaymentDiffers'))
})

describe('a refund', () => {
  const paid = [requested, authorised, captured]

  it('may be of a part', () =>
    given(...paid)
      .when(refund('r1', 4_000))
      .then(refunded('r1', 4_000)))

  it('may be of all that is left', () =>
    given(...paid, refunded('r1', 4_000))
      .when(refund('r2', 6_500))
      .then(refunded('r2', 6_500)))

  it('happens once, however often it is reported', () =>
    given(...paid, refunded('r1', 4_000))
      .when(refund('r1', 4_000))
      .thenNothing())

  it('is refused beyond what was paid', () => {
    given(...paid)
      .when(refund('r1', 10_501))
      .thenRefused('RefundExceedsPayment')
    given(...paid, refunded('r1', 4_000))
      .when(refund('r2', 6_501))
      .thenRefused('RefundExceedsPayment')
  })

  it('is refused where nothing was taken', () => {
    given(requested, authorised).when(refund('r1', 1)).thenRefused('RefundExceedsPayment')
    given(requested, voided).when(refund('r1', 1)).thenRefused('RefundExceedsPayment')
  })
})

describe('a dispute', () => {
  const paid = [requested, authorised, captured]

  it('is recorded with its reason (F13.9)', () =>
    given(...paid)
      .when(dispute)
      .then(disputed))

  it('is recorded once', () =>
    given(...paid, disputed)
      .when(dispute)
      .thenNothing())

  it('is won or lost, once, and its first outcome stands (F13.9)', () => {
    given(...paid, disputed)
      .when(closeDispute(true))
      .then(disputeClosed(true))
    given(...paid, disputed)
      .when(closeDispute(false))
      .then(disputeClosed(false))
    given(...paid, disputed, disputeClosed(true))
      .when(closeDispute(false))
      .thenNothing()
  })

  it('is not opened again by a late report of it', () =>
    given(...paid, disputed, disputeClosed(true))
      .when(dispute)
      .thenNothing())

  it('cannot be closed before it was opened: what is seen of a payment names both, the opening first', () =>
    given(...paid)
      .when(closeDispute(true))
      .thenNothing())
})
