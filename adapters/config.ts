import { z } from 'zod'

const number = (min: number, max: number, fallback: number) =>
  z.string().regex(/^\d+$/, 'is not a whole number').transform(Number).pipe(z.int().min(min).max(max)).default(fallback)

/** Every setting, its default and its meaning; `.env.example` lists them for people. */
const Settings = z.object({
  PORT: number(0, 65_535, 3_000),
  HOST: z.string().default('127.0.0.1'),
  DATA_DIR: z.string().default('./data'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('warn'),
  /** Requests a minute of one caller, and scans a minute of one device. */
  RATE_LIMIT_PER_MINUTE: number(1, 10_000_000, 1_200),
  SCAN_LIMIT_PER_MINUTE: number(1, 10_000_000, 600),
  RESERVATION_MINUTES: number(1, 1_440, 30),
  CODE_ROTATION_SECONDS: number(5, 300, 30),
})

export type Config = {
  readonly port: number
  readonly host: string
  readonly dataDir: string
  readonly logLevel: string
  readonly rateLimitPerMinute: number
  readonly scanLimitPerMinute: number
  readonly reservationMinutes: number
  readonly codeRotationSeconds: number
}

/** Throws one line that names the variable, what it was and what it may be. */
export const readConfig = (env: Readonly<Record<string, string | undefined>>): Config => {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''))
  const parsed = Settings.safeParse(given)
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!
    const name = String(path[0])
    throw new Error(`the environment variable ${name} is "${given[name]}": ${message}. See .env.example`)
  }
  const s = parsed.data
  return {
    port: s.PORT,
    host: s.HOST,
    dataDir: s.DATA_DIR,
    logLevel: s.LOG_LEVEL,
    rateLimitPerMinute: s.RATE_LIMIT_PER_MINUTE,
    scanLimitPerMinute: s.SCAN_LIMIT_PER_MINUTE,
    reservationMinutes: s.RESERVATION_MINUTES,
    codeRotationSeconds: s.CODE_ROTATION_SECONDS,
  }
}
