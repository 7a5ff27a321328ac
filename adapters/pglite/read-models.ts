import { existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Kysely, PGliteDialect } from 'kysely'
import type { ReadDatabase } from '../../projections/reading.ts'
import { type Client, connect, startThread } from './client.ts'

export type ReadModels = ReadDatabase & {
  /** What the folder held was damaged and thrown away: the read models are built anew. */
  readonly recreated: boolean
  readonly close: () => Promise<void>
}

/** Postgres deletes no file that it does not know. */
const COMPLETE = 'counterfoil.complete'

/**
 * The embedded database of the read models, on a thread of its own; `:memory:` for tests.
 * It takes no lock: two processes on one folder destroy it, so hold the data folder's lock. It is never flushed
 * to the disk either, and so nothing belongs here that cannot be rebuilt: a folder that does not open is emptied.
 */
export const openReadModels = async (folder: string): Promise<ReadModels> => {
  if (folder === ':memory:') return serve(await connect(startThread({ fresh: true })), false)
  // A start that was cut short leaves files that open, and lack tables of the system's own.
  const known = existsSync(join(folder, COMPLETE))
  const client = known ? await connect(startThread({ folder, fresh: false })).catch(() => undefined) : undefined
  return client ? serve(client, false) : serve(await startEmpty(folder), known)
}

const startEmpty = async (folder: string): Promise<Client> => {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const client = await connect(startThread({ folder, fresh: true }))
  await writeFile(join(folder, COMPLETE), '')
  return client
}

const serve = (client: Client, recreated: boolean): ReadModels => {
  const db = new Kysely({ dialect: new PGliteDialect({ pglite: client }) })
  // There is one connection, for all: the tenant in every key and every query has to do.
  return { db, as: () => db, shared: false, recreated, close: client.close }
}
