import { setTimeout } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type { Ledger } from '../domain/ledger.ts'
import { story } from '../projections/story.world.ts'
import { orderEndings } from './order-endings.ts'

const MINUTE = 60_000

const placed = async () => {
  const tale = story()
  const order = await tale.place('slow', await tale.event('Gala'), [1])
  const after = await tale.ledger.head()
  return { tale, order, wait: { orderId: order.orderId, timeoutMs: MINUTE, after } }
}

const isLetGo = ({ seen }: { seen: Promise<void> }): Promise<boolean> =>
  Promise.race([seen.then(() => true), setTimeout(200, false)])

it('an end is told to those who wait for that order, and to nobody else', async () => {
  const { tale, order, wait } = await placed()
  const other = await tale.place('other', order.eventId, [2])
  const endings = orderEndings(tale.ledger)
  const [one, another, stranger] = [wait, wait, { ...wait, orderId: other.orderId }].map(endings.listen)
  await tale.cancel(order)
  expect(await Promise.all([one!, another!, stranger!].map(isLetGo))).toEqual([true, true, false])
  endings.close()
})

it('an end that is recorded between the look at the head and the first wait is not missed', async () => {
  const { tale, order, wait } = await placed()
  await tale.cancel(order)
  const endings = orderEndings(tale.ledger)
  expect(await isLetGo(endings.listen(wait))).toBe(true)
  endings.close()
})

it('a wait that is stopped twice does not stop the next one for the same order', async () => {
  const { tale, order, wait } = await placed()
  const endings = orderEndings(tale.ledger)
  const gone = endings.listen(wait)
  gone.stop()
  const next = endings.listen(wait)
  gone.stop()
  await tale.cancel(order)
  expect(await isLetGo(next)).toBe(true)
  endings.close()
})

it('when the ledger fails all are let go, and the next to come waits anew', async () => {
  const { tale, order, wait } = await placed()
  let isAway = true
  const tail: Ledger['tail'] = (...asked) => {
    if (isAway) throw new Error('the ledger is away')
    return tale.ledger.tail(...asked)
  }
  const endings = orderEndings({ tail })
  expect(await isLetGo(endings.listen(wait))).toBe(true)
  isAway = false
  const next = endings.listen(wait)
  expect(await isLetGo(next)).toBe(false)
  await tale.cancel(order)
  expect(await isLetGo(next)).toBe(true)
  endings.close()
})

it('at the close all are let go, and nobody is kept after it', async () => {
  const { tale, wait } = await placed()
  const endings = orderEndings(tale.ledger)
  const waiting = endings.listen(wait)
  expect(await isLetGo(waiting)).toBe(false)
  endings.close()
  expect(await isLetGo(waiting)).toBe(true)
  expect(await isLetGo(endings.listen(wait))).toBe(true)
})
