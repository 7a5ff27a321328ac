import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readConfig } from '../../adapters/config.ts'
import { openParts } from '../../adapters/parts.ts'
import type { Recorded } from '../../domain/fact.ts'
import type { Ledger } from '../../domain/ledger.ts'
import { projectionSide } from '../../projections/main.ts'

// node scripts/bench/appends.ts <file with recorded orders> <how many orders to append>
// What the ledger does while all projectors follow it, with nothing above it. Prints one line of JSON.

export type AppendRun = { readonly perSecond: number; readonly lagSeconds: number }

type Given = { readonly setting: readonly Recorded[]; readonly sample: readonly (readonly Recorded[])[] }

const CALLERS = 64

/** Of the orders: not measured, so that what is measured runs on compiled code as the orders did. */
const WARM_UP = 0.25

const append = (ledger: Ledger, { stream, revision, id, type, data, metadata }: Recorded) =>
  ledger.append(stream, revision === 0 ? 'none' : revision - 1, [{ id, type, data, metadata }])

/** Each caller takes one order after the other and appends its facts, one at a time. */
const appendAll = async (ledger: Ledger, orders: readonly (readonly Recorded[])[]): Promise<number> => {
  let next = 0
  const caller = async () => {
    for (let order = orders[next++]; order; order = orders[next++]) for (const fact of order) await append(ledger, fact)
  }
  const began = performance.now()
  await Promise.all(Array.from({ length: CALLERS }, caller))
  return orders.flat().length / ((performance.now() - began) / 1_000)
}

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g
const SLOT = /pool:GA:\d+/g

/** Copies of recorded orders, each with ids and slots of its own. Made before the clock starts. */
const freshOrders = ({ setting, sample }: Given, count: number): Recorded[][] => {
  const kept = new Set([
    ...(JSON.stringify(setting).match(UUID) ?? []),
    ...sample.flat().map(({ metadata }) => metadata.actor.id),
  ])
  const texts = sample.map((order) => JSON.stringify(order))
  let slots = 0
  return Array.from({ length: count }, (_, i) => {
    const fresh = new Map<string, string>()
    const renew = (old: string, make: () => string): string => {
      const known = fresh.get(old) ?? make()
      fresh.set(old, known)
      return known
    }
    const text = texts[i % texts.length]!.replace(UUID, (id) => (kept.has(id) ? id : renew(id, randomUUID))).replace(
      SLOT,
      (slot) => renew(slot, () => `pool:GA:${++slots}`),
    )
    return JSON.parse(text)
  })
}

const [file, count] = process.argv.slice(2)
const given: Given = JSON.parse(readFileSync(file!, 'utf8'))
const orders = freshOrders(given, Number(count))
const parts = await openParts(readConfig(process.env))
const projections = await projectionSide(parts)

for (const fact of given.setting) await append(parts.ledger, fact)
const warm = Math.floor(orders.length * WARM_UP)
await appendAll(parts.ledger, orders.slice(0, warm))
const perSecond = await appendAll(parts.ledger, orders.slice(warm))

const ended = performance.now()
const names = (await projections.status()).map(({ name }) => name)
await projections.waitFor(names, await parts.ledger.head(), 600_000)
console.log(JSON.stringify({ perSecond, lagSeconds: (performance.now() - ended) / 1_000 } satisfies AppendRun))
await projections.close()
await parts.close()
