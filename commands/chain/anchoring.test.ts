import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { logFolder } from '../../adapters/log-folder.ts'
import { sqliteLedger } from '../../adapters/sqlite/ledger.ts'
import type { Recorded } from '../../domain/fact.ts'
import { anchorLedger } from './anchoring.ts'
import { anchorWorld, rootOfFacts, temporaryFolder } from './anchoring.world.ts'
import { type Death, mortal } from './chain.world.ts'

type World = Awaited<ReturnType<typeof anchorWorld>>

/** Whatever happened before: each head on chain is recorded once, covers the facts that it says, and more than the one before. */
const expectWhole = async ({ chain, anchors, log }: World) => {
  const heads = await chain.heads()
  expect(
    anchors().map(({ number, size, root, headAddress }) => ({ number, size, root, address: headAddress })),
  ).toEqual(heads.map(({ publishedAt: _, ...head }) => head))
  for (const [i, { number, size, root }] of heads.entries()) {
    expect([number, size > (heads[i - 1]?.size ?? 0)]).toEqual([i + 1, true])
    expect(root).toBe(rootOfFacts(log.slice(0, size)))
  }
  return heads
}

/** With its ledger in a file that can be changed by hand. */
const onFile = async () => {
  const path = join(temporaryFolder(), 'ledger.db')
  const ledger = sqliteLedger(path)
  const w = await anchorWorld({ ledger })
  const db = new DatabaseSync(path)
  onTestFinished(async () => {
    db.close()
    await ledger.close()
  })
  return { w, db }
}

