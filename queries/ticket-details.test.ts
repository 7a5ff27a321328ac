import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { decode, versionOf } from '../domain/registry.ts'
import { type TicketFact, ticketFacts } from '../domain/ticket/facts.ts'
import { Detail, detailsOf } from './ticket-details.ts'

const golden = new URL('../domain/golden/', import.meta.url)

const stored = (type: string): unknown =>
  JSON.parse(readFileSync(new URL(`${type}@${versionOf(type)}.json`, golden), 'utf8'))

describe('what a history shows of a fact', () => {
  it.each(Object.keys(ticketFacts))('of %s is plain, and names nobody but where people are withheld', (type) => {
    const fact = decode(type, versionOf(type), stored(type)) as TicketFact
    const { open = {}, people = {}, own = {} } = detailsOf(fact)
    for (const value of Object.values({ ...open, ...people, ...own }))
      expect(Detail.safeParse(value).success).toBe(true)
    expect(
      Object.keys(open).filter((name) => /^(from|to|by|orderId)$|(holder|payer|seller|buyer)Id$/.test(name)),
    ).toEqual([])
    for (const name of ['nonce', 'tryId']) expect({ ...open, ...people, ...own }).not.toHaveProperty(name)
  })
})
