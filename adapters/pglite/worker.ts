import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parentPort, threadId, workerData } from 'node:worker_threads'
import { PGlite, types } from '@electric-sql/pglite'

/** Without a folder it lives in memory. */
export type Opening = { readonly folder?: string; readonly fresh: boolean }

export type Question = { readonly id: number } & (
  | { readonly sql: string; readonly parameters: readonly unknown[] }
  | { readonly close: true }
)

export type Answer = { readonly id: number } & (
  | { readonly rows: unknown[]; readonly affectedRows: number | undefined; readonly command: string | undefined }
  | { readonly error: { readonly message: string; readonly code?: string; readonly detail?: string } }
)

/** Nothing that we count or add up comes near 2^53. */
const parsers = { [types.INT8]: Number, [types.NUMERIC]: Number }

/** An empty database, kept since Postgres takes 4 s to make one and half a second to copy it. A new PGlite has a new image. */
const imagePath = fileURLToPath(new URL('../../node_modules/.cache/counterfoil/pglite-0.5.16.tar', import.meta.url))

const open = async ({ folder, fresh }: Opening): Promise<PGlite> => {
  const place = { ...(folder && { dataDir: folder }), parsers }
  if (!fresh) return PGlite.create(place)
  const image = await readFile(imagePath).catch(() => undefined)
  if (image) return PGlite.create({ ...place, loadDataDir: new Blob([image]) })
  const db = await PGlite.create(place)
  // A cache that cannot be written is none.
  await keepImage(db).catch(() => {})
  return db
}

const keepImage = async (db: PGlite): Promise<void> => {
  const image = await db.dumpDataDir('none')
  await mkdir(dirname(imagePath), { recursive: true })
  // Renamed, so that nobody reads half of it.
  const draft = `${imagePath}.${process.pid}.${threadId}`
  await writeFile(draft, image.stream())
  await rename(draft, imagePath)
}

const answerTo = async (db: PGlite, question: Question): Promise<Answer> => {
  const { id } = question
  try {
    if ('close' in question) {
      await db.close()
      return { id, rows: [], affectedRows: undefined, command: undefined }
    }
    const { rows, affectedRows, command } = await db.query(question.sql, [...question.parameters])
    return { id, rows, affectedRows, command }
  } catch (error) {
    const { message, code, detail } = error as Error & { code?: string; detail?: string }
    return { id, error: { message, ...(code && { code }), ...(detail && { detail }) } }
  }
}

const port = parentPort!
const db = await open(workerData as Opening)
port.on('message', async (question: Question) => port.postMessage(await answerTo(db, question)))
port.postMessage('open')
