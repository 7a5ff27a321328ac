import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { embeddedIssuer } from '../adapters/keys/tokens.ts'
import { sqliteVault } from '../adapters/sqlite/vault.ts'
import type { Role } from '../domain/roles.ts'
import { type Client, clientOf } from './client.ts'
import type { Page, PlacedOrder } from './counterfoil.world.ts'

const root = new URL('../', import.meta.url).pathname
/** As npm runs it, and without npm's own lines. */
const START: string = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts.start

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'counterfoil-start-'))
})
afterAll(() => rm(folder, { recursive: true }))

type Started = {
  readonly child: ChildProcess
  readonly stdout: () => string
  readonly stderr: () => string
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>
}

const start = (env: Record<string, string>): Started => {
  const child = spawn(START, { shell: true, cwd: root, env: { ...process.env, PORT: '0', ...env } })
  const said = { out: '', err: '' }
  child.stdout.on('data', (text) => {
    said.out += text
  })
  child.stderr.on('data', (text) => {
    said.err += text
  })
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string)
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return { child, stdout: () => said.out, stderr: () => said.err, ended }
}

const ready = async (dataDir: string) => {
  const began = performance.now()
  const started = start({ DATA_DIR: dataDir })
  while (!started.stdout().includes('\n')) {
    if (started.child.exitCode !== null) throw new Error(`it did not start: ${started.stderr()}`)
    await setTimeout(5)
  }
  const milliseconds = Math.round(performance.now() - began)
  return { ...started, milliseconds, url: started.stdout().trim().split(' ').at(-1)!.replace('/docs', '') }
}

/** Tokens out of the vault that the server has open. */
const issuing = async (dataDir: string) => {
  const vault = sqliteVault(join(dataDir, 'vault.db'))
  const issuer = await embeddedIssuer(vault)
  await vault.close()
  return (role: Role, subject: string) => issuer.issue({ subject, role, tenant: 'demo', venues: [], expiresIn: 3_600 })
}

const sale = async (olga: Client) => {
  const { venueId } = (
    await olga.call<{ venueId: string }>('POST', '/venues', { name: 'Paradiso', timeZone: 'Europe/Amsterdam' })
  ).body
  const inAnHour = Date.now() + 3_600_000
  const startsAt = new Date(inAnHour).toISOString()
  const endsAt = new Date(inAnHour + 3_600_000).toISOString()
  const details = { venueId, name: 'Gala', startsAt, endsAt, timeZone: 'Europe/Amsterdam', currency: 'EUR' }
  const { eventId } = (await olga.call<{ eventId: string }>('POST', '/events', details)).body
  await olga.call('PUT', `/events/${eventId}/pools/GA`, { size: 20_000 })
  const type = { name: 'Standing', pool: 'GA', priceCents: 2_500, zone: 'GA' }
  const { typeId } = (await olga.call<{ typeId: string }>('POST', `/events/${eventId}/ticket-types`, type)).body
  await olga.call('POST', `/events/${eventId}/publish`)
  await olga.call('POST', `/events/${eventId}/sales/open`)
  return { eventId, typeId }
}

/** What one client was told. */
type Told = { readonly placed: Set<string>; readonly confirmed: Set<string> }

/** Buys until the server is gone. */
const shopping = async (ann: Client, { eventId, typeId }: { eventId: string; typeId: string }, told: Told) => {
  try {
    for (;;) {
      const { body, position } = await ann.call<PlacedOrder>('POST', '/orders', {
        eventId,
        items: [{ typeId, quantity: 2 }],
      })
      const { orderId, payment } = body
      told.placed.add(orderId)
      const card = { clientSecret: payment.clientSecret, card: 'good' }
      await ann.call('POST', `/sandbox/payments/${payment.id}/confirm`, card)
      const { status } = (await ann.call<PlacedOrder>('GET', `/orders/${orderId}?wait=5s&minPosition=${position}`)).body
      if (status === 'confirmed') told.confirmed.add(orderId)
    }
  } catch (error) {
    // A socket that was closed, and no answer.
    if (!(error instanceof TypeError)) throw error
  }
}

const CLIENTS = 16

/** A sale with 16 clients that the server does not live to see the end of; what they were told, and who they are. */
const interruptedSale = async (dataDir: string, signal: 'SIGTERM' | 'SIGKILL') => {
  const server = await ready(dataDir)
  const tokenOf = await issuing(dataDir)
  const onSale = await sale(clientOf(server.url, await tokenOf('organizer', 'olga')))
  const told: Told = { placed: new Set(), confirmed: new Set() }
  const tokens = await Promise.all(Array.from({ length: CLIENTS }, (_, i) => tokenOf('attendee', `ann ${i}`)))
  const crowd = Promise.all(tokens.map((token) => shopping(clientOf(server.url, token), onSale, told)))
  while (told.confirmed.size < 40) await setTimeout(10)
  server.child.kill(signal)
  const ended = await server.ended
  await crowd
  return { server, ended, told, tokens, ...onSale, admin: await tokenOf('admin', 'ada') }
}

type Sold = Awaited<ReturnType<typeof interruptedSale>>

