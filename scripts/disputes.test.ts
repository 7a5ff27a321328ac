import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Client, Refused } from './client.ts'
import { type Page, type PlacedOrder, type World, wholeWorld } from './counterfoil.world.ts'

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
    const { orderId, asOf } = await w.buy(ann, eventId, typeId, 1, card)
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
    return { ann, orderId, asOf, paymentId, disputed, balances, settle }
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

  type Locked = { ticketId: string; orderId: string; locks: { lockId: string; reason: string }[] }
  /** The locks of the ticket that was bought, by their reasons, and a way to lock it once more. */
  const lockedBy = async ({ ann, orderId, asOf }: Awaited<ReturnType<typeof bought>>) => {
    const own = async () =>
      (await ann.call<Page<Locked>>('GET', `/tickets?minPosition=${asOf}`)).body.items.find(
        (one) => one.orderId === orderId,
      )!
    const { ticketId } = await own()
    const ada = await w.as('admin', 'ada')
    const lock = async (reason: string) => {
      const { locks } = (await ada.call<Locked>('POST', `/admin/tickets/${ticketId}/lock`, { reason })).body
      return locks.find((one) => one.reason === reason)!
    }
    const unlock = ({ lockId }: { lockId: string }) =>
      ada.call('DELETE', `/admin/tickets/${ticketId}/lock?lockId=${lockId}`)
    return { reasons: async () => (await own()).locks.map(({ reason }) => reason), lock, unlock, ada }
  }
  const soon = { timeout: 10_000, interval: 50 }

  it('F13.9 locks its tickets; won, that lock is lifted, and one of other cause stays on until it is lifted itself', async () => {
    const sale = await bought()
    const { reasons, lock, unlock, ada } = await lockedBy(sale)
    await expect.poll(reasons, soon).toEqual(['chargeback_pending'])
    const hold = await lock('legal_hold')
    await sale.settle(ada, 'won')
    await expect.poll(reasons, soon).toEqual(['legal_hold'])
    await unlock(hold)
    await expect.poll(reasons, soon).toEqual([])
  })

  it('F13.9 keeps its tickets locked once it is lost, as the health of the process shows that it was seen to', async () => {
    const sale = await bought()
    const { reasons, ada } = await lockedBy(sale)
    await expect.poll(reasons, soon).toEqual(['chargeback_pending'])
    await sale.settle(ada, 'lost')
    await sale.disputed(false)
    const health = async () => (await (await fetch(`${w.url}/health`)).json()) as { disputes: Record<string, unknown> }
    await expect
      .poll(async () => (await health()).disputes, soon)
      .toMatchObject({ name: 'disputes', halted: null, open: 0 })
    expect(await reasons()).toEqual(['chargeback_pending'])
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
