import { expect, it, onTestFinished } from 'vitest'
import type { Fault } from '../adapters/memory-ledger.ts'
import { stepIdOf } from './ids.ts'
import { orderWorld } from './order-process.world.ts'
import { watchPayments } from './payment-watch.ts'

it.each<[string, Fault[]]>([
  ['', []],
  [', and again where the provider was not heard', ['lost-reply']],
])('an order goes on when its payment is seen to have come%s', async (_, faults) => {
  const troubles: Fault[] = []
  const w = await orderWorld({ faults: troubles })
  const { orderId } = await w.place('ann', 1)
  await w.enterCard(orderId, 'webhook_lost')
  troubles.push(...faults)
  const arrived = [stepIdOf(orderId, 'payment/1')]
  const watch = watchPayments(
    w.deps,
    { isAwaiting: () => arrived.length > 0, arrivals: async () => arrived.splice(0), returnStrays: async () => {} },
    { always: false, log: { warn: () => {} } },
  )
  onTestFinished(watch.stop)
  await expect.poll(async () => (await w.orderOf(orderId)).status, { timeout: 10_000, interval: 50 }).toBe('confirmed')
})
