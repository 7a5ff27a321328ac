import type { Role } from '../../domain/roles.ts'

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
  /** Ends everything; the folder stays. */
  readonly stop: () => Promise<void>
}

/** More than any client asks for. */
export const LIMITS = {
  LOG_LEVEL: 'warn',
  HOST: '127.0.0.1',
  RATE_LIMIT_PER_MINUTE: '10000000',
  SCAN_LIMIT_PER_MINUTE: '10000000',
  RESERVATION_MINUTES: '1',
} as const
