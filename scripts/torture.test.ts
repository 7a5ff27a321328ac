import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasRedis } from '../adapters/cache/redis.world.ts'
import { isAccepted } from './torture/history.ts'
import { movesIn, ticketsIn } from './torture/invariants/holders.ts'
import { postgresSetup } from './torture/postgres.ts'
import { type Outcome, torture } from './torture/run.ts'
import { sqliteSetup } from './torture/sqlite.ts'

// The short form of `npm run torture`, on a seed that is the same each time.

const SETUPS = [
  { name: 'in one process on SQLite', setUp: sqliteSetup, isHere: true },
  { name: 'in six processes on PostgreSQL and Redis', setUp: postgresSetup, isHere: hasRedis },
]

for (const { name, setUp, isHere } of SETUPS)
  describe.skipIf(!isHere)(`Counterfoil ${name}, under random clients, lost replies and kill -9`, () => {
    let folder: string
    let outcome: Outcome
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'counterfoil-torture-test-'))
      outcome = await torture({
        ...{ seed: '11', clients: 8, folder, setUp, milliseconds: 8_000, orders: 40, faults: 3, hurry: true },
        ...{ pauseMs: [0, 100], faultsMs: [1_500, 3_000], newEventMs: 4_000, tell: () => {} },
      })
    }, 240_000)
    afterAll(() => rm(folder, { recursive: true }))

    it('breaks no promise that a client was given', () =>
      expect(outcome.judgements.filter(({ findings }) => findings.length > 0)).toEqual([]))

    it('was tortured: it was killed, replies were lost, orders were confirmed, given up and paid in vain, tickets came in, moved and were given back', () => {
      const { books, history } = outcome
      expect(history.faults.some(({ fault }) => fault === 'SIGKILL')).toBe(true)
      expect(history.exchanges.filter(({ status }) => status === null).length).toBeGreaterThan(10)
      expect(books.orders.filter(({ status }) => status === 'confirmed').length).toBeGreaterThan(3)
      expect(new Set(books.orders.map(({ reason }) => reason)).size).toBeGreaterThan(1)
      const admissions = books.events.map(({ attendance }) => attendance.admissions)
      expect(Math.max(...admissions)).toBeGreaterThan(0)
      expect(movesIn(books).filter(({ status }) => status === 'accepted').length).toBeGreaterThan(0)
      expect(ticketsIn(books).some(({ status }) => status === 'REFUNDED' || status === 'CANCELLED')).toBe(true)
      expect(history.exchanges.filter(isAccepted).length).toBeGreaterThan(100)
    })
  })
