import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type World, wholeWorld } from './counterfoil.world.ts'

let w: World
beforeAll(async () => {
  w = await wholeWorld()
}, 60_000)
afterAll(() => w.close())

describe('the metrics of a process', () => {
  it('tell what it recorded and what it refused, by reason (F16.19)', async () => {
    const { eventId, typeId } = await w.onSale({ size: 10, type: { maxPerPerson: 2 } })
    const ann = await w.as('attendee', 'ann')
    await w.buyTickets(ann, eventId, typeId, 2)
    await expect(ann.call('POST', '/orders', { eventId, items: [{ typeId, quantity: 1 }] })).rejects.toThrow()
    const metrics = await (await fetch(`${w.url}/metrics`)).text()
    expect(metrics).toContain('counterfoil_facts_total{type="TicketSold",detail="none"} 2\n')
    expect(metrics).toContain('counterfoil_refusals_total{code="LimitReached",route="/api/v1/orders"} 1\n')
  })
})
