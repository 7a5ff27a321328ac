import { beforeAll, describe, expect, it } from 'vitest'
import { soleLeader } from '../../adapters/leadership.ts'
import { sampleFact } from '../../adapters/ledger.sample.ts'
import { memoryLedger } from '../../adapters/memory-ledger.ts'
import { type Proposed, type Recorded, START } from '../../domain/fact.ts'
import { leafText } from '../../domain/log/leaf.ts'
import { emptyTree, grow, rootFrom, rootOf } from '../../domain/log/tree.ts'
import { known } from '../../domain/registry.ts'
import { idFor } from '../../domain/spec.ts'
import { prepare, schemaOf } from '../builds.ts'
import { applyBatch, siteOf } from '../checkpoint.ts'
import { places } from '../databases.world.ts'
import { due } from '../due/model.ts'
import { migrate } from '../migrations.ts'
import { startProjections } from '../projector.ts'
import type { ReadDatabase, Reading } from '../reading.ts'
import { fromHex, hashing, hexOf } from './hashing.ts'
import { type HeadRow, log } from './model.ts'
import { newestHead, proverOf } from './read.ts'

/** More than two tiles. */
const COUNT = 700

const data = { eventId: idFor('gala'), orderId: idFor('order'), reason: 'order_ended' }
const fact = (id: string, changes: Partial<Proposed> = {}): Proposed => ({ ...sampleFact(id), data, ...changes })

const rootOver = (facts: readonly Recorded[]): string => {
  const tree = emptyTree()
  for (const one of facts) grow(tree, hashing.leaf(leafText(one)), hashing.join)
  return hexOf(rootOf(tree, hashing.join))
}

const headOver = (facts: readonly Recorded[]): HeadRow => ({
  ...{ authority: 'authority', number: 1, size: facts.length, root: rootOver(facts), head_address: 'head' },
  ...{ signature: null, published_at: '2030-01-01T00:00:00.000Z' },
})

const anchored = ({ head_address, published_at, ...head }: HeadRow): Proposed =>
  fact(`anchored/${head.size}`, {
    type: 'LedgerAnchored',
    data: { ...head, headAddress: head_address, publishedAt: published_at },
  })

describe.each(places)('the transparency log on $name', ({ use }) => {
  const { open } = use()
  const recorded: Recorded[] = []
  const ledger = memoryLedger({ log: recorded })
  const site = siteOf(log, { name: log.name, version: log.version, build: 1 }, { shared: false })
  let database: ReadDatabase
  let reading: Reading
  beforeAll(async () => {
    for (let i = 0; i < COUNT; i++) await ledger.append(`ticket-${i}`, 'none', [fact(`${i}`)])
    database = await open()
    await migrate(database.db)
    await prepare(database.db, [log])
    const db = database.db.withSchema(schemaOf(site.build))
    reading = { tables: () => db, everyTenant: () => db } as Reading
    // Cut anyhow: within tiles, over them, at their edges.
    let position = START
    for (let at = 0, size = 1; at < COUNT; at += size, size = (size * 7) % 301) {
      position = await applyBatch(database.db, site, position, recorded.slice(at, at + size))
    }
  })

  it('proves every fact to every head, of whatever size', async () => {
    for (const size of [1, 2, 255, 256, 257, 511, 512, 513, 699, 700]) {
      const head = headOver(recorded.slice(0, size))
      const prover = await proverOf(reading, ledger, head)
      expect([size, await prover.isSound()]).toEqual([size, true])
      for (const index of [0, 1, 254, 255, 256, 257, 511, 512, 698, 699]) {
        const inclusion = await prover.prove(recorded[index]!)
        if (index >= size) expect(inclusion).toBeUndefined()
        else {
          const { leafHash: hash, path, ...rest } = inclusion!
          expect(rest).toEqual({ index })
          expect(rootFrom({ index, hash }, size, path, hashing.join)).toBe(fromHex(head.root))
        }
      }
    }
  })

  it('vouches for no head that is another tree’s, or that covers more than there is', async () => {
    const { root, ...head } = headOver(recorded)
    expect(await (await proverOf(reading, ledger, { ...head, root: 'ab'.repeat(32) })).isSound()).toBe(false)
    expect(await (await proverOf(reading, ledger, { ...head, root, size: COUNT + 1 })).isSound()).toBe(false)
  })

  it('proves no fact that is not what was hashed', async () => {
    const prover = await proverOf(reading, ledger, headOver(recorded))
    for (const changes of [
      { data: { orderId: 'x' } },
      { position: recorded[299]!.position },
      { position: '0000000000000999' },
    ])
      await expect(prover.prove({ ...recorded[300]!, ...changes })).rejects.toThrow('is not what was hashed')
  })

  it('goes on over what nobody here can read, hashes it as it is, and knows the heads on chain', async () => {
    const own: Recorded[] = []
    const ledger = memoryLedger({ log: own })
    await ledger.append('ticket-1', 'none', [fact('a')])
    await ledger.append('ticket-2', 'none', [fact('b', { type: 'TicketFramed', data: { frame: ['oak', 1] } })])
    await ledger.append('ticket-3', 'none', [
      fact('c', { metadata: { ...sampleFact('c').metadata, v: 99 } }),
      fact('d', { data: { ...data, unheard: 'of' } }),
    ])
    const first = headOver(own.slice(0, 2))
    const second = { ...headOver(own), number: 2 }
    const stream = `anchor-${idFor('log')}`
    await ledger.append(stream, 'none', [anchored(first)])
    await ledger.append(stream, 0, [anchored(second)])

    const database = await open()
    const options = { database, ledger, leadership: soleLeader, decode: known, now: () => '2030-01-01T00:00:00.000Z' }
    const projections = await startProjections({ ...options, models: [due, log] })
    expect(await projections.waitFor('log', await ledger.head(), 20_000)).toBe(true)
    expect(await newestHead(projections)).toEqual(second)
    const prover = await proverOf(projections, ledger, second)
    expect(await prover.isSound()).toBe(true)
    for (const index of [0, 1, 2, 3]) expect(await prover.prove(own[index]!)).toMatchObject({ index })
    expect(await prover.prove(own[4]!)).toBeUndefined()
    const [others, itself] = await projections.status()
    expect([others!.halted?.type, itself!.halted]).toEqual(['TicketFramed', null])
    await projections.close()
  })
})
