import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { headOf, keyOf, logOf, NOW, publishHead, SOL, ticketLedger } from './ticket-ledger.world.ts'

const rootOf = (name: string) => createHash('sha256').update(name).digest()

const world = () => {
  const ledger = ticketLedger()
  const authority = ledger.authority.publicKey
  const log = logOf(authority)
  return {
    ledger,
    authority,
    log,
    publish: (number: number, size: number, root: Buffer) => ledger.send([publishHead(authority, number, size, root)]),
    read: () => ledger.read('log', log),
    head: (number: number) => ledger.read('head', headOf(log, number)),
  }
}

describe('publish_head', () => {
  it('opens the log with its first head, and says so', async () => {
    const { publish, read, head, authority, log } = world()
    const sent = await publish(1, 10, rootOf('a'))
    const root = rootOf('a').toString('hex')
    expect(read()).toMatchObject({ authority: authority.toBase58(), number: 1, size: 10, root })
    const published = { log: log.toBase58(), number: 1, size: 10, root, publishedAt: NOW }
    expect(head(1)).toMatchObject(published)
    expect(sent.announced).toEqual([{ name: 'headPublished', data: published }])
  })

  it('keeps every head, each with the time it was published at', async () => {
    const { publish, read, head, ledger } = world()
    await publish(1, 10, rootOf('a'))
    ledger.setTime(NOW + 60)
    await publish(2, 11, rootOf('b'))
    expect(read()).toMatchObject({ number: 2, size: 11 })
    expect(head(1)).toMatchObject({ size: 10, root: rootOf('a').toString('hex'), publishedAt: NOW })
    expect(head(2)).toMatchObject({ size: 11, root: rootOf('b').toString('hex'), publishedAt: NOW + 60 })
  })

  it('passes over the head that it is at, and leaves its time', async () => {
    const { publish, read, head, ledger } = world()
    await publish(1, 10, rootOf('a'))
    ledger.setTime(NOW + 60)
    const sent = await publish(1, 10, rootOf('a'))
    expect(sent).not.toHaveProperty('error')
    expect(sent.announced).toEqual([])
    expect(read()).toMatchObject({ number: 1, size: 10 })
    expect(head(1)).toMatchObject({ publishedAt: NOW })
  })

  it('is refused with another root of the same size', async () => {
    const { publish, read, head } = world()
    await publish(1, 10, rootOf('a'))
    expect(await publish(2, 10, rootOf('b'))).toMatchObject({ error: 'LogForked' })
    expect(read()).toMatchObject({ number: 1, root: rootOf('a').toString('hex') })
    expect(head(2)).toBeUndefined()
  })

  it('is refused with a smaller tree, and with an empty one', async () => {
    const { publish, read } = world()
    expect(await publish(1, 0, rootOf(''))).toMatchObject({ error: 'LogCannotShrink' })
    await publish(1, 10, rootOf('a'))
    expect(await publish(2, 9, rootOf('b'))).toMatchObject({ error: 'LogCannotShrink' })
    expect(read()).toMatchObject({ number: 1, size: 10 })
  })

  it('skips no number and reuses none', async () => {
    const { publish, read } = world()
    await publish(1, 10, rootOf('a'))
    for (const number of [1, 3])
      expect(await publish(number, 11, rootOf('b'))).toMatchObject({ error: 'ConstraintSeeds' })
    expect(read()).toMatchObject({ number: 1 })
  })

  it("is refused on another authority's log", async () => {
    const { publish, read, ledger, authority } = world()
    await publish(1, 10, rootOf('a'))
    const stranger = keyOf('stranger')
    ledger.fund(stranger.publicKey, SOL)
    const wanted = await publishHead(authority, 2, 11, rootOf('b'))
    wanted.keys[0] = { pubkey: stranger.publicKey, isSigner: true, isWritable: true }
    expect(await ledger.send([wanted], [stranger])).toMatchObject({ error: 'ConstraintSeeds' })
    expect(read()).toMatchObject({ number: 1 })
  })
})
