import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { inBatches } from './batches.ts'

/** Answers each question with itself, a moment later, and keeps what it was asked. */
const echo = (options: { size?: number; atOnce?: number; keyOf?: (question: string) => unknown } = {}) => {
  const asked: (readonly string[])[] = []
  let underWay = 0
  let mostUnderWay = 0
  const batches = inBatches<string, string>({
    size: 100,
    atOnce: 1,
    ...options,
    ask: async (questions) => {
      asked.push(questions)
      mostUnderWay = Math.max(mostUnderWay, ++underWay)
      await sleep(1)
      underWay--
      if (questions.includes('bad')) throw new Error('bad')
      return questions
    },
  })
  return { ...batches, asked, mostUnderWay: () => mostUnderWay }
}

it('what is asked in one turn is asked together, and what comes meanwhile after it', async () => {
  const { ask, asked } = echo()
  const first = [ask('a'), ask('b')]
  await expect.poll(() => asked.length).toBe(1)
  const next = [ask('c'), ask('d')]
  expect(await Promise.all([...first, ...next])).toEqual(['a', 'b', 'c', 'd'])
  expect(asked).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ])
})

it('batches have a size, and so many are under way at once', async () => {
  const { ask, asked, mostUnderWay } = echo({ size: 3, atOnce: 2 })
  const questions = Array.from({ length: 20 }, (_, i) => `${i}`)
  expect(await Promise.all(questions.map(ask))).toEqual(questions)
  expect(asked.flat()).toEqual(questions)
  expect(Math.max(...asked.map(({ length }) => length))).toBe(3)
  expect(mostUnderWay()).toBe(2)
})

it('what has the same key is asked one after the other, in order', async () => {
  const { ask, asked } = echo({ keyOf: (question) => question[0] })
  await Promise.all(['a1', 'a2', 'b1', 'a3', 'b2'].map(ask))
  expect(asked).toEqual([['a1', 'b1'], ['a2', 'b2'], ['a3']])
})

it('a batch that fails fails for all in it, and for nobody else', async () => {
  const { ask } = echo({ size: 2 })
  const results = await Promise.allSettled(['a', 'bad', 'b'].map(ask))
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled'])
})

it('who asks again as soon as they are answered is answered again, however late in that turn', async () => {
  const { ask } = echo()
  for (let turns = 0; turns < 12; turns++) {
    await ask('a')
    for (let turn = 0; turn < turns; turn++) await undefined
    expect(await ask('b')).toBe('b')
  }
})

it('is drained once all are answered', async () => {
  const { ask, drained } = echo({ size: 1 })
  let answered = 0
  for (const question of ['a', 'b', 'c']) void ask(question).then(() => answered++)
  await drained()
  expect(answered).toBe(3)
  await drained()
})