/** What a restarted server says of it must be what the clients were told. */
const expectNothingLost = async (url: string, { told, tokens, eventId, admin }: Sold) => {
  const ada = clientOf(url, admin)
  const { position } = await ada.call('PUT', '/me', { name: 'Ada' })
  for (const orderId of told.placed) {
    const { status } = (await ada.call<PlacedOrder>('GET', `/orders/${orderId}?minPosition=${position}`)).body
    if (told.confirmed.has(orderId)) expect([orderId, status]).toEqual([orderId, 'confirmed'])
  }
  const slots: string[] = []
  for (const token of tokens) {
    const path = `/tickets?eventId=${eventId}&status=ACTIVE&limit=200&minPosition=${position}`
    slots.push(...(await clientOf(url, token).call<Page<{ slot: string }>>('GET', path)).body.items.map((t) => t.slot))
  }
  expect(new Set(slots).size).toBe(slots.length)
  expect(slots.length).toBeGreaterThanOrEqual(2 * told.confirmed.size)
  const reconciled = await ada.call('POST', `/admin/inventory/${eventId}/reconcile`, { repair: false })
  expect(reconciled.body).toMatchObject({ differences: [] })
  const health = await (await fetch(`${url}/health`)).json()
  expect(health).toMatchObject({ ready: true, negativeInventory: 0 })
}

const ordersIn = (dataDir: string): number => {
  const ledger = new DatabaseSync(join(dataDir, 'ledger.db'), { readOnly: true })
  const { orders } = ledger.prepare("select count(*) as orders from fact where type = 'OrderPlaced'").get() as {
    orders: number
  }
  ledger.close()
  return orders
}

describe('npm start', () => {
  it('F00.11 stops on SIGTERM while 16 clients buy: what is under way is answered, nothing answered is lost', async () => {
    const dataDir = join(folder, 'stopped')
    const sold = await interruptedSale(dataDir, 'SIGTERM')
    expect({ ended: sold.ended, stderr: sold.server.stderr() }).toEqual({ ended: 0, stderr: '' })
    expect(sold.server.stdout()).toMatch(/^Counterfoil is ready: http:\/\/localhost:\d+\/docs\n$/)
    // Nobody's order was taken without an answer.
    expect(ordersIn(dataDir)).toBe(sold.told.placed.size)
    const again = await ready(dataDir)
    console.log(`ready in ${sold.server.milliseconds} ms on a fresh folder, in ${again.milliseconds} ms after that`)
    await expectNothingLost(again.url, sold)
    again.child.kill('SIGINT')
    expect(await again.ended).toBe(0)
  })

  it('F00.11 loses nothing that it answered to kill -9, and its views agree with the ledger after it', async () => {
    const dataDir = join(folder, 'killed')
    const sold = await interruptedSale(dataDir, 'SIGKILL')
    expect(sold.ended).not.toBe(0)
    const again = await ready(dataDir)
    await expectNothingLost(again.url, sold)
    expect(ordersIn(dataDir)).toBeGreaterThanOrEqual(sold.told.placed.size)
  })
})

describe('what cannot start says so in one line', () => {
  const expectOneLine = async ({ ended, stdout, stderr }: Started, line: RegExp) => {
    expect(await ended).toBe(1)
    expect(stdout()).toBe('')
    expect(stderr()).toMatch(line)
    expect(stderr().trim().split('\n')).toHaveLength(1)
  }

  it('on a port that is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void other.close())
    await once(other, 'listening')
    const { port } = other.address() as { port: number }
    const started = start({ DATA_DIR: join(folder, 'port'), PORT: String(port) })
    await expectOneLine(started, new RegExp(`^Counterfoil cannot start: port ${port} is taken: .*set PORT to another`))
  })

  it('on a data folder that is a file', async () => {
    const file = join(folder, 'file')
    await writeFile(file, 'mine')
    await expectOneLine(start({ DATA_DIR: file }), /is a file, or lies under one: .*or set DATA_DIR/)
    expect(readFileSync(file, 'utf8')).toBe('mine')
  })

  it('on a data folder that another Counterfoil has', async () => {
    const dataDir = join(folder, 'shared')
    const first = await ready(dataDir)
    await expectOneLine(start({ DATA_DIR: dataDir }), /another Counterfoil runs on this data folder/)
    expect((await fetch(`${first.url}/health`)).status).toBe(200)
  })

  it.each([
    ['PORT', 'eighty'],
    ['LOG_LEVEL', 'loud'],
    ['RESERVATION_MINUTES', '0'],
  ])('with %s=%s', async (name, value) => {
    const started = start({ DATA_DIR: join(folder, 'unused'), [name]: value })
    await expectOneLine(
      started,
      new RegExp(`^Counterfoil cannot start: the environment variable ${name} is "${value}"`),
    )
  })

  it.each(['ledger.db', 'vault.db', 'sandbox-bank.db'])(
    'on a %s that is no database, which it leaves as it is',
    async (name) => {
      const dataDir = join(folder, `broken ${name}`)
      await mkdir(dataDir)
      await writeFile(join(dataDir, name), 'my diary, page one: '.repeat(100))
      await expectOneLine(start({ DATA_DIR: dataDir }), new RegExp(`^Counterfoil cannot start: .*${name}`))
      expect(readFileSync(join(dataDir, name), 'utf8')).toContain('my diary')
    },
  )
})
