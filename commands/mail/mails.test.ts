import { describe, expect, it } from 'vitest'
import type { EndReason, Placed } from '../../domain/order/facts.ts'
import { stepIdOf } from '../ids.ts'
import { EVENT, TYPE } from '../order-process.world.ts'
import { ANN, plain, post, soon } from './mails.world.ts'

/** An order that was placed, and what came of it, as its facts tell. */
const ended = async (
  { put, log }: Awaited<ReturnType<typeof post>>,
  type: 'OrderCancelled' | 'OrderRefunded',
  reason: EndReason,
  { refunded = 0, kind = 'purchase' as Placed['kind'] } = {},
) => {
  const orderId = crypto.randomUUID()
  const paymentId = stepIdOf(orderId, 'payment/1')
  const { venueId } = log.find((fact) => fact.type === 'EventDrafted')!.data as { venueId: string }
  const amount = { amount: 5_000, currency: 'EUR' }
  const placed: Placed = {
    kind,
    eventId: EVENT,
    venueId,
    payerId: ANN,
    currency: 'EUR',
    lines: [
      {
        kind: 'ticket',
        typeId: TYPE,
        slot: 'pool:GA:1',
        edition: 1,
        holderId: ANN,
        price: 5_000,
        fees: [],
        taxes: [],
        zone: 'GA',
        validDates: null,
        transferable: true,
      },
    ],
    total: 5_000,
    payments: [{ paymentId, amount: 5_000 }],
    limits: [],
    delivery: 'digital',
    terms: 0,
    expiresAt: '2030-01-01T10:30:00.000Z',
  }
  const requested = { orderId, eventId: EVENT, payerId: ANN, amount, provider: 'sandbox', reference: null }
  await put('order', orderId, { type: 'OrderPlaced', data: placed })
  await put('payment', paymentId, { type: 'PaymentRequested', data: requested })
  if (refunded > 0)
    await put('payment', paymentId, {
      type: 'PaymentRefunded',
      data: { orderId, refundId: crypto.randomUUID(), amount: { ...amount, amount: refunded }, shares: [] },
    })
  const began = type === 'OrderCancelled' ? 'OrderRevertStarted' : 'OrderRefundRequested'
  await put('order', orderId, { type: began, data: { reason } })
  await put('order', orderId, { type, data: { eventId: EVENT, payerId: ANN, reason } })
  return orderId
}

describe('a confirmed order', () => {
  it('brings its payer one mail with what they have, when and where it is, and what they paid', async () => {
    const { buy, settle, settled } = await post()
    const orderId = await buy('ann', 2)
    expect(await settle(orderId)).toBe('confirmed')
    const [mail, ...more] = await settled()
    expect(more).toEqual([])
    expect(mail).toMatchObject({ to: 'ann@example.org', subject: 'Your tickets: Night of the Long Queue' })
    expect(plain(mail!.text)).toBe(
      [
        'Hello Ann Bøe,',
        'Your order is confirmed. You have tickets for:',
        'Night of the Long Queue',
        'Sunday, June 1, 2031 at 9:00 PM GMT+2 – Monday, June 2, 2031 at 1:00 AM GMT+2\nThe <Arena>',
        '2 × Standing: €100.00\nTotal: €100.00',
        'To your tickets\nhttps://tickets.example/',
        `Order number: ${orderId}\n`,
      ].join('\n\n'),
    )
  })

  it('is told in the language of its payer, and dates and amounts are written as they read them', async () => {
    const { buy, settle, mails } = await post({ name: 'Ann', email: 'ann@example.org', locale: 'de-AT' })
    await settle(await buy('ann', 1))
    await expect.poll(mails, soon).toHaveLength(1)
    const [mail] = await mails()
    expect(mail!.subject).toBe('Ihre Tickets: Night of the Long Queue')
    expect(mail!.text).toContain('Sonntag, 1. Juni 2031')
    expect(plain(mail!.text)).toContain('1 × Standing: € 50,00')
  })

  it.each([null, { name: 'Ann', email: null }])('brings nobody a mail whose profile is %j', async (profile) => {
    const { buy, settle, settled } = await post(profile)
    await settle(await buy('ann', 1))
    expect(await settled()).toEqual([])
  })

  it('brings nobody a mail who was erased before it was sent', async () => {
    const { buy, settle, settled, vault } = await post()
    const erased = vault.people.erase(ANN)
    await settle(await buy('ann', 1))
    await erased
    expect(await settled()).toEqual([])
  })

  it('leaves nothing personal in the vault but the profile', async () => {
    const { buy, settle, mails, vault } = await post()
    const kept: object[] = []
    const { keep } = vault.intents
    Object.assign(vault.intents, {
      keep: (...args: Parameters<typeof keep>) => {
        kept.push(...args[3].map(({ data }) => data))
        return keep(...args)
      },
    })
    const orderId = await buy('ann', 1)
    await settle(orderId)
    await expect.poll(mails, soon).toHaveLength(1)
    expect(kept).toEqual([{ mail: 'order-confirmed', orderId }])
  })
})

describe('an order without tickets', () => {
  it('whose payment is declined is told so', async () => {
    const { buy, settle, mails } = await post()
    expect(await settle(await buy('ann', 1, 'declined'))).toBe('cancelled')
    await expect.poll(mails, soon).toHaveLength(1)
    const [mail] = await mails()
    expect(mail!.subject).toBe('Your order was cancelled: Night of the Long Queue')
    expect(mail!.text).toContain('The payment was declined.')
    expect(mail!.text).toContain('You were not charged.')
  })

  it.each(['cancelled', 'capture_refused', 'reservation_lost'] as const)(
    'for the reason %s is told of',
    async (reason) => {
      const world = await post()
      await ended(world, 'OrderCancelled', reason)
      await expect.poll(world.mails, soon).toHaveLength(1)
    },
  )

  it.each(['limit_reached', 'tickets_taken', 'lapsed'] as const)(
    'for the reason %s is not, its buyer knows',
    async (reason) => {
      const world = await post()
      await ended(world, 'OrderCancelled', reason)
      expect(await world.settled()).toEqual([])
    },
  )

  it('is told of although it lapsed, where its payment came too late and goes back', async () => {
    const world = await post()
    await ended(world, 'OrderCancelled', 'lapsed', { refunded: 5_000 })
    await expect.poll(world.mails, soon).toHaveLength(1)
    const [mail] = await world.mails()
    expect(mail!.text).toContain('The payment did not arrive while the tickets were kept for you.')
    expect(mail!.text).toContain('€50.00 is on its way back to you')
  })

  it('that was paid is told of with what goes back', async () => {
    const world = await post()
    await ended(world, 'OrderRefunded', 'reservation_lost', { refunded: 5_000 })
    await expect.poll(world.mails, soon).toHaveLength(1)
    const [mail] = await world.mails()
    expect(mail!.subject).toBe('Your order was refunded: Night of the Long Queue')
    expect(mail!.text).toContain('€50.00 is on its way back to you')
  })

  it('of a service’s is for the service to tell of', async () => {
    const world = await post()
    await ended(world, 'OrderCancelled', 'cancelled', { kind: 'external' })
    expect(await world.settled()).toEqual([])
  })
})
