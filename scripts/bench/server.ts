import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { embeddedIssuer } from '../../adapters/keys/tokens.ts'
import { sqliteLedger } from '../../adapters/sqlite/ledger.ts'
import { sqliteVault } from '../../adapters/sqlite/vault.ts'
import type { Ledger } from '../../domain/ledger.ts'
import type { Role } from '../../domain/roles.ts'
import type { Vault } from '../../domain/vault.ts'
import type { Client } from '../client.ts'
import { type Clients, clientsOf } from './http.ts'

export const CLIENTS = 64

/** What differs from the defaults. The bench is a few callers and devices that ask more than a person would. */
export const SETTINGS = {
  LOG_LEVEL: 'error',
  RATE_LIMIT_PER_MINUTE: '10000000',
  SCAN_LIMIT_PER_MINUTE: '10000000',
  CODE_ROTATION_SECONDS: '300',
} as const

/** A server in a process of its own, seen from outside: over HTTP, and in the files that it writes. */
export type Server = {
  readonly folder: string
  readonly pid: number
  /** Milliseconds from the start of the process to its word that it is ready. */
  readonly readyAfter: number
  readonly clients: Clients
  readonly ledger: Ledger
  readonly vault: Vault
  /** A client with a token of the server's own issuer. */
  readonly as: (role: Role, subject: string) => Promise<Client>
  /** Milliseconds until every read model has reached the head of the ledger. */
  readonly catchUp: () => Promise<number>
  readonly stop: () => Promise<void>
}

const STARTED: ChildProcess[] = []
const FOLDERS: string[] = []

/** Ends what a bench that failed has left running. */
export const endAll = (): void => {
  for (const child of STARTED) child.kill('SIGKILL')
}

process.once('exit', () => {
  endAll()
  for (const folder of FOLDERS) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

export const makeFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'counterfoil-bench-'))
  FOLDERS.push(folder)
  return folder
}

const settingsFor = (folder: string) => ({
  ...process.env,
  ...SETTINGS,
  PORT: '0',
  HOST: '127.0.0.1',
  DATA_DIR: folder,
})

type Started = { readonly child: ChildProcess; readonly url: string; readonly readyAfter: number }

/** Starts a process that says `ready: <url>`. */
export const start = async (folder: string, command: string, args: readonly string[]): Promise<Started> => {
  const began = performance.now()
  const child = spawn(command, args, { env: settingsFor(folder), stdio: ['ignore', 'pipe', 'inherit'] })
  STARTED.push(child)
  for await (const line of createInterface(child.stdout)) {
    const [, url] = / ready: (http:\/\/[^/]+)/.exec(line) ?? []
    if (url) return { child, url, readyAfter: performance.now() - began }
  }
  throw new Error(`${command} ${args.join(' ')} ended before it was ready: see what it said above`)
}

/** Ends once nothing holds the pipe any more: npm may be gone before the server that it started. */
export const end = async (child: ChildProcess): Promise<void> => {
  const closed = once(child, 'close')
  child.stdout!.resume()
  child.kill('SIGTERM')
  await closed
}

/** Runs Counterfoil on a data folder, or another script that serves there. */
export const startServer = async (folder: string, script = 'scripts/start.ts'): Promise<Server> => {
  const { child, url, readyAfter } = await start(folder, process.execPath, [script])
  const clients = clientsOf(url)
  const ledger = sqliteLedger(join(folder, 'ledger.db'))
  const vault = sqliteVault(join(folder, 'vault.db'))
  const issuer = await embeddedIssuer(vault)
  return {
    folder,
    pid: child.pid!,
    readyAfter,
    clients,
    ledger,
    vault,
    as: async (role, subject) =>
      clients.as(await issuer.issue({ subject, role, tenant: 'bench', venues: [], expiresIn: 86_400 })),
    catchUp: async () => {
      const head = await ledger.head()
      const began = performance.now()
      for (;;) {
        const { readModels } = await clients.health()
        if (Object.values(readModels).every(({ position }) => position >= head)) return performance.now() - began
        await sleep(20)
      }
    },
    stop: async () => {
      clients.close()
      await ledger.close()
      await vault.close()
      await end(child)
    },
  }
}

/** Runs one of the bench's own scripts to its end: the JSON that it printed. */
export const run = async <T>(folder: string, script: string, ...args: string[]): Promise<T> => {
  const child = spawn(process.execPath, [script, ...args], {
    env: settingsFor(folder),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  STARTED.push(child)
  let said = ''
  for await (const chunk of child.stdout) said += chunk
  if (child.exitCode === null) await once(child, 'exit')
  if (child.exitCode !== 0) throw new Error(`${script} failed: see what it said above`)
  return JSON.parse(said)
}

/** In ticks of 10 ms, user and system, of all threads of a process. */
const CPU_FIELDS = [11, 12] as const

/** Milliseconds of processor time that a process has used. */
export const cpuOf = (pid: number): number => {
  // After the command's name, which may hold spaces and brackets.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return CPU_FIELDS.reduce((sum, field) => sum + Number(fields[field]) * 10, 0)
}

/** Megabytes of memory that a process holds. */
export const memoryOf = (pid: number): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1_024
