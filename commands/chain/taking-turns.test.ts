import { expect, it } from 'vitest'
import { takingTurns } from './taking-turns.ts'

const world = () => {
  const oneByOne = takingTurns()
  const told: string[] = []
  const begin = (name: string, ids: readonly string[]) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const done = oneByOne(ids, async () => {
      told.push(`${name} begins`)
      await promise.finally(() => told.push(`${name} ends`))
    })
    return { done, end: resolve, fail: () => reject(new Error(name)) }
  }
  return { told, begin }
}

it('work on one thing is done one after the other, in the order in which it came', async () => {
  const { told, begin } = world()
  const [first, second, third] = [begin('1', ['a', 'b']), begin('2', ['b', 'c']), begin('3', ['c'])]
  second.end()
  third.end()
  await third.done
  expect(told).toEqual(['1 begins', '3 begins', '3 ends'])
  first.end()
  await second.done
  expect(told.slice(3)).toEqual(['1 ends', '2 begins', '2 ends'])
})

it('work on different things is done at once', () => {
  const { told, begin } = world()
  begin('1', ['a'])
  begin('2', ['b'])
  expect(told).toEqual(['1 begins', '2 begins'])
})

it('work that failed keeps nobody from the next', async () => {
  const { told, begin } = world()
  const [first, second] = [begin('1', ['a']), begin('2', ['a'])]
  first.fail()
  second.end()
  await expect(first.done).rejects.toThrow('1')
  await second.done
  expect(told).toEqual(['1 begins', '1 ends', '2 begins', '2 ends'])
})
