import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { describe, expect, it, onTestFinished } from 'vitest'
import { httpServer } from '../../adapters/http/server.ts'
import { logTo } from '../../adapters/log.ts'
import { outbox } from '../../adapters/mail/outbox.ts'
import { memoryLedger } from '../../adapters/memory-ledger.ts'
import { Role } from '../../domain/roles.ts'
import { outboxRoutes } from './outbox.ts'

/** A server with an outbox that holds some mails of each tenant, where a token is `<tenant>.<role>`. */
const office = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'outbox-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const box = outbox(folder, 'tickets@arena.example')
  const server = await httpServer({
    authenticate: async (bearer) => {
      const [tenant, role] = bearer.split('.') as [string, Role]
      return { tenant, role, actor: { id: 'sam', role }, venues: [], subject: 'sam' }
    },
    health: async () => ({ ready: true }),
    metrics: new Registry(),
    rateLimit: { perMinute: 1_000_000 },
    log: logTo('silent'),
  })
  onTestFinished(() => server.close())
  outboxRoutes(server, { ledger: memoryLedger(), outbox: box })

  const write = async (tenant: string, subject: string, second: number) => {
    const id = randomUUID()
    const to = { name: 'Ann', address: 'ann@example.org' }
    await box.send(
      { id, tenant, to, subject, text: `About ${subject}\n`, html: '<p></p>' },
      new AbortController().signal,
    )
    const at = new Date(Date.UTC(2030, 0, 1, 12, 0, second))
    await utimes(join(folder, tenant, `${id}.eml`), at, at)
    return id
  }
  const read = async (bearer: string, query = '') => {
    const headers = { authorization: `Bearer ${bearer}` }
    const answer = await server.inject({ url: `/api/v1/admin/outbox${query}`, headers })
    return { status: answer.statusCode, body: answer.json() }
  }
  return { write, read }
}

describe('GET /api/v1/admin/outbox', () => {
  it('lists the mails of the tenant, newest first, page by page', async () => {
    const { write, read } = await office()
    const ids = [await write('acme', 'first', 1), await write('acme', 'second', 2), await write('acme', 'third', 3)]
    await write('other', 'not theirs', 4)
    const { status, body } = await read('acme.admin', '?limit=2')
    expect(status).toBe(200)
    expect(body.items).toEqual([
      {
        id: ids[2],
        to: 'ann@example.org',
        subject: 'third',
        at: '2030-01-01T12:00:03.000Z',
        messageId: `<${ids[2]}@arena.example>`,
        text: 'About third\n',
      },
      expect.objectContaining({ id: ids[1] }),
    ])
    const next = await read('acme.admin', `?limit=2&cursor=${body.nextCursor}`)
    expect(next.body).toMatchObject({ items: [{ id: ids[0] }], nextCursor: null })
  })

  it('is empty where nothing was mailed', async () => {
    const { read } = await office()
    expect((await read('acme.admin')).body).toEqual({ items: [], nextCursor: null, asOf: '' })
  })

  it.each(Role.options)('is open to those who look after the system: %s', async (role) => {
    const { read } = await office()
    expect((await read(`acme.${role}`)).status).toBe(['admin', 'auditor'].includes(role) ? 200 : 403)
  })
})
