import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { handle } from '../../commands/handle.ts'
import { orderWorld } from '../../commands/order-process.world.ts'
import { START } from '../../domain/fact.ts'
import { Conflict, Unavailable } from '../../domain/ledger.ts'
import type { Folded } from '../../domain/stream.ts'
import { venue } from '../../domain/venue.ts'
import { sampleFact as fact } from '../ledger.sample.ts'
import { eventStoreLedger } from './ledger.ts'
import { type Fault, standIn } from './stand-in.world.ts'

const TIMEOUT_MS = 1_000

const world = async () => {
  const server = await standIn({ lateMs: 2 * TIMEOUT_MS })
  onTestFinished(server.close)
  const open = (url = server.url) => {
    const ledger = eventStoreLedger({ url, timeoutMs: TIMEOUT_MS, quietMs: TIMEOUT_MS })
    onTestFinished(() => ledger.close())
    return ledger
  }
  return { server, open, ledger: open() }
}

const errorOf = (call: Promise<unknown>): Promise<Error> =>
  call.then(
    () => expect.fail('it was accepted'),
    (error) => error,
  )

describe('an append that fails', () => {
  it.each<[Fault, number, number]>([
    ['drop-before', 0, 0],
    ['drop-after', 1, 1],
    ['hang-before', 0, 0],
    ['hang-after', 1, 1],
    ['late', 0, 1],
    ['timed-out', 0, 0],
    ['busy', 0, 0],
  ])('by %s may or may not have happened, and so does not say that it has not', async (fault, atOnce, later) => {
    const { server, ledger } = await world()
    server.faults.push(fault)
    expect(await errorOf(ledger.append('ticket-1', 'none', [fact('a')]))).toBeInstanceOf(Unavailable)
    expect(await ledger.read('ticket-1')).toHaveLength(atOnce)
    await expect.poll(() => ledger.read('ticket-1'), { timeout: 5_000 }).toHaveLength(later)
    await ledger.append('ticket-1', later === 0 ? 'none' : 0, [fact('b')])
  })

  it('for want of rights is no outage: waiting does not help', async () => {
    const { server, ledger } = await world()
    server.faults.push('denied')
    const error = await errorOf(ledger.append('ticket-1', 'none', [fact('a')]))
    expect(error).not.toBeInstanceOf(Unavailable)
    expect(error.message).toContain('could not append to ticket-1 at none: 7 PERMISSION_DENIED: Access Denied')
  })

  it('at the wrong revision says where the stream is', async () => {
    const { ledger } = await world()
    await ledger.append('ticket-1', 'none', [fact('a')])
    for (const expected of ['none', 3] as const)
      expect(await errorOf(ledger.append('ticket-1', expected, [fact('b')]))).toEqual(
        new Conflict(`EventStoreDB could not append to ticket-1 at ${expected}: it is at 0`),
      )
  })
})

describe('facts under one command', () => {
  it('that differ are not taken for the same: whoever was second is told so', async () => {
    const { ledger } = await world()
    await ledger.append('order-1', 'none', [{ ...fact('a'), data: { slot: 'pool:GA:5' } }])
    const second = ledger.append('order-1', 'none', [{ ...fact('a'), data: { slot: 'pool:GA:7' } }])
    expect(await errorOf(second)).toBeInstanceOf(Conflict)
    expect((await ledger.read('order-1')).map(({ data }) => data)).toEqual([{ slot: 'pool:GA:5' }])
  })

  it('that are the same to the letter are recorded once', async () => {
    const { ledger } = await world()
    const position = await ledger.append('gate-1', 'any', [fact('a')])
    expect(await ledger.append('gate-1', 'any', [fact('a')])).toBe(position)
    expect(await ledger.read('gate-1')).toHaveLength(1)
  })
})

