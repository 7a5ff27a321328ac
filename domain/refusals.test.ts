import { expect, it } from 'vitest'
import { refusals } from './refusals.ts'

const all = Object.entries(refusals)

it.each(all)('%s is the client’s matter, says what is so, and what to do about it', (code, { status, title, next }) => {
  expect(code).toMatch(/^([A-Z][a-z]+)+$/)
  expect(Math.floor(status / 100)).toBe(4)
  // A title is a sentence without its full stop; what to do are whole sentences.
  expect(title).toMatch(/^[A-Z].*[^.!?\s]$/)
  expect(next).toMatch(/^[A-Z].*[^.!?\s]\.$/)
})

it('what does not exist is 404, whatever it is', () => {
  const lost = all.filter(([code, { title }]) => code.endsWith('NotFound') && title.startsWith('There is no'))
  expect(lost.length).toBeGreaterThan(3)
  for (const [code, { status }] of lost) expect(status, code).toBe(404)
})
