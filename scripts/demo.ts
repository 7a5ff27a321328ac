import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import QRCode from 'qrcode'
import { readConfig } from '../adapters/config.ts'
import type { Role } from '../domain/roles.ts'
import { type Client, clientOf } from './client.ts'
import { type Counterfoil, startCounterfoil } from './counterfoil.ts'
import { moves } from './demo/moves.ts'

// npm run demo: the two-minute tour, against the real API on a data folder of its own.

type Event = { eventId: string }
type TicketType = { typeId: string }
type Order = {
  asOf: string
  orderId: string
  status: string
  total: { formatted: string }
  payment: { id: string; clientSecret: string }
}
type Ticket = { ticketId: string; typeName: string; slot: string; status: string; priceFormatted: string }
type OnChain = { mintAddress: string | null; ticketPda: string; chain: { state: string } }
type Scan = {
  verdict: string
  reason: string | null
  explanation: string | null
  checks: { step: string; outcome: string }[]
}
type Sales = { sales: { name: string; sold: number; gross: { formatted: string } }[] }

const tell = (step: string, ...lines: string[]) =>
  console.log(`\n▸ ${step}\n${lines.map((line) => `  ${line}`).join('\n')}`)

const tour = async ({ url, issue }: Counterfoil): Promise<void> => {
  const as = async (role: Role, subject: string) =>
    clientOf(url, await issue({ subject, role, tenant: 'demo', venues: [], expiresIn: 3_600 }))
  const olga = await as('organizer', 'olga')
  const ann = await as('attendee', 'ann')

  const { venueId } = (
    await olga.call<{ venueId: string }>('POST', '/venues', { name: 'Paradiso', timeZone: 'Europe/Amsterdam' })
  ).body
  const fees = [{ code: 'booking_fee', flat: [{ amount: 150, currency: 'EUR' }], basisPoints: 200, paidBy: 'buyer' }]
  await olga.call('PUT', `/venues/${venueId}/fees`, { fees })
  tell('A venue is registered', `Paradiso takes a booking fee of €1.50 and 2 %, paid by the buyer.`)

  const inAnHour = Date.now() + 3_600_000
  const { eventId } = (
    await olga.call<Event>('POST', '/events', {
      venueId,
      name: 'Night of the Long Queue',
      startsAt: new Date(inAnHour).toISOString(),
      endsAt: new Date(inAnHour + 4 * 3_600_000).toISOString(),
      timeZone: 'Europe/Amsterdam',
      currency: 'EUR',
    })
  ).body
  await olga.call('PUT', `/events/${eventId}/pools/GA`, { size: 500 })
  const taxes = [{ name: 'VAT', basisPoints: 900, inclusive: true }]
  const early = { name: 'Early bird', pool: 'GA', to: 100, priceCents: 2_500, taxes, zone: 'GA', maxPerPerson: 4 }
  const regular = { name: 'Regular', pool: 'GA', priceCents: 3_250, taxes, zone: 'GA' }
  const { typeId } = (await olga.call<TicketType>('POST', `/events/${eventId}/ticket-types`, early)).body
  await olga.call('POST', `/events/${eventId}/ticket-types`, regular)
  await olga.call('POST', `/events/${eventId}/publish`)
  await olga.call('POST', `/events/${eventId}/sales/open`)
  tell('Tonight’s event is on sale', 'A pool of 500 places; the first 100 also as early bird, at most 4 a person.')

  const placed = await ann.call<Order>('POST', '/orders', { eventId, items: [{ typeId, quantity: 2 }] })
  const { orderId, payment } = placed.body
  await ann.call('POST', `/sandbox/payments/${payment.id}/confirm`, {
    clientSecret: payment.clientSecret,
    card: 'good',
  })
  const order = (await ann.call<Order>('GET', `/orders/${orderId}?wait=10s&minPosition=${placed.position}`)).body
  tell('Ann buys two early birds', `The order is ${order.status}: ${order.total.formatted}, the server's price.`)

  const tickets = (await ann.call<{ items: Ticket[] }>('GET', `/tickets?minPosition=${order.asOf}`)).body.items
  tell('Her tickets', ...tickets.map((t) => `${t.slot}  ${t.typeName}  ${t.status}  ${t.priceFormatted}`))

  const { ticketId } = tickets[0]!
  await moves({ as, tell }, { venueId, ticketId: tickets[1]!.ticketId })
  const qr = (await ann.call<{ code: string; ttlSeconds: number }>('GET', `/tickets/${ticketId}/qr`)).body
  const drawn = await QRCode.toString(qr.code, { type: 'terminal', small: true, errorCorrectionLevel: 'L' })
  tell(`The code of the first, good for ${qr.ttlSeconds} more seconds`, ...drawn.trimEnd().split('\n'))

  await olga.call('PUT', `/events/${eventId}/entrances/${encodeURIComponent('North gate')}`, { zone: 'GA' })
  const device = { deviceId: 'scanner-7', name: 'Scanner 7', venueId, zone: 'GA' }
  const { credential } = (await olga.call<{ credential: string }>('POST', '/devices/register', device)).body
  await olga.call('POST', '/devices/scanner-7/assign', { eventId, zone: 'GA', entrance: 'North gate' })
  const scanner = clientOf(url, credential)
  const first = (await scanner.call<Scan>('POST', '/scan', { code: qr.code })).body
  tell('Scanner 7 at the north gate reads it', `${first.verdict}, after ${first.checks.length} checks.`)

  const again = (await ann.call<{ code: string }>('GET', `/tickets/${ticketId}/qr`)).body
  const second = (await scanner.call<Scan>('POST', '/scan', { code: again.code })).body
  tell('A friend tries the same ticket', `${second.verdict}: ${second.reason}`, `${second.explanation}`)

  const minted = await settled(ann, ticketId)
  await settled(await as('attendee', 'cid'), tickets[1]!.ticketId)
  tell(
    'The chain has followed: the ticket is a token on Solana, here in this process',
    `mint    ${minted.mintAddress}`,
    `account ${minted.ticketPda}`,
  )

  const report = await olga.call<Sales>('GET', `/events/${eventId}/reports/sales`)
  tell(
    'What the organizer sees',
    ...report.body.sales.map(({ name, sold, gross }) => `${name}: ${sold} sold, ${gross.formatted}`),
  )
}

/** The ticket, once what is on chain of it is final. */
const settled = async (holder: Client, ticketId: string): Promise<OnChain> => {
  for (let i = 0; i < 100; i++) {
    const ticket = (await holder.call<OnChain>('GET', `/tickets/${ticketId}`)).body
    if (ticket.chain.state === 'settled') return ticket
    await sleep(200)
  }
  throw new Error(`ticket ${ticketId} did not settle on chain: see /health`)
}

/** What npm run reconcile says, beside the running server. */
const reconciliation = async (dataDir: string): Promise<string> => {
  const script = fileURLToPath(new URL('./reconcile.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [script], {
    env: { ...process.env, DATA_DIR: dataDir },
  })
  return stdout.trim()
}

const folder = await mkdtemp(join(tmpdir(), 'counterfoil-demo-'))
const counterfoil = await startCounterfoil({ ...readConfig({}), dataDir: folder, port: 0 })
try {
  await tour(counterfoil)
  tell('Ledger and chain are compared', await reconciliation(folder))
  console.log('\nAll of it is facts in one append-only ledger. Start your own with: npm start')
} finally {
  await counterfoil.stop()
  await rm(folder, { recursive: true })
}