describe('a command', () => {
  const id = '0190f3d5-7c1e-7a51-8a3e-9d3f5b7c1a01'
  const command = { type: 'RegisterVenue', name: 'Paradiso', timeZone: 'Europe/Amsterdam' } as const
  const context = {
    commandId: id,
    correlationId: id,
    tenant: 'acme',
    actor: { id, role: 'organizer' },
    request: '',
  } as const

  it.each<Fault>(['drop-before', 'drop-after', 'hang-after', 'late'])('is done once in spite of %s', async (fault) => {
    const { server, ledger } = await world()
    server.faults.push(fault)
    const cache = new Map<string, Folded<unknown>>()
    const deps = { ledger, now: () => new Date().toISOString(), sleep: (ms: number) => sleep(ms), cache }
    const outcome = await handle(deps, venue, id, command, context)
    await sleep(fault === 'late' ? 3 * TIMEOUT_MS : 0)
    const recorded = await ledger.read(`venue-${id}`)
    expect(recorded).toHaveLength(1)
    expect(outcome).toEqual({ done: true, position: recorded[0]!.position })
    expect(cache.get(`venue-${id}`)).toMatchObject({ at: recorded[0]!.metadata.at, revision: 0 })
  })

  it('sells tickets through an order whose appends fail one after the other', async () => {
    const { server, ledger } = await world()
    const shop = await orderWorld({ ledger })
    server.faults.push('drop-after', 'drop-before', 'busy', 'drop-after', 'timed-out', 'drop-after')
    const orderId = await shop.buy('ann', 2)
    expect(await shop.settle(orderId)).toBe('confirmed')
    expect(server.faults).toEqual([])
    const types = (await shop.orderFacts(orderId)).map(({ type }) => type)
    expect(types.filter((type) => type === 'OrderConfirmed')).toHaveLength(1)
    expect(new Set(types).size).toBe(types.length)
    for (const number of [1, 2])
      expect((await shop.ticketFacts(number)).map(({ type }) => type)).toEqual(['TicketReserved', 'TicketSold'])
  })
})

describe('a server', () => {
  it('that went silent is unavailable for everything, and is used again once it speaks', async () => {
    const { server, ledger } = await world()
    await ledger.append('ticket-1', 'none', [fact('a')])
    server.wire.silence()
    const began = performance.now()
    const calls = [
      ledger.append('ticket-1', 0, [fact('b')]),
      ledger.read('ticket-1'),
      ledger.readAll(START, 10),
      ledger.head(),
    ]
    for (const call of calls.map(errorOf)) expect(await call).toBeInstanceOf(Unavailable)
    expect(performance.now() - began).toBeLessThan(4 * TIMEOUT_MS)
    server.wire.mend()
    await expect.poll(() => ledger.read('ticket-1').catch(() => []), { timeout: 10_000 }).toHaveLength(1)
    await ledger.append('ticket-1', 0, [fact('b')])
  })

  it('that is not there is unavailable', async () => {
    const { server, open } = await world()
    const nobody = server.url.replace(/:\d+\?/, ':1?')
    for (const ledger of [open(nobody), open(nobody.replace('esdb:', 'esdb+discover:'))])
      for (const call of [ledger.append('ticket-1', 'none', [fact('a')]), ledger.read('ticket-1'), ledger.head()].map(
        errorOf,
      ))
        expect(await call).toBeInstanceOf(Unavailable)
  })

  it('that no longer leads sends the next call to the one that does', async () => {
    const { server, ledger } = await world()
    await ledger.append('ticket-1', 'none', [fact('a')])
    server.stepDown()
    expect(await errorOf(ledger.append('ticket-1', 0, [fact('b')]))).toBeInstanceOf(Unavailable)
    expect(await errorOf(ledger.read('ticket-1'))).toBeInstanceOf(Unavailable)
    expect(server.leader.calls()).toBe(0)
    await ledger.append('ticket-1', 0, [fact('b')])
    expect(await ledger.read('ticket-1')).toHaveLength(2)
    expect(server.leader.calls()).toBeGreaterThan(0)
  })

  it('of a cluster leads to its leader from the start', async () => {
    const { server, open } = await world()
    server.stepDown()
    await open(server.clusterUrl).append('ticket-1', 'none', [fact('a')])
    expect(server.leader.calls()).toBeGreaterThan(0)
  })
})

