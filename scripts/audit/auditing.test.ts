import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { logFolder } from '../../adapters/log-folder.ts'
import { sqliteLedger } from '../../adapters/sqlite/ledger.ts'
import { anchorLedger } from '../../commands/chain/anchoring.ts'
import { anchorWorld, temporaryFolder } from '../../commands/chain/anchoring.world.ts'
import { openTestChain } from '../../commands/chain/chain.world.ts'
import { auditLedger } from './auditing.ts'
import { asText } from './print.ts'

/** A ledger file with heads on chain after 300, 601 and 1,000 facts, which are changed by hand in between. */
const world = async () => {
  const path = join(temporaryFolder(), 'ledger.db')
  const ledger = sqliteLedger(path)
  const w = await anchorWorld({ ledger })
  const db = new DatabaseSync(path)
  onTestFinished(async () => {
    db.close()
    await ledger.close()
  })
  for (const count of [300, 300, 398]) {
    await w.happen(count)
    await anchorLedger(w.deps)
  }
  await w.happen(20)
  const { authority } = await w.chain.funds()
  const position = (index: number) => index + 1
  const contents = 'stream, revision, id, type, data, metadata'
  return {
    ...w,
    /** In SQL, with `$at` for the position of a fact by its index. */
    tamper: (text: string, index: number) => db.exec(text.replaceAll('$at', String(position(index)))),
    contents,
    audit: (folder = w.folder) =>
      auditLedger({
        ...{ ledger, authority, heads: w.chain.heads },
        ...{ copy: logFolder(folder), passed: () => {} },
      }),
    /** Out of the way of the unique streams, one row after the other. */
    shift: (from: number, by: 1 | -1) => {
      const rows = db.prepare(
        `select position from fact where position >= ? order by position ${by > 0 ? 'desc' : 'asc'}`,
      )
      const move = db.prepare('update fact set position = ? where position = ?')
      for (const { position: at } of rows.all(position(from)) as { position: number }[]) move.run(at + by, at)
    },
  }
}
type World = Awaited<ReturnType<typeof world>>

const SIZES = [300, 601, 1_000]
const headOver = (index: number) => SIZES.findIndex((size) => size > index) + 1

/** At the very first, at the edges of tiles and heads, and at the last that is covered. */
const PLACES = [0, 1, 255, 256, 299, 300, 420, 511, 512, 600, 601, 998, 999]

const first = async (w: World) => {
  const { findings } = await w.audit()
  return findings[0]
}