describe('the head of the log', () => {
  it('is published on chain, and recorded with the transaction that did it', async () => {
    const w = await anchorWorld()
    await w.happen(300)
    expect(await anchorLedger(w.deps)).toEqual({ size: 300, published: true, recorded: 1 })
    const { authority } = await w.chain.funds()
    const [{ address, ...head }] = (await expectWhole(w)) as [Awaited<ReturnType<typeof w.chain.heads>>[0]]
    expect(w.anchors()).toEqual([{ authority, ...head, headAddress: address, signature: expect.any(String) }])
    const { outcomes } = await w.chain.look([w.anchors()[0]!.signature!])
    expect(outcomes).toEqual(['final'])
  })

  it('is published again once something happened, and not for its own record', async () => {
    const w = await anchorWorld()
    await w.happen(3)
    await anchorLedger(w.deps)
    expect(await anchorLedger(w.deps)).toEqual({ size: 3, published: false, recorded: 0 })
    await w.happen(1)
    expect(await anchorLedger(w.deps)).toEqual({ size: 5, published: true, recorded: 1 })
    expect(await anchorLedger(w.deps)).toEqual({ size: 5, published: false, recorded: 0 })
    expect(await expectWhole(w)).toHaveLength(2)
  })

  it('is none of an empty ledger', async () => {
    const w = await anchorWorld()
    expect(await anchorLedger(w.deps)).toEqual({ size: 0, published: false, recorded: 0 })
  })

  it('is recorded once and published once, though two do it at once', async () => {
    const w = await anchorWorld()
    await w.happen(10)
    await Promise.all([anchorLedger(w.deps), anchorLedger(w.deps)])
    expect(await expectWhole(w)).toHaveLength(1)
  })

  it('covers all that happened, though two that begin at different moments overtake each other', async () => {
    const w = await anchorWorld()
    for (let round = 1; round <= 5; round++) {
      await w.happen(10)
      await Promise.all([anchorLedger(w.deps), w.happen(3).then(() => anchorLedger(w.deps))])
      const newest = (await expectWhole(w)).at(-1)!
      expect(w.log.slice(newest.size).every(({ type }) => type === 'LedgerAnchored')).toBe(true)
    }
  })

  it('is recorded by the next run, with its signature, wherever a run is killed', async () => {
    const fatal = { call: 1, isOver: false }
    for (; !fatal.isOver; fatal.call++)
      for (const death of ['before', 'after'] satisfies Death[]) {
        const w = await anchorWorld()
        await w.happen(10)
        const killed = mortal(fatal.call, death)
        const { ledger, chain, signed, copy } = w.deps
        const ports = {
          ledger: killed.ports(ledger),
          chain: killed.ports(chain),
          signed: killed.ports(signed),
          copy: killed.ports(copy),
        }
        const ended = anchorLedger({ ...w.deps, ...ports }).then(() => true)
        while (!killed.isDead() && !(await Promise.race([ended, soon()])));
        fatal.isOver = !killed.isDead()
        await w.happen(1)
        await anchorLedger(w.deps)
        expect((await expectWhole(w)).at(-1)!.size).toBeGreaterThanOrEqual(11)
        expect(w.anchors().every(({ signature }) => signature !== null)).toBe(true)
        expect(await signed.of(['transparency-log'])).toEqual([])
      }
    expect(fatal.call).toBeGreaterThan(12)
  }, 120_000)

  it('is recorded without a signature where nobody here knows who published it', async () => {
    const w = await anchorWorld()
    await w.happen(4)
    const signed = await w.chain.signHead({ size: 4, root: rootOfFacts(w.log) })
    if (!signed || 'refused' in signed) throw new Error('it was to be signed')
    await w.chain.send(signed)
    expect(await anchorLedger(w.deps)).toEqual({ size: 4, published: false, recorded: 1 })
    await expectWhole(w)
    expect(w.anchors()[0]!.signature).toBeNull()
  })

  it('is not published of a ledger that is not what an earlier head says', async () => {
    const w = await anchorWorld()
    await w.happen(8)
    await anchorLedger(w.deps)
    await w.happen(2)
    w.log[3] = { ...w.log[3]!, data: { orderId: 'another' } } as Recorded
    const hashedAnew = { ...w.deps, copy: logFolder(temporaryFolder()) }
    await expect(anchorLedger(hashedAnew)).rejects.toThrow('not what head 1 on chain says of its first 8 facts')
    expect(await w.chain.heads()).toHaveLength(1)
  })

  it.each([
    ['whose facts all moved on', 'update fact set position = position + 1000'],
    ['that was cut', 'delete from fact where position > 6'],
    ['whose last hashed fact was changed', `update fact set data = '{}' where position = 256`],
    ['that was restored from an older backup and outgrew it', 'delete from fact where position > 200'],
  ])('is not published of a ledger %s', async (_, tampering) => {
    const { w, db } = await onFile()
    await w.happen(256)
    await anchorLedger(w.deps)
    db.exec(tampering)
    await w.happen(tampering.includes('200') ? 100 : 0)
    await expect(anchorLedger(w.deps)).rejects.toThrow(
      /^the ledger is not what was hashed of it up to position 0000000000000256: .* npm run audit says more/,
    )
    expect(await w.chain.heads()).toHaveLength(1)
  })

  it('is published again of a ledger whose facts all moved on, once the copy of the hashes was removed', async () => {
    const { w, db } = await onFile()
    await w.happen(8)
    await anchorLedger(w.deps)
    db.exec('update fact set position = position + 1000')
    rmSync(w.folder, { recursive: true })
    await w.happen(2)
    expect(await anchorLedger(w.deps)).toEqual({ size: 11, published: true, recorded: 1 })
  })

  it('goes on from a copy of the hashes that is lost or broken', async () => {
    const w = await anchorWorld()
    await w.happen(700)
    await anchorLedger(w.deps)
    rmSync(`${w.folder}/tile/1`, { recursive: true })
    await w.happen(2)
    await anchorLedger(w.deps)
    rmSync(w.folder, { recursive: true })
    await w.happen(2)
    await anchorLedger(w.deps)
    expect(await expectWhole(w)).toHaveLength(3)
  })

  it('hashes no fact twice', async () => {
    const w = await anchorWorld()
    await w.happen(700)
    await anchorLedger(w.deps)
    const read: string[] = []
    const readAll: typeof w.ledger.readAll = (after, limit) => {
      read.push(after)
      return w.ledger.readAll(after, limit)
    }
    await w.happen(2)
    await anchorLedger({ ...w.deps, ledger: { ...w.ledger, readAll } })
    expect(read).toEqual(['0000000000000700', '0000000000000703'])
  })
})

const soon = () => setTimeout(5, false)
