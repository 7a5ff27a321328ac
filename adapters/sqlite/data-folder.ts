import { accessSync, constants, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { closeSqlite } from './open.ts'

export type DataFolder = {
  /** Where a file of that name lives. */
  readonly path: (name: string) => string
  /** Lets another process have the folder. */
  readonly close: () => void
}

const ELSEWHERE = 'or set DATA_DIR to another folder'

const SQLITE_BUSY = 5

/** Takes a folder for this process alone, making it if need be. Throws one line on what is wrong with it and what to do. */
export const openDataFolder = (folder: string): DataFolder => {
  const absolute = resolve(folder)
  makeWritable(absolute)
  const lock = lockFile(join(absolute, 'lock.db'))
  return { path: (name) => join(absolute, name), close: () => closeSqlite(lock) }
}

const makeWritable = (folder: string): void => {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'EEXIST' || code === 'ENOTDIR')
      throw new Error(`the data folder ${folder} is a file, or lies under one: move that file, ${ELSEWHERE}`, { cause })
    throw new Error(
      `the data folder ${folder} cannot be written (${code}): give this user the right to, ${ELSEWHERE}`,
      {
        cause,
      },
    )
  }
}

/** The operating system frees it with the process, however that ends, so a lock is never stale. */
const lockFile = (path: string): DatabaseSync => {
  let lock: DatabaseSync | undefined
  try {
    lock = new DatabaseSync(path)
    lock.exec('begin exclusive')
    return lock
  } catch (cause) {
    lock?.close()
    if ((cause as { errcode?: number }).errcode === SQLITE_BUSY)
      throw new Error(`another Counterfoil runs on this data folder (it holds ${path}): stop it, ${ELSEWHERE}`, {
        cause,
      })
    throw new Error(`${path} cannot be locked (${(cause as Error).message}): delete it, ${ELSEWHERE}`, { cause })
  }
}
