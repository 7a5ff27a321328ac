import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Kysely, sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect, startThread } from './client.ts'
import { openReadModels, type ReadModels } from './read-models.ts'

type DB = { seat: { label: string; price: number; tags: { zone: string } } }

const create = async (db: Kysely<DB>) => {
  await sql`create table seat (label text primary key, price bigint, tags jsonb)`.execute(db)
  await db
    .insertInto('seat')
    .values({ label: 'A-1', price: 4500, tags: { zone: 'VIP' } })
    .execute()
}

describe('the embedded database of the read models', () => {
  let home: string
  let memory: ReadModels
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'read-models-'))
    memory = await openReadModels(':memory:')
    await create(memory.db)
  })
  afterAll(async () => {
    await memory.close()
    await rm(home, { recursive: true })
  })

  it('gives counts, sums and money as numbers, and JSON as what it holds', async () => {
    const row = await memory.db
      .selectFrom('seat')
      .select(({ fn }) => [fn.countAll().as('count'), fn.sum('price').as('sum'), fn.max('price').as('max')])
      .executeTakeFirstOrThrow()
    expect(row).toEqual({ count: 1, sum: 4500, max: 4500 })
    expect(await memory.db.selectFrom('seat').selectAll().execute()).toEqual([
      { label: 'A-1', price: 4500, tags: { zone: 'VIP' } },
    ])
  })

  it('keeps what was committed, and nothing of what was not, beyond a restart', async () => {
    const folder = join(home, 'kept')
    const first = await openReadModels(folder)
    await create(first.db)
    const failing = first.db.transaction().execute(async (tx) => {
      await tx.deleteFrom('seat').execute()
      throw new Error('changed my mind')
    })
    await expect(failing).rejects.toThrow('changed my mind')
    await first.close()

    const second = await openReadModels(folder)
    expect(second.recreated).toBe(false)
    expect(await second.db.selectFrom('seat').select('label').execute()).toEqual([{ label: 'A-1' }])
    await second.close()
  })

  it('lets nobody see, or fall into, a transaction that is under way', async () => {
    const { db } = memory
    const selling = db.transaction().execute(async (tx) => {
      await tx.updateTable('seat').set({ price: 1 }).execute()
      await tx.updateTable('seat').set({ price: 2 }).execute()
      throw new Error('not sold')
    })
    const raise = db.updateTable('seat').set({ label: 'A-2' }).execute()
    await expect(selling).rejects.toThrow('not sold')
    await raise
    expect(await db.selectFrom('seat').select(['label', 'price']).execute()).toEqual([{ label: 'A-2', price: 4500 }])
  })

  it('says so when a transaction whose statement failed is committed all the same', async () => {
    const careless = memory.db.transaction().execute(async (tx) => {
      await sql`select * from no_such_table`.execute(tx).catch(() => {})
    })
    await expect(careless).rejects.toMatchObject({ name: 'AbortedTransactionError' })
  })

  it.each([
    ['its control file was cut off', (folder: string) => truncate(join(folder, 'global', 'pg_control'), 100)],
    ['its catalogue was lost', (folder: string) => rm(join(folder, 'base'), { recursive: true })],
    ['it is of another PostgreSQL', (folder: string) => writeFile(join(folder, 'PG_VERSION'), '9\n')],
  ])('throws a folder away and starts empty where %s', async (_, damage) => {
    const folder = join(home, `damaged ${_}`)
    const first = await openReadModels(folder)
    await create(first.db)
    await first.close()
    await damage(folder)

    const second = await openReadModels(folder)
    expect(second.recreated).toBe(true)
    await create(second.db)
    await second.close()
  })

  it('starts empty where a first start was cut short', async () => {
    const folder = join(home, 'half')
    const first = await openReadModels(folder)
    await first.close()
    await rm(join(folder, 'counterfoil.complete'))
    await rm(join(folder, 'pg_wal'), { recursive: true })

    const second = await openReadModels(folder)
    await create(second.db)
    await second.close()
    expect(await readdir(folder)).toContain('counterfoil.complete')
  })

  it('rejects the queries that wait, and all later ones, once its thread has died', async () => {
    const thread = startThread({ fresh: true })
    const client = await connect(thread)
    const waiting = expect(client.query('select count(*) from generate_series(1, 20000000)')).rejects
    await thread.terminate()
    await waiting.toThrow('the database of the read models has died: restart this process')
    await expect(client.query('select 1')).rejects.toThrow('has died')
    await client.close()
  })

  it('answers no query after it was closed', async () => {
    const { db, close } = await openReadModels(':memory:')
    await close()
    await close()
    await expect(db.selectFrom('seat').selectAll().execute()).rejects.toThrow('closed')
  })
})
