import { expect, it } from 'vitest'
import { lru } from './lru.ts'

it('lets go of what nobody has asked for longest', () => {
  const cache = lru<string, number>(2)
  cache.set('a', 1)
  cache.set('b', 2)
  cache.get('a')
  cache.set('c', 3)
  expect(['a', 'b', 'c'].map(cache.get)).toEqual([1, undefined, 3])
})

it('keeps the newest value of a key, once', () => {
  const cache = lru<string, number>(2)
  cache.set('a', 1)
  cache.set('b', 2)
  cache.set('a', 3)
  expect(['a', 'b'].map(cache.get)).toEqual([3, 2])
})
