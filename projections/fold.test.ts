import fc from 'fast-check'
import { type Kysely, sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Batch, collect, memory } from './batch.ts'
import { places } from './databases.world.ts'
import { type Fold, foldInto } from './fold.ts'

type Seat = { tenant: string; label: string; holder: string | null; sold: number; price: number; visits: string[] }
type DB = { seat: Seat; label: { tenant: string; label: string } }

type SeatFact = { tenant: string } & (
  | { type: 'Sold'; label: string; to: string; price: number }
  | { type: 'Swapped'; label: string; with: string }
  | { type: 'Entered'; label: string; at: string }
  | { type: 'Removed'; label: string }
  | { type: 'Weathered' }
)

const empty = { holder: null, sold: 0, price: 0, visits: [] }

const seats: Fold<SeatFact, 'seat', Seat, 'tenant' | 'label'> = {
  table: 'seat',
  key: ['tenant', 'label'],
  keysOf: (fact) => {
    if (fact.type === 'Weathered') return []
    const { tenant, label } = fact
    return fact.type === 'Swapped'
      ? [
          { tenant, label },
          { tenant, label: fact.with },
        ]
      : [{ tenant, label }]
  },
  evolve: (row, fact, key) => {
    switch (fact.type) {
      case 'Sold':
        return { ...(row ?? { ...key, ...empty }), holder: fact.to, sold: (row?.sold ?? 0) + 1, price: fact.price }
      case 'Swapped':
        return row && { ...row, holder: `${row.holder} swapped` }
      case 'Entered':
        return row && { ...row, visits: [...row.visits, fact.at] }
      case 'Removed':
        return undefined
      case 'Weathered':
        return row
    }
  },
}

describe.each(places)('a table folded from facts, on $name', ({ use }) => {
  const { open } = use()
  let db: Kysely<DB>
  beforeAll(async () => {
    db = (await open()).db
    await sql`create table seat (
      tenant text, label text, holder text, sold bigint, price numeric, visits jsonb, primary key (tenant, label))`.execute(
      db,
    )
    await sql`create table label (tenant text, label text, primary key (tenant, label))`.execute(db)
  })

  const remembered = memory()
  /** Writes what a batch has collected, as the projector does. */
  const stored = async (work: (batch: Batch) => Promise<void>) => {
    const batch = collect(db, 'public', remembered)
    await work(batch)
    const parts = batch.parts('always').map((part, i) => sql`, ${sql.id(`part${i}`)} as (${part})`)
    await sql`with always as (select true)${sql.join(parts, sql``)} select true`.execute(db)
    batch.remember()
  }
  const fold = (facts: readonly SeatFact[]) => stored((batch) => foldInto(batch, seats, facts))
  const rows = () => db.selectFrom('seat').selectAll().orderBy('tenant').orderBy('label').execute()
  const anew = () => {
    remembered.clear()
    return sql`truncate seat, label`.execute(db)
  }

  it('writes, changes and takes away rows, and reads back what it wrote', async () => {
    await anew()
    await fold([
      { tenant: 'acme', type: 'Sold', label: `A-1 "«'`, to: 'ann', price: 4_500 },
      { tenant: 'acme', type: 'Sold', label: 'A-2', to: 'bob', price: 4_500 },
    ])
    await fold([
      { tenant: 'acme', type: 'Entered', label: `A-1 "«'`, at: '20:00' },
      { tenant: 'acme', type: 'Removed', label: 'A-2' },
      { tenant: 'acme', type: 'Removed', label: 'was never sold' },
    ])
    expect(await rows()).toEqual([
      { tenant: 'acme', label: `A-1 "«'`, holder: 'ann', sold: 1, price: 4_500, visits: ['20:00'] },
    ])
  })

  it('keeps a row that was taken away and written again in one batch', async () => {
    await anew()
    await fold([{ tenant: 'acme', type: 'Sold', label: 'A-1', to: 'ann', price: 1 }])
    await fold([
      { tenant: 'acme', type: 'Removed', label: 'A-1' },
      { tenant: 'acme', type: 'Sold', label: 'A-1', to: 'cid', price: 2 },
    ])
    expect(await rows()).toEqual([{ tenant: 'acme', label: 'A-1', ...empty, holder: 'cid', sold: 1, price: 2 }])
  })

  it('holds rows that are nothing but their key', async () => {
    await anew()
    const labels: Fold<string, 'label', DB['label'], 'tenant' | 'label'> = {
      table: 'label',
      key: ['tenant', 'label'],
      keysOf: (label) => [{ tenant: 'acme', label }],
      evolve: (_, __, key) => ({ ...key }),
    }
    for (const some of [['A-1', 'A-2'], ['A-2']]) await stored((batch) => foldInto(batch, labels, some))
    expect(await db.selectFrom('label').select('label').orderBy('label').execute()).toEqual([
      { label: 'A-1' },
      { label: 'A-2' },
    ])
  })

  it('takes more rows in one batch than a statement has parameters', async () => {
    await anew()
    await fold(
      Array.from({ length: 20_000 }, (_, i) => ({ tenant: 'acme', type: 'Sold', label: `${i}`, to: 'ann', price: i })),
    )
    const { sold, price } = await db
      .selectFrom('seat')
      .select(({ fn }) => [fn.sum('sold').as('sold'), fn.sum('price').as('price')])
      .executeTakeFirstOrThrow()
    expect({ sold, price }).toEqual({ sold: 20_000, price: 199_990_000 })
  })

  it('gives the same rows however the facts are cut into batches', async () => {
    const label = fc.constantFrom('A-1', 'A-2', 'A-3', 'B-1')
    const base = { tenant: fc.constantFrom('acme', 'zenith'), label }
    const fact = fc.oneof(
      fc.record({ ...base, type: fc.constant('Sold' as const), to: fc.string({ unit: 'grapheme' }), price: fc.nat() }),
      fc.record({ ...base, type: fc.constant('Swapped' as const), with: label }),
      fc.record({ ...base, type: fc.constant('Entered' as const), at: fc.string() }),
      fc.record({ ...base, type: fc.constant('Removed' as const) }),
      fc.record({ tenant: base.tenant, type: fc.constant('Weathered' as const) }),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(fact, { maxLength: 40 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        async (facts, cuts) => {
          await anew()
          await fold(facts)
          const inOne = await rows()
          await anew()
          for (let at = 0, i = 0; at < facts.length; at += cuts[i++ % cuts.length]!) {
            // As after a restart.
            if (i % 3 === 2) remembered.clear()
            await fold(facts.slice(at, at + cuts[i % cuts.length]!))
          }
          expect(await rows()).toEqual(inOne)
        },
      ),
      { numRuns: 60 },
    )
  })
})