describe('an audit', () => {
  it('finds nothing where nothing was touched, and says what no head covers yet', async () => {
    const w = await world()
    expect(await w.audit()).toEqual({ facts: 1_021, heads: 3, covered: 1_000, uncovered: 21, findings: [] })
    expect(asText(await w.audit())).toEqual([
      '1,021 facts. The first 1,000 are what 3 heads on chain say.',
      '',
      '21 facts are in no head yet: npm run anchor publishes one.',
    ])
  })

  it.each(PLACES)('names fact %i, which was edited', async (index) => {
    const w = await world()
    w.tamper(`update fact set data = '{"orderId":"x"}' where position = $at`, index)
    expect(await first(w)).toMatchObject({
      ...{ what: 'fact', change: 'changed', index, head: headOver(index) },
      fact: { data: { orderId: 'x' } },
    })
  })

  it.each(['id', 'type', 'stream', 'metadata'])('sees a change of the %s alone', async (column) => {
    const w = await world()
    const text = column === 'metadata' ? `replace(metadata, 'acme', 'zenith')` : `${column} || 'x'`
    w.tamper(`update fact set ${column} = ${text} where position = $at`, 42)
    expect(await first(w)).toMatchObject({ what: 'fact', change: 'changed', index: 42 })
  })

  it.each(PLACES)('names the place of fact %i, which was deleted', async (index) => {
    const w = await world()
    w.tamper('delete from fact where position = $at', index)
    expect(await first(w)).toMatchObject({
      // Of the last that was hashed nothing tells whether it is gone, or the next one was made of it.
      ...{ what: 'fact', change: index === 999 ? 'changed' : 'missing', index, head: headOver(index) },
      before: index === 0 ? null : { position: String(index).padStart(16, '0') },
      fact: { position: String(index + 2).padStart(16, '0') },
    })
  })

  it.each(PLACES)('names what was inserted before fact %i, with all positions put right', async (index) => {
    const w = await world()
    w.shift(index, 1)
    w.tamper(
      `insert into fact select $at, 'ticket-new', 0, 'new', type, data, metadata from fact where position = 500`,
      index,
    )
    expect(await first(w)).toMatchObject({
      ...{ what: 'fact', change: 'inserted', index, head: headOver(index) },
      fact: { id: 'new', stream: 'ticket-new' },
    })
  })

  it.each(PLACES.slice(0, -1))('names fact %i, which changed places with the next', async (index) => {
    const w = await world()
    w.tamper('update fact set position = -1 where position = $at', index)
    w.tamper('update fact set position = $at - 1 where position = $at', index + 1)
    w.tamper('update fact set position = $at where position = -1', index + 1)
    expect(await first(w)).toMatchObject({ what: 'fact', change: 'moved', index, head: headOver(index) })
  })

  it('names the first of several', async () => {
    const w = await world()
    for (const index of [700, 500, 420]) w.tamper(`update fact set data = '{}' where position = $at`, index)
    expect((await w.audit()).findings).toMatchObject([{ index: 420, head: 2 }])
  })

  it('names the first that is gone where the end was cut off', async () => {
    const w = await world()
    w.tamper('delete from fact where position >= $at', 990)
    const [finding, ...others] = (await w.audit()).findings
    expect(finding).toMatchObject({ what: 'fact', change: 'missing', index: 990, fact: null, head: 3 })
    // Its record was after it.
    expect(others).toMatchObject([{ what: 'head not recorded', number: 3 }])
  })

  it('sees nothing of what no head covers, and says so', async () => {
    const w = await world()
    w.tamper(`update fact set data = '{}' where position = $at`, 1_010)
    expect((await w.audit()).findings).toEqual([])
  })

  it('says between which heads it is, where the copy of the hashes is gone', async () => {
    const w = await world()
    w.tamper(`update fact set data = '{}' where position = $at`, 420)
    rmSync(w.folder, { recursive: true })
    const vague = { what: 'facts', from: 300, to: 600, head: 2 }
    expect((await w.audit()).findings).toEqual([{ ...vague, why: 'no copy' }])
  })

  it('does not believe a copy that was changed with the ledger', async () => {
    const w = await world()
    w.tamper(`update fact set data = '{}' where position = $at`, 420)
    rmSync(w.folder, { recursive: true })
    const forged = { ...w.deps, chain: { ...w.chain, heads: async () => [], signHead: async () => undefined } }
    await anchorLedger(forged).catch(() => {})
    expect((await w.audit()).findings).toMatchObject([{ what: 'facts', from: 300, to: 600, why: 'copy differs too' }])
    w.tamper(`update fact set data = '{"orderId":"y"}' where position = $at`, 350)
    expect((await w.audit()).findings).toMatchObject([{ what: 'facts', from: 300, to: 600, why: 'copy differs too' }])
  })

  it('tells a damaged copy from a changed ledger', async () => {
    const w = await world()
    writeFileSync(join(w.folder, 'tile/0/001'), 'x'.repeat(8_192))
    expect((await w.audit()).findings).toEqual([{ what: 'copy', index: 256 }])
  })

  it('misses no head: neither one on chain that was not recorded, nor one recorded that is not on chain', async () => {
    const w = await world()
    const { ledger } = w
    const authority = (await w.chain.funds()).authority
    const heads = await w.chain.heads()
    const of = (shown: typeof heads) =>
      auditLedger({
        ...{ ledger, authority, heads: async () => shown },
        ...{ copy: logFolder(w.folder), passed: () => {} },
      })
    const another = { ...heads[2]!, number: 4, size: 1_001, root: 'ab'.repeat(32) }
    expect((await of(heads.slice(0, 2))).findings).toMatchObject([
      { what: 'heads not on chain', heads: [{ number: 3 }] },
    ])
    expect((await of([heads[0]!, heads[2]!])).findings).toMatchObject([
      { what: 'heads out of order', number: 3 },
      { what: 'heads not on chain', heads: [{ number: 2 }] },
    ])
    expect((await of([...heads, another])).findings).toMatchObject([
      { what: 'facts', from: 1_000, to: 1_000, head: 4 },
      { what: 'head not recorded', number: 4 },
    ])
  })

  it('calls for no head over the record of the newest alone, as none is published then', async () => {
    const w = await anchorWorld()
    const { ledger } = w
    const { authority } = await w.chain.funds()
    const audit = () =>
      auditLedger({ ...{ ledger, authority, heads: w.chain.heads }, copy: logFolder(w.folder), passed: () => {} })
    await w.happen(1)
    expect(asText(await audit()).at(-1)).toBe('1 fact is in no head yet: npm run anchor publishes one.')
    await anchorLedger(w.deps)
    expect(asText(await audit())).toEqual(['2 facts. The first is what 1 head on chain says.'])
    await w.happen(1)
    expect(asText(await audit()).at(-1)).toBe('2 facts are in no head yet: npm run anchor publishes one.')
  })

  it('names all heads of a chain that was lost as one finding, before the ledger is published on a new one and after', async () => {
    const w = await world()
    const { chain } = await openTestChain()
    const { authority } = await w.chain.funds()
    const audit = () =>
      auditLedger({
        ...{ ledger: w.ledger, authority, heads: chain.heads },
        ...{ copy: logFolder(w.folder), passed: () => {} },
      })
    const lost = [{ what: 'heads not on chain', heads: [{ number: 1 }, { number: 2 }, { number: 3 }] }]
    expect((await audit()).findings).toMatchObject(lost)
    const ofTheSame = { ...chain, funds: w.chain.funds }
    await anchorLedger({ ...w.deps, chain: ofTheSame })
    const again = await audit()
    expect(again).toMatchObject({ heads: 1, uncovered: 0, findings: lost })
    expect(asText(again)[2]).toBe('3 heads were recorded, and are not on chain')
  })

  it('asks the chain alone where the copy does not say how far it goes', async () => {
    const w = await world()
    writeFileSync(join(w.folder, 'extent.json'), '{}')
    expect((await w.audit()).findings).toEqual([{ what: 'copy', index: 0 }])
    w.tamper(`update fact set data = '{}' where position = $at`, 420)
    expect((await w.audit()).findings).toEqual([{ what: 'facts', from: 300, to: 600, head: 2, why: 'no copy' }])
  })

  it('says which fact is no fact any more', async () => {
    const w = await world()
    w.tamper(`update fact set data = '{' where position = $at`, 420)
    await expect(w.audit()).rejects.toThrow('the fact after position 0000000000000420 cannot be read: ')
  })

  it('tells of what it found where, and what to do', async () => {
    const w = await world()
    w.tamper('delete from fact where position = $at', 420)
    const text = asText(await w.audit())
    expect(text[0]).toBe('1,020 facts. THE LEDGER AND THE CHAIN DIFFER: one finding.')
    expect(text[2]).toMatch(/^Fact 421 of the ledger is missing: this one follows in its place: /)
    expect(text[3]).toMatch(/position 0000000000000422, .*; after .* position 0000000000000420$/)
    expect(text[4]).toMatch(/next {3}Head 2 on chain covers it as [0-9a-f]{64}; all before it is as it was\./)
  })
})
