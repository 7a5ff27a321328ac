import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { embeddedIssuer } from '../adapters/keys/tokens.ts'
import { sqliteVault } from '../adapters/sqlite/vault.ts'
import type { Role } from '../domain/roles.ts'
import { type Client, clientOf } from './client.ts'
import type { PlacedOrder } from './counterfoil.world.ts'

const root = new URL('../', import.meta.url).pathname
const START: string = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts.start

const ORDERS = 20
const EACH = 10

/** A server of its own on a folder, which may be killed. */
const running = async (dataDir: string) => {
  const env = { ...process.env, PORT: '0', DATA_DIR: dataDir, RATE_LIMIT_PER_MINUTE: '1000000' }
  const child = spawn(START, { shell: true, cwd: root, env, stdio: ['ignore', 'pipe', 'ignore'] })
  const ended = once(child, 'close')
  const kill = async () => {
    child.kill('SIGKILL')
    await ended
  }
  onTestFinished(kill)
  let said = ''
  for await (const text of child.stdout) {
    said += text
    if (said.includes('\n')) break
  }
  return { kill, url: said.trim().split(' ').at(-1)!.replace('/docs', '') }
}

const issuing = async (dataDir: string) => {
  const vault = sqliteVault(join(dataDir, 'vault.db'))
  const issuer = await embeddedIssuer(vault)
  await vault.close()
  return (role: Role, subject: string) => issuer.issue({ subject, role, tenant: 'demo', venues: [], expiresIn: 3_600 })
}

const onSale = async (ada: Client) => {
  const { venueId } = (
    await ada.call<{ venueId: string }>('POST', '/venues', { name: 'Paradiso', timeZone: 'Europe/Amsterdam' })
  ).body
  const [startsAt, endsAt] = [24, 26].map((hours) => new Date(Date.now() + hours * 3_600_000).toISOString())
  const details = { venueId, name: 'Gala', startsAt, endsAt, timeZone: 'Europe/Amsterdam', currency: 'EUR' }
  const { eventId } = (await ada.call<{ eventId: string }>('POST', '/events', { ...details, chain: 'off' })).body
  await ada.call('PUT', `/events/${eventId}/pools/GA`, { size: ORDERS * EACH })
  const type = { name: 'Standing', pool: 'GA', priceCents: 2_500, zone: 'GA' }
  const { typeId } = (await ada.call<{ typeId: string }>('POST', `/events/${eventId}/ticket-types`, type)).body
  await ada.call('POST', `/events/${eventId}/publish`)
  await ada.call('POST', `/events/${eventId}/sales/open`)
  return { eventId, typeId }
}

const buy = async (buyer: Client, eventId: string, typeId: string) => {
  const items = [{ typeId, quantity: EACH }]
  const { orderId, payment } = (await buyer.call<PlacedOrder>('POST', '/orders', { eventId, items })).body
  const card = { clientSecret: payment.clientSecret, card: 'good' }
  await buyer.call('POST', `/sandbox/payments/${payment.id}/confirm`, card)
  expect((await buyer.call<PlacedOrder>('GET', `/orders/${orderId}?wait=10s`)).body.status).toBe('confirmed')
  return orderId
}

/** How many facts of a type the ledger holds, read beside the server. */
const factsIn = (dataDir: string, type: string): number => {
  const ledger = new DatabaseSync(join(dataDir, 'ledger.db'), { readOnly: true })
  const { count } = ledger.prepare('select count(*) as count from fact where type = ?').get(type) as { count: number }
  ledger.close()
  return count
}

type Closing = {
  tickets: { sold: number; held: number; cancelled: number }
  refunds: { open: { count: number }; paid: { count: number; money: { amount: number } } }[]
}

it('F12.11 an event of 200 tickets that is cancelled ends with all of them closed and paid back once, though the server is killed on the way', {
  timeout: 180_000,
}, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'counterfoil-cancelled-'))
  onTestFinished(() => rm(dataDir, { recursive: true, maxRetries: 5 }))
  let server = await running(dataDir)
  const tokenOf = await issuing(dataDir)
  const admin = await tokenOf('admin', 'ada')
  const ada = () => clientOf(server.url, admin)
  const { eventId, typeId } = await onSale(ada())
  const orderIds: string[] = []
  for (let i = 0; i < ORDERS; i++)
    orderIds.push(await buy(clientOf(server.url, await tokenOf('attendee', `ann ${i}`)), eventId, typeId))

  await ada().call('POST', `/events/${eventId}/cancel`, { reason: 'weather' })
  while (factsIn(dataDir, 'TicketCancelled') < 60) await setTimeout(1)
  await server.kill()
  expect(factsIn(dataDir, 'TicketCancelled')).toBeLessThan(ORDERS * EACH)
  expect(factsIn(dataDir, 'PaymentRefunded')).toBeLessThan(ORDERS * EACH)

  // The worker goes on by itself, and so does whatever gave money back.
  server = await running(dataDir)
  const closing = async () => (await ada().call<Closing>('GET', `/events/${eventId}/closing`)).body
  await expect.poll(closing, { timeout: 150_000, interval: 200 }).toMatchObject({
    tickets: { sold: ORDERS * EACH, held: 0, cancelled: ORDERS * EACH },
    refunds: [{ open: { count: 0 }, paid: { count: ORDERS * EACH, money: { amount: ORDERS * EACH * 2_500 } } }],
  })
  expect(factsIn(dataDir, 'TicketCancelled')).toBe(ORDERS * EACH)
  expect(factsIn(dataDir, 'PaymentRefunded')).toBe(ORDERS * EACH)
  for (const orderId of orderIds) {
    const { payments } = (await ada().call<{ payments: { refunded: number }[] }>('GET', `/orders/${orderId}`)).body
    expect(payments[0]!.refunded).toBe(EACH * 2_500)
  }
})
