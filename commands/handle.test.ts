import { describe, expect, it } from 'vitest'
import { type Fault, memoryLedger } from '../adapters/memory-ledger.ts'
import type { Recorded } from '../domain/fact.ts'
import { Unavailable } from '../domain/ledger.ts'
import { type Folded, load } from '../domain/stream.ts'
import { type VenueCommand, venue } from '../domain/venue.ts'
import { type Context, handle, record } from './handle.ts'
import { commandIdOf, requestHash } from './ids.ts'

const VENUE = '0190f3d5-7c1e-7a51-8a3e-9d3f5b7c1a01'
const register = { type: 'RegisterVenue', name: 'Paradiso', timeZone: 'Europe/Amsterdam' } as const
const setRoyalty = (basisPoints: number) => ({ type: 'SetVenueRoyalty', basisPoints }) as const

const ask = (
  idempotencyKey: string,
  body: unknown = {},
  caller: { tenant?: string; operation?: string } = {},
): Context => {
  const { tenant = 'acme', operation = 'SetVenueRoyalty' } = caller
  return {
    commandId: commandIdOf({ tenant, actorId: 'olga', operation, target: VENUE, idempotencyKey }),
    correlationId: VENUE,
    tenant,
    actor: { id: 'olga', role: 'organizer' },
    request: requestHash(body),
  }
}

const world = (cache?: Map<string, Folded<unknown>>) => {
  const log: Recorded[] = []
  const faults: Fault[] = []
  const clock = { now: '2030-01-01T10:00:00.000Z' }
  const slept: number[] = []
  const deps = {
    ledger: memoryLedger({ log, fault: () => faults.pop() ?? 'none' }),
    now: () => clock.now,
    sleep: async (ms: number) => void slept.push(ms),
    ...(cache && { cache }),
  }
  const run = (command: VenueCommand, context: Context) => handle(deps, venue, VENUE, command, context)
  return { deps, log, faults, clock, slept, run }
}

const caches = [
  ['without a cache', () => undefined],
  ['with a cache', () => new Map<string, Folded<unknown>>()],
] as const

describe.each(caches)('a command, %s', (_, cache) => {
  const registered = async () => {
    const w = world(cache())
    await w.run(register, ask('k1', register))
    return w
  }

  it('F00.10 is done once however often it is sent, also after others have changed what it did', async () => {
    const w = await registered()
    const first = await w.run(setRoyalty(300), ask('k2', { basisPoints: 300 }))
    await w.run(setRoyalty(400), ask('k3', { basisPoints: 400 }))
    expect(await w.run(setRoyalty(300), ask('k2', { basisPoints: 300 }))).toEqual(first)
    expect((await load(w.deps, venue, VENUE)).state).toMatchObject({ royalty: 400 })
  })

  it('F00.10 is refused under a key that was used for another request', async () => {
    const w = await registered()
    await w.run(setRoyalty(300), ask('k2', { basisPoints: 300 }))
    const reused = await w.run(setRoyalty(400), ask('k2', { basisPoints: 400 }))
    expect(reused).toEqual({ done: false, refused: 'KeyReused' })
  })

  it('F00.10 may be tried again with its key when it was refused', async () => {
    const w = world(cache())
    expect(await w.run(setRoyalty(300), ask('k1'))).toEqual({ done: false, refused: 'VenueNotFound' })
    await w.run(register, ask('k2', register))
    expect(await w.run(setRoyalty(300), ask('k1'))).toMatchObject({ done: true })
  })

  it('is not taken for another one under the same key', async () => {
    const w = world(cache())
    await w.run(register, ask('k1', {}, { operation: 'RegisterVenue' }))
    await w.run(setRoyalty(300), ask('k1'))
    expect(w.log.map((fact) => fact.type)).toEqual(['VenueRegistered', 'VenueRoyaltySet'])
  })

  it('F00.9 finds nothing where the venue is of another tenant', async () => {
    const w = await registered()
    const rival = { tenant: 'rival' }
    const outcome = await w.run(setRoyalty(300), ask('k2', {}, rival))
    expect(outcome).toEqual({ done: false, refused: 'VenueNotFound' })
    expect(await w.run(register, ask('k3', register, rival))).toEqual({ done: false, refused: 'NotFound' })
  })

  it.each<Fault>(['conflict', 'lost-request', 'lost-reply', 'late'])(
    'gets over one %s, after a pause',
    async (fault) => {
      const w = await registered()
      w.faults.push(fault)
      expect(await w.run(setRoyalty(300), ask('k2'))).toMatchObject({ done: true })
      expect(w.log.map((fact) => fact.type)).toEqual(['VenueRegistered', 'VenueRoyaltySet'])
      expect(w.slept).toHaveLength(1)
    },
  )

  it('fails aloud when the ledger stays away', async () => {
    const w = await registered()
    w.faults.push(...Array<Fault>(5).fill('lost-request'))
    await expect(w.run(setRoyalty(300), ask('k2'))).rejects.toThrow(Unavailable)
  })

  it('never dates a fact before the one it follows', async () => {
    const w = await registered()
    w.clock.now = '2030-01-01T09:59:00.000Z'
    await w.run(setRoyalty(300), ask('k2'))
    expect(w.log.at(-1)!.metadata.at).toBe('2030-01-01T10:00:00.000Z')
  })

  it('says who did what for whom, and in which version', async () => {
    const { log } = await registered()
    expect(log[0]!.metadata).toEqual({
      $correlationId: VENUE,
      $causationId: ask('k1').commandId,
      tenant: 'acme',
      actor: { id: 'olga', role: 'organizer' },
      at: '2030-01-01T10:00:00.000Z',
      v: 1,
      request: requestHash(register),
    })
  })
})

it('a cache that is old refuses nothing, and neither records nor hides anything', async () => {
  const cache = new Map<string, Folded<unknown>>()
  const w = world(cache)
  await w.run(register, ask('k1', register))
  const old = new Map(cache)
  await w.run(setRoyalty(300), ask('k2', { basisPoints: 300 }))
  const stale = { ...w.deps, cache: new Map(old) }
  // Already so, says what is there now; the old cache would have recorded it again.
  await handle(stale, venue, VENUE, setRoyalty(300), ask('k3'))
  const repeated = await handle(
    { ...w.deps, cache: new Map(old) },
    venue,
    VENUE,
    setRoyalty(300),
    ask('k2', { basisPoints: 300 }),
  )
  expect(repeated).toMatchObject({ done: true })
  expect(w.log.map(({ type }) => type)).toEqual(['VenueRegistered', 'VenueRoyaltySet'])
})

it('what has no rules is recorded without being read', async () => {
  const w = world()
  const fact = { type: 'PersonRegistered', data: {} }
  await record(w.deps, 'gate', VENUE, fact, ask('k1'))
  await record(w.deps, 'gate', VENUE, fact, ask('k2'))
  expect(w.log.map(({ stream, revision }) => [stream, revision])).toEqual([
    [`gate-${VENUE}`, 0],
    [`gate-${VENUE}`, 1],
  ])
})
