import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import type { Mismatch } from '../../commands/chain/reconciling.ts'
import type { Role } from '../../domain/roles.ts'

const ROOT = new URL('../../', import.meta.url).pathname

/** What is tortured: Counterfoil's processes and the parts that they run on. */
export type Setup = {
  /** Where everything that it keeps lies. */
  readonly folder: string
  /** Whom writes and whom reads go to. They stay the same over restarts. */
  readonly commandUrls: readonly string[]
  readonly queryUrls: readonly string[]
  /** What can be killed, and how often each is, relative to the others. */
  readonly processes: Readonly<Record<string, number>>
  readonly kill: (process: string, signal: 'SIGKILL' | 'SIGTERM') => Promise<void>
  /** Resolves once it is ready; killed meanwhile, it resolves too. */
  readonly restart: (process: string) => Promise<void>
  readonly emptyRedis?: () => Promise<void>
  readonly tokenOf: (role: Role, subject: string) => Promise<string>
  /** Builds every read model anew out of the ledger. */
  readonly rebuild: () => Promise<void>
  /** What npm run reconcile finds that differs between ledger and chain. */
  readonly mismatches: () => Promise<readonly Mismatch[]>
  /** Ends everything; the folder stays. */
  readonly stop: () => Promise<void>
}

/** Runs one of our scripts to its end, on these settings, and returns what it printed. Rejects where it ends with another exit code. */
export const runScript = async (
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  exitCodes: readonly number[] = [0],
): Promise<string> => {
  const child = spawn(process.execPath, [`scripts/${name}.ts`, ...args], { cwd: ROOT, env: { ...process.env, ...env } })
  const [printed, complained, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  if (!exitCodes.includes(exitCode)) throw new Error(`${name} ended with ${exitCode}: ${complained.trim()}`)
  return printed.trim()
}

export const mismatchesOn = async (env: Readonly<Record<string, string>>): Promise<readonly Mismatch[]> => {
  const lines = (await runScript('reconcile', ['--json'], env, [0, 1])).split('\n').map((line) => JSON.parse(line))
  return lines.filter(({ kind }) => kind === 'mismatch')
}

/** More than any client asks for. */
export const LIMITS = {
  LOG_LEVEL: 'warn',
  HOST: '127.0.0.1',
  RATE_LIMIT_PER_MINUTE: '10000000',
  SCAN_LIMIT_PER_MINUTE: '10000000',
  RESERVATION_MINUTES: '1',
} as const
