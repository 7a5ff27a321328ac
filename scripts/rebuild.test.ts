import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from '../adapters/config.ts'
import { openParts } from '../adapters/parts.ts'
import type { Recorded } from '../domain/fact.ts'
import { projectionSide } from '../projections/main.ts'
import { idFor, story } from '../projections/story.world.ts'
import { ticketsOf } from '../projections/tickets/read.ts'

describe('building read models anew', () => {
  let folder: string
  const log: Recorded[] = []
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rebuild-'))
    const tale = story({ log })
    await tale.buy('order', await tale.event('Gala'), [1, 2])
    const parts = await openParts(readConfig({ DATA_DIR: folder }))
    for (const { stream, revision, id, type, data, metadata } of log)
      await parts.ledger.append(stream, revision === 0 ? 'none' : revision - 1, [{ id, type, data, metadata }])
    await parts.close()
  })
  afterAll(() => rm(folder, { recursive: true }))

  const run = (script: 'rebuild' | 'promote', ...args: string[]) => {
    const file = new URL(`${script}.ts`, import.meta.url).pathname
    const env = { ...process.env, DATA_DIR: folder }
    const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], { env, encoding: 'utf8' })
    return { status, stdout, stderr }
  }

  /** What a start then reads: the build of each model, and how many tickets Ann has. */
  const shown = async () => {
    const parts = await openParts(readConfig({ DATA_DIR: folder }))
    const projections = await projectionSide(parts)
    try {
      expect(await projections.waitFor('tickets', await parts.ledger.head(), 10_000)).toBe(true)
      const wanted = { tenant: 'acme', personId: idFor('person/ann'), eventId: undefined, statuses: undefined }
      const tickets = await ticketsOf(projections, { ...wanted, before: undefined, limit: 10 })
      const builds = Object.fromEntries((await projections.status()).map(({ name, build }) => [name, build]))
      return { builds, tickets: tickets.length }
    } finally {
      await projections.close()
      await parts.close()
    }
  }

  it('leaves the one that is read until it is promoted, and works while no server runs', async () => {
    expect(await shown()).toMatchObject({ builds: { tickets: 1, orders: 1 }, tickets: 2 })
    const built = run('rebuild', 'tickets')
    expect(built).toMatchObject({ status: 0, stderr: '' })
    expect(built.stdout).toMatch(`tickets: built from ${log.length} facts in `)
    expect(await shown()).toMatchObject({ builds: { tickets: 1, orders: 1 }, tickets: 2 })
    expect(run('promote', 'all')).toEqual({
      status: 0,
      stdout: 'tickets: everybody reads what was built\n',
      stderr: '',
    })
    expect(await shown()).toMatchObject({ builds: { tickets: 2, orders: 1 }, tickets: 2 })
  }, 120_000)

  it('says in one line what is wrong', async () => {
    expect(run('promote', 'orders')).toEqual({
      status: 1,
      stdout: '',
      stderr: 'nothing was built to promote: run npm run rebuild -- orders first\n',
    })
    for (const [args, line] of [
      [[], /^which one\? npm run rebuild -- <catalogue, .* or all>\n$/],
      [['tickets', 'orders'], /^which one\? .*\n$/],
      [['seats'], /^there is no read model seats: it is one of catalogue, .*, or all\n$/],
    ] as const)
      expect(run('rebuild', ...args)).toMatchObject({ status: 1, stderr: expect.stringMatching(line) })

    const parts = await openParts(readConfig({ DATA_DIR: folder }))
    expect(run('rebuild', 'tickets').stderr).toMatch(/^another Counterfoil runs on this data folder .*\n$/)
    await parts.close()
  }, 120_000)
})