describe('a follower', () => {
  type Server = Awaited<ReturnType<typeof world>>['server']

  it.each<[string, (server: Server) => unknown]>([
    ['its subscription ends as if all were well', (server) => server.endSubscriptions()],
    ['its subscription fails', (server) => server.failSubscriptions()],
    ['the connection breaks', (server) => server.wire.cut()],
    [
      'the server goes silent',
      (server) => {
        server.mute(true)
        setTimeout(() => server.mute(false), 3 * TIMEOUT_MS)
      },
    ],
  ])('misses nothing and sees nothing twice when %s', async (_, trouble) => {
    const { server, ledger } = await world()
    const stop = new AbortController()
    onTestFinished(() => stop.abort())
    const seen: string[] = []
    const following = (async () => {
      for await (const page of ledger.tail(START, 10, stop.signal)) {
        seen.push(...page.map(({ id }) => id))
        if (seen.length >= 60) stop.abort()
      }
    })()
    const writer = eventStoreLedger({ url: server.url.replace(/:\d+\?/, `:${server.leader.port}?`) })
    onTestFinished(() => writer.close())
    for (let n = 0; n < 60; n++) {
      await writer.append('ticket-1', n === 0 ? 'none' : n - 1, [fact(`${n}`)])
      if (n % 20 === 5) await expect.poll(() => seen.length, { timeout: 10_000, interval: 5 }).toBeGreaterThan(n)
      if (n % 20 === 10) {
        trouble(server)
        // More of the server's own events than it looks through between two checkpoints.
        for (let i = 0; i < 100; i++) server.log.writeOwn()
      }
    }
    await following
    expect(seen).toEqual(Array.from({ length: 60 }, (_, n) => `${n}`))
  })

  it('notices that a subscription is told nothing any more', async () => {
    const { server, ledger } = await world()
    const stop = new AbortController()
    onTestFinished(() => stop.abort())
    await ledger.append('ticket-1', 'none', [fact('a')])
    const pages = ledger.tail(START, 10, stop.signal)[Symbol.asyncIterator]()
    await pages.next()
    const coming = pages.next()
    await expect.poll(() => server.subscriptions(), { timeout: 10_000 }).toBe(1)
    server.mute(true)
    await ledger.append('ticket-1', 0, [fact('b')])
    expect((await coming).value).toMatchObject([{ id: 'b' }])
  })

  it('leaves no subscription behind, whether it is told to stop or stops asking', async () => {
    const { server, ledger } = await world()
    const stop = new AbortController()
    const following = [ledger.tail(START, 10, stop.signal), ledger.tail(START, 10, new AbortController().signal)]
    const [told, asking] = following.map((tail) => tail[Symbol.asyncIterator]())
    const waiting = [told!.next(), asking!.next()]
    await expect.poll(() => server.subscriptions(), { timeout: 10_000 }).toBe(2)
    await ledger.append('ticket-1', 'none', [fact('a')])
    await Promise.all(waiting)
    await asking!.return!()
    stop.abort()
    await expect.poll(() => server.subscriptions(), { timeout: 10_000 }).toBe(0)
  })

  it('is handed what others have written as it is', async () => {
    const { server, ledger } = await world()
    const id = '0190f3d5-7c1e-7a51-8a3e-9d3f5b7c1a02'
    server.log.append('invoice-1', -1, [
      { id, type: 'InvoiceSent', data: Buffer.from('<xml/>'), metadata: Buffer.from('') },
    ])
    expect(await ledger.readAll(START, 10)).toMatchObject([
      { id, stream: 'invoice-1', type: 'InvoiceSent', data: '<xml/>' },
    ])
  })

  it('is told when it comes with the position of another ledger', async () => {
    const { ledger } = await world()
    const tail = ledger.tail('0000000000000007', 10, new AbortController().signal)[Symbol.asyncIterator]()
    expect((await errorOf(tail.next())).message).toContain('0000000000000007 is no position of an EventStoreDB ledger')
  })
})

describe('a connection string', () => {
  it.each([
    ['http://admin:geheim@localhost', 'cannot be read'],
    ['esdb://admin:geh:eim@localhost:port', 'cannot be read'],
    ['esdb://localhost:2113', 'has no user'],
  ])('like %s is refused without repeating its password', (url, why) => {
    const open = () => eventStoreLedger({ url })
    expect(open).toThrow(why)
    expect(open).not.toThrow('eim')
  })

  it('says who makes each call over a secure connection', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'eventstore-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const [keyFile, caFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const ofItself = ['-x509', '-subj', '/CN=stand-in', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2']
    const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyFile]
    execFileSync('openssl', ['req', ...ofItself, ...newKey, '-out', caFile], { stdio: 'ignore' })
    const server = await standIn({ tls: { key: await readFile(keyFile), cert: await readFile(caFile), caFile } })
    onTestFinished(server.close)
    const ledger = eventStoreLedger({ url: server.url })
    onTestFinished(() => ledger.close())

    await ledger.append('ticket-1', 'none', [fact('a')])
    await ledger.read('ticket-1')
    await ledger.head()
    const pages = ledger.tail(START, 1, new AbortController().signal)[Symbol.asyncIterator]()
    await pages.next()
    const waiting = pages.next()
    await expect.poll(() => server.subscriptions(), { timeout: 10_000 }).toBe(1)
    await ledger.append('ticket-1', 0, [fact('b')])
    await waiting
    await pages.return!()
    expect(server.users.length).toBeGreaterThanOrEqual(6)
    expect(new Set(server.users)).toEqual(new Set(['admin:changeit']))
  })

  it('needs no user where the connection is insecure, and closed is closed', async () => {
    const { server } = await world()
    const ledger = eventStoreLedger({ url: server.url.replace('admin:changeit@', '') })
    await ledger.append('ticket-1', 'none', [fact('a')])
    await ledger.close()
    await expect(ledger.append('ticket-1', 0, [fact('b')])).rejects.toThrow(
      'the ledger is closed: open it again to append to ticket-1',
    )
  })
})
