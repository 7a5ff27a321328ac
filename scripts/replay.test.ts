import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Client } from './client.ts'
import { type World, wholeWorld } from './counterfoil.world.ts'

const REPLAY = fileURLToPath(new URL('replay.ts', import.meta.url))

type Told = { code: number; out: string; err: string }

/** The command as an auditor runs it. */
const replay = (folder: string, ...args: string[]): Promise<Told> =>
  new Promise((resolve) => {
    const env = { ...process.env, DATA_DIR: folder }
    execFile(process.execPath, [REPLAY, ...args], { env, maxBuffer: 1 << 26 }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err: err.trim() }),
    )
  })

const lines = ({ out }: Told) =>
  out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

let w: World
let auditor: Client
let eventId: string
let paid: { orderId: string; asOf: string }
beforeAll(async () => {
  w = await wholeWorld()
  const sale = await w.onSale()
  eventId = sale.eventId
  auditor = await w.as('auditor', 'ada')
  const ann = await w.as('attendee', 'ann')
  paid = await w.buy(ann, eventId, sale.typeId, 2)
  await w.buy(ann, eventId, sale.typeId, 1, 'declined')
  const { body } = await ann.call<{ orderId: string }>('POST', '/orders', {
    eventId,
    items: [{ typeId: sale.typeId, quantity: 1 }],
  })
  await ann.call('POST', `/orders/${body.orderId}/cancel`)
  await w.buy(ann, eventId, sale.typeId, 1)
})
afterAll(() => w.close())

describe('a replay, beside the server that goes on', () => {
  it('to now says of every order and ticket what the API says', async () => {
    const states = lines(await replay(w.folder, '--json')).filter(({ kind }) => kind === 'state')
    const orders = states.filter(({ category }) => category === 'order')
    expect(orders.map(({ status }) => status).toSorted()).toEqual(['cancelled', 'cancelled', 'confirmed', 'confirmed'])
    for (const { id, status, at } of orders) {
      const { body } = await auditor.call<{ status: string; changedAt: string }>('GET', `/orders/${id}`)
      expect([id, body.status, body.changedAt >= at]).toEqual([id, status, true])
    }
    const held = states.filter(({ category, status }) => category === 'ticket' && status === 'held')
    expect(held).toHaveLength(3)
    for (const { id, state } of held) {
      const { body } = await auditor.call<object>('GET', `/tickets/${id}`)
      const { orderId, holderId } = state.sale
      expect(body).toMatchObject({ status: 'ACTIVE', orderId, holderId, generation: state.generation })
    }
  })

  it('to a moment says what the API said then', async () => {
    const then = lines(await replay(w.folder, '--json', '--event', eventId, '--until', paid.asOf))
    expect(then.filter(({ category }) => category === 'ticket').map(({ status }) => status)).toEqual(['held', 'held'])
    const { body } = await auditor.call<{ status: string; asOf: string }>(
      'GET',
      `/orders/${paid.orderId}?at=${paid.asOf}`,
    )
    expect(body).toMatchObject({ status: 'confirmed', asOf: paid.asOf })
    const [order] = lines(await replay(w.folder, '--json', '--stream', `order-${paid.orderId}`, '--until', paid.asOf))
    expect(order).toMatchObject({ kind: 'state', status: 'confirmed' })
  })

  it('tells people who did what and why', async () => {
    const { out, code, err } = await replay(w.folder, '--stream', `order-${paid.orderId}`)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/OrderPlaced +attendee [0-9a-f-]{36}\n/)
    expect(out).toMatch(/OrderConfirmed +order-process +step ConfirmOrder\n/)
    expect((await replay(w.folder)).out).toContain('All accounts add up to zero.')
    expect((await replay(w.folder, '--help')).out).toContain('--until <moment>')
  })
})

describe('in one line, and with exit code 1, it says', () => {
  const refused = async (...args: string[]) => {
    const { code, out, err } = await replay(w.folder, ...args)
    expect({ code, out }).toEqual({ code: 1, out: '' })
    return err
  }

  it('that there is no such stream, and which may have been meant', async () => {
    const { orderId } = paid
    expect(await refused('--stream', `ticket-${orderId}`)).toContain(`did you mean order-${orderId}?`)
    expect(await refused('--stream', orderId)).toContain('lacks its category')
    expect(await refused('--stream', 'tickets')).toContain('is no stream')
    expect(await refused('--event', orderId)).toContain(`there is no event-${orderId}`)
    expect(await refused('--event', 'gala')).toContain('is no id')
    expect(await refused('--event', eventId, '--stream', `order-${orderId}`)).toContain('ask for one')
  })

  it('that a moment is none, or none yet', async () => {
    expect(await refused('--until', 'noon')).toContain('--until noon is neither a time such as')
    expect(await refused('--until', '2999-01-01T00:00:00Z')).toContain('lies in the future')
    expect(await refused('--until', '9'.repeat(paid.asOf.length))).toContain('lies beyond the newest fact')
  })

  it('that there is no ledger, and makes none', async () => {
    const folder = join(w.folder, 'nowhere')
    expect(await replay(folder)).toEqual({
      code: 1,
      out: '',
      err: `there is no ledger at ${join(folder, 'ledger.db')}: set DATA_DIR to the server's folder`,
    })
    expect(existsSync(folder)).toBe(false)
  })

  it('which fact cannot be read', async () => {
    const folder = join(w.folder, 'newer')
    await mkdir(folder)
    const db = new DatabaseSync(join(w.folder, 'ledger.db'))
    db.prepare('vacuum into ?').run(join(folder, 'ledger.db'))
    db.close()
    const copy = new DatabaseSync(join(folder, 'ledger.db'))
    copy.exec(`update fact set metadata = json_set(metadata, '$.v', 7) where type = 'OrderConfirmed'`)
    copy.close()
    const { code, err } = await replay(folder)
    expect(code).toBe(1)
    expect(err).toMatch(
      /^fact [0-9a-f-]{36}, order-.* cannot be read: OrderConfirmed v7 is newer than this reader \(v1\)$/,
    )
  })
})
