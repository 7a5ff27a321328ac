import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Client, Refused } from './client.ts'
import { type PlacedOrder, type World, wholeWorld } from './counterfoil.world.ts'

type SeenOrder = { status: string; payments: { paymentId: string; status: string; disputed: boolean }[] }

let w: World
beforeAll(async () => {
  w = await wholeWorld()
})
afterAll(() => w.close())

const refusal = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    ({ status, code }: Refused) => ({ status, code }),
  )

describe('a payment that its payer disputes', () => {
  const bought = async (card = 'disputed') => {
    const { olga, venueId, eventId, typeId } = await w.onSale()
    const ann = await w.as('attendee', 'ann')
    const { orderId } = await w.buy(ann, eventId, typeId, 1, card)
    const seen = () => ann.call<SeenOrder>('GET', `/orders/${orderId}`).then(({ body }) => body)
    const { paymentId } = (await seen()).payments[0]!
    const disputed = async (expected: boolean) => {
      while ((await seen()).payments[0]!.disputed !== expected) await setTimeout(20)
      return seen()
    }
    const balances = async () =>
      (await olga.call<{ balances: object[] }>('GET', `/venues/${venueId}/balance`)).body.balances
    const settle = (by: Client, outcome: string) =>
      by.call('POST', `/sandbox/payments/${paymentId}/dispute`, { outcome })
    return { ann, orderId, paymentId, disputed, balances, settle }
  }

  it.each(['won', 'lost'])('F00.12 is disputed in the books until an admin settles it, %s', async (outcome) => {
    const { disputed, balances, settle } = await bought()
    const paid = { status: 'confirmed', payments: [{ status: 'captured' }] }
    expect(await disputed(true)).toMatchObject(paid)
    const before = await balances()
    const ada = await w.as('admin', 'ada')
    expect(await settle(ada, outcome)).toMatchObject({ status: 202, body: { status: 'settled' } })
    expect(await disputed(false)).toMatchObject(paid)
    expect(await refusal(settle(ada, outcome))).toEqual({ status: 409, code: 'NoOpenDispute' })
    expect(before).not.toEqual([])
    expect(await balances()).toEqual(before)
  })

  it('is nobody’s but an admin’s of the same tenant to settle', async () => {
    const { ann, disputed, settle } = await bought()
    await disputed(true)
    expect(await refusal(settle(ann, 'won'))).toMatchObject({ status: 403 })
    const rita = await w.as('admin', 'rita', { tenant: 'rival' })
    expect(await refusal(settle(rita, 'won'))).toEqual({ status: 404, code: 'PaymentNotFound' })
  })

  it('is the only kind there is anything to settle of', async () => {
    const { settle } = await bought('good')
    const ada = await w.as('admin', 'ada')
    expect(await refusal(settle(ada, 'lost'))).toEqual({ status: 409, code: 'NoOpenDispute' })
    expect(await refusal(settle(ada, 'drawn'))).toMatchObject({ status: 400 })
  })

  it('tells the client which provider its payment is with', async () => {
    const { eventId, typeId } = await w.onSale()
    const ann = await w.as('attendee', 'ann')
    const { body } = await ann.call<PlacedOrder>('POST', '/orders', { eventId, items: [{ typeId, quantity: 1 }] })
    expect(body.payment).toEqual({ id: expect.any(String), provider: 'sandbox', clientSecret: expect.any(String) })
  })
})
