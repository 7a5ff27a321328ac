import { expect, it } from 'vitest'
import { givingWay } from './giving-way.ts'
import type { Reactor } from './reactor.ts'

/** Tells when it acted. */
const acting = () => {
  const acted: number[] = []
  const reactor: Reactor = {
    ...{ name: 'clerk', begins: 'with-the-next-fact', wants: {}, together: 1, withinSeconds: 1 },
    act: async (intents) => {
      acted.push(performance.now())
      return intents.map(() => 'done')
    },
  }
  return { acted, act: () => givingWay(reactor).act([], new AbortController().signal) }
}

/** As purchases do in a sale: much work, and now and then a turn for others. */
const workFor = async (ms: number) => {
  const until = performance.now() + ms
  while (performance.now() < until) {
    const pause = performance.now() + 20
    while (performance.now() < pause);
    await new Promise(setImmediate)
  }
}

it('a reactor that gives way acts while there is nothing else to do', async () => {
  const { acted, act } = acting()
  await act()
  expect(acted).toHaveLength(1)
})

it('a reactor that gives way waits while purchases are made, and acts after', async () => {
  const { acted, act } = acting()
  const acts = act()
  await workFor(1_000)
  expect(acted).toEqual([])
  await acts
  expect(acted).toHaveLength(1)
})

it('a reactor that gives way acts after ten seconds, however long a sale goes on', async () => {
  const { acted, act } = acting()
  const acts = act()
  await workFor(11_000)
  expect(acted).toHaveLength(1)
  await acts
}, 20_000)
