import { describe, expect, it, onTestFinished } from 'vitest'
import { hasRedis, redisServer } from '../adapters/cache/redis.world.ts'
import type { Config } from '../adapters/config.ts'
import { standIn } from '../adapters/eventstore/stand-in.world.ts'
import { postgresServer } from '../adapters/postgres/server.world.ts'
import { clientOf } from './client.ts'
import { wholeWorld } from './counterfoil.world.ts'

const database = async (): Promise<string> => {
  const server = await postgresServer()
  onTestFinished(server.stop)
  return server.database()
}

const eventStore = async (): Promise<string> => {
  const { url, close } = await standIn()
  onTestFinished(close)
  return url
}

const redis = async (): Promise<string> => {
  const server = await redisServer()
  onTestFinished(server.stop)
  return server.url
}

type Parts = { name: string; isHere: boolean; open: () => Promise<Partial<Config>> }

const SETUPS: readonly Parts[] = [
  {
    name: 'PostgreSQL and Redis',
    isHere: hasRedis,
    open: async () => ({ databaseUrl: await database(), redisUrl: await redis() }),
  },
  {
    name: 'EventStoreDB and PostgreSQL',
    isHere: true,
    open: async () => ({ databaseUrl: await database(), eventStoreUrl: await eventStore() }),
  },
  {
    name: 'EventStoreDB, and the rest embedded',
    isHere: true,
    open: async () => ({ eventStoreUrl: await eventStore() }),
  },
]

for (const { name, isHere, open } of SETUPS)
  describe.skipIf(!isHere)(`on ${name}`, () => {
    it('a ticket is bought, told of by mail, shown after a restart, let in once, and in the books', {
      timeout: 90_000,
    }, async () => {
      const parts = await open()
      const w = await wholeWorld(parts)
      onTestFinished(w.close)
      const { olga, venueId, eventId, typeId } = await w.onSale({ size: 2 })
      const gateOf = async (deviceId: string) => {
        const device = { deviceId, name: deviceId, venueId, zone: 'GA' }
        const { credential } = (await olga.call<{ credential: string }>('POST', '/devices/register', device)).body
        await olga.call('POST', `/devices/${deviceId}/assign`, { eventId, zone: 'GA' })
        return credential
      }
      const [north, south] = [await gateOf('north'), await gateOf('south')]
      await (await w.as('attendee', 'ann')).call('PUT', '/me', { name: 'Ann', email: 'ann@example.org' })
      await w.buyTickets(await w.as('attendee', 'ann'), eventId, typeId, 2)
      const admin = await w.as('admin', 'ada')
      type Box = { items: { to: string; subject: string }[] }
      await expect
        .poll(async () => (await admin.call<Box>('GET', '/admin/outbox')).body.items, { timeout: 10_000 })
        .toMatchObject([{ to: 'ann@example.org' }])

      await w.restart()
      const ann = await w.as('attendee', 'ann')
      type Tickets = { items: { ticketId: string; status: string }[] }
      const mine = (await ann.call<Tickets>('GET', '/tickets')).body.items
      expect(mine.map(({ status }) => status)).toEqual(['ACTIVE', 'ACTIVE'])
      const { code } = (await ann.call<{ code: string }>('GET', `/tickets/${mine[0]!.ticketId}/qr`)).body
      const scan = async (credential: string) =>
        (await clientOf(w.url, credential).call<{ verdict: string; reason: string | null }>('POST', '/scan', { code }))
          .body
      const verdicts = await Promise.all([scan(north), scan(south)])
      expect(verdicts.map(({ verdict }) => verdict).sort()).toEqual(['allow', 'deny'])

      const again = await w.as('organizer', 'olga')
      type Balance = { balances: { amount: number; currency: string }[] }
      await expect
        .poll(async () => (await again.call<Balance>('GET', `/venues/${venueId}/balance`)).body.balances)
        .toMatchObject([{ amount: 5_000, currency: 'EUR' }])
    })
  })
