import { expect, it } from 'vitest'
import { idFor } from '../../domain/spec.ts'
import { tokenLinks } from './token-links.ts'

const links = tokenLinks('https://tickets.example.com', new Uint8Array(32))
const event = idFor('event')
const seal = links.uriOf(event).split('/').at(-1)!

it('opens for the event that it was made for, and for no other', () => {
  expect(links.isSealOf(event, seal)).toBe(true)
  expect(links.isSealOf(idFor('other'), seal)).toBe(false)
})

it('opens for no other text, not even one that decodes to the same bytes', () => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_='
  for (const last of [...alphabet, ''])
    expect(links.isSealOf(event, seal.slice(0, -1) + last)).toBe(last === seal.at(-1))
  expect(links.isSealOf(event, `${seal}==`)).toBe(false)
})
