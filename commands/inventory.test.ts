import { describe, expect, it } from 'vitest'
import { order } from '../domain/order/order.ts'
import { load } from '../domain/stream.ts'
import { reconcileInventory, type SlotState } from './inventory.ts'
import { EVENT, orderWorld } from './order-process.world.ts'

/** An event with four slots, of which one buyer has one reserved by now; the view knows of none but what it is told. */
const world = async () => {
  const w = await orderWorld()
  const reserve = async (name: string): Promise<SlotState> => {
    const { orderId } = await w.place(name, 1)
    const { state } = await load(w.deps, order, orderId)
    const line = state.status === 'new' ? undefined : state.placed.lines[0]
    return { slot: line!.slot, edition: 1, status: 'reserved', orderId }
  }
  const reconcile = (slots: () => Promise<readonly SlotState[]>) => {
    const view = { slots, rebuild: async () => {} }
    return reconcileInventory({ ledger: w.deps.ledger, view }, 'acme', EVENT, true)
  }
  return { reserve, reconcile }
}

describe('reconciling', () => {
  it('F04.7 finds no difference in what was sold while it looked', async () => {
    const { reserve, reconcile } = await world()
    const known: SlotState[] = []
    const buyers = ['ann', 'bob', 'cyd']
    const result = await reconcile(async () => {
      const seen = [...known]
      const next = buyers.shift()
      // After the view was read, and before the ledger is.
      if (next) known.push(await reserve(next))
      return seen
    })
    expect(known).toHaveLength(2)
    expect(result).toEqual({ compared: 4, differences: [], repaired: false })
  })

  it('F04.7 finds what the view has never heard of, however often it is asked', async () => {
    const { reserve, reconcile } = await world()
    const ledger = await reserve('ann')
    const result = await reconcile(async () => [])
    expect(result).toMatchObject({ differences: [{ slot: ledger.slot, ledger, view: null }], repaired: true })
  })
})
