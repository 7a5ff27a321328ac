import base58 from 'bs58'
import { z } from 'zod'
import { ChainMode } from '../domain/event/facts.ts'

/** What has an embedded stand-in, and what to set so that it is not used. `ALLOW_EMBEDDED` names them. */
const EMBEDDED = {
  ledger: 'the ledger is a SQLite file: set DATABASE_URL or EVENTSTORE_URL',
  database: 'read models and vault are embedded: set DATABASE_URL',
  slots: 'free slots and rate limits are counted in memory: set REDIS_URL',
  payments: 'payments go to the sandbox bank: set STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRETS',
  tokens: 'tokens are signed with a key out of the vault: set TOKEN_ISSUER and TOKEN_KEYS_URL',
  mail: 'mail goes to a folder: set SMTP_URL',
  chain: 'the chain runs in this process: set SOLANA_RPC_URL and SOLANA_AUTHORITY_FILE or SOLANA_AUTHORITY',
} as const

type Embedded = keyof typeof EMBEDDED

const number = (min: number, max: number, fallback: number) =>
  z.string().regex(/^\d+$/, 'is not a whole number').transform(Number).pipe(z.int().min(min).max(max)).default(fallback)

const url = (example: string, protocol: RegExp) => z.url({ protocol, error: `is no URL such as ${example}` }).optional()

const list = z.string().transform((text) => text.split(',').map((one) => one.trim()))

/** `EUR=142.50,USD=155` */
const rates = list
  .pipe(
    z.array(z.string().regex(/^[A-Z]{3}=(?!0+(\.0+)?$)\d{1,9}(\.\d{1,9})?$/, 'is no list such as EUR=142.50,USD=155')),
  )
  .transform((pairs) => Object.fromEntries(pairs.map((pair) => pair.split('=') as [string, string])))

/** For money that is none. */
const PLAY_RATES = { EUR: '100', USD: '100', GBP: '100', CHF: '100', JPY: '10000' }

/** Every setting and its default; `.env.example` and the README say what each means. */
const Settings = z.object({
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  ALLOW_EMBEDDED: list.pipe(z.array(z.enum(Object.keys(EMBEDDED) as [Embedded, ...Embedded[]]))).default([]),
  PORT: number(0, 65_535, 3_000),
  HOST: z.string().default('127.0.0.1'),
  TRUST_PROXY: z.string().optional(),
  PUBLIC_URL: url('https://tickets.example.com', /^https?$/),
  DATA_DIR: z.string().default('./data'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('warn'),
  DATABASE_URL: url('postgres://user:password@host:5432/counterfoil', /^postgres(ql)?$/),
  EVENTSTORE_URL: url('esdb://user:password@host:2113?tls=true', /^(esdb|kurrentdb)(\+discover)?$/),
  REDIS_URL: url('redis://host:6379', /^rediss?$/),
  STRIPE_SECRET_KEY: z
    .string()
    .regex(/^[sr]k_/, 'is no secret key: those begin with sk_ or rk_')
    .optional(),
  STRIPE_WEBHOOK_SECRETS: list.pipe(z.array(z.string().regex(/^whsec_/, 'holds one without whsec_'))).default([]),
  SOLANA_RPC_URL: url('https://api.mainnet-beta.solana.com', /^https?$/),
  SOLANA_AUTHORITY_FILE: z.string().optional(),
  SOLANA_AUTHORITY: z.string().optional(),
  SOLANA_PROGRAM_ID: z
    .string()
    .refine((text) => base58.decodeUnsafe(text)?.length === 32, 'is no address: 32 bytes in base58')
    .optional(),
  SOLANA_PRIORITY_FEE: number(0, 1_000_000_000, 0),
  SOLANA_PAY_RATES: rates.optional(),
  CHAIN_BY_DEFAULT: ChainMode.default('token'),
  SMTP_URL: url('smtps://user:password@host:465', /^smtps?$/),
  MAIL_FROM: z.string().default('Counterfoil <tickets@localhost>'),
  TOKEN_ISSUER: z.string().optional(),
  TOKEN_AUDIENCE: z.string().default('counterfoil'),
  TOKEN_KEYS_URL: url('https://login.example.com/.well-known/jwks.json', /^https?$/),
  RATE_LIMIT_PER_MINUTE: number(1, 10_000_000, 1_200),
  SCAN_LIMIT_PER_MINUTE: number(1, 10_000_000, 600),
  RESERVATION_MINUTES: number(1, 1_440, 30),
  CODE_ROTATION_SECONDS: number(5, 300, 30),
})

/** The names of all settings, in the order in which they are told. */
export const settingNames = Object.keys(Settings.shape)

export type Config = {
  readonly port: number
  readonly host: string
  /** Addresses of the proxies whose X-Forwarded-For is believed. */
  readonly trustProxy: string | undefined
  /** Where people reach it, without a slash at the end. */
  readonly publicUrl: string
  readonly dataDir: string
  readonly logLevel: string
  /** PostgreSQL, for read models and vault, and for the ledger where there is no EventStoreDB. */
  readonly databaseUrl: string | undefined
  readonly eventStoreUrl: string | undefined
  readonly redisUrl: string | undefined
  readonly stripe: { readonly secretKey: string; readonly webhookSecrets: readonly string[] } | undefined
  readonly chain: {
    /** Undefined for one in this process. */
    readonly solana:
      | { readonly rpcUrl: string; readonly authority: { readonly file: string } | { readonly text: string } }
      | undefined
    /** Undefined for the one that the program was made with. */
    readonly programId: string | undefined
    /** In millionths of a lamport for each compute unit. */
    readonly priorityFee: number
    /** What one SOL costs, by currency, for who pays by crypto: in no currency but these. */
    readonly payRates: Readonly<Record<string, string>>
    /** For events that are drafted without a word on it. */
    readonly byDefault: ChainMode
  }
  readonly mail: { readonly smtpUrl: string | undefined; readonly from: string }
  /** Who signs tokens; undefined for a key of our own. */
  readonly tokens: { readonly issuer: string; readonly audience: string; readonly keys: URL } | undefined
  readonly rateLimitPerMinute: number
  readonly scanLimitPerMinute: number
  readonly reservationMinutes: number
  readonly codeRotationSeconds: number
}

/**
 * Throws one line that names the variable, what it was and what it may be. Under NODE_ENV=production whatever is embedded has to be
 * allowed by name.
 */
export const readConfig = (env: Readonly<Record<string, string | undefined>>): Config => {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''))
  const parsed = Settings.safeParse(given)
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!
    const name = String(path[0])
    throw new Error(`the environment variable ${name} is "${told(name, given[name])}": ${message}. See .env.example`)
  }
  const s = parsed.data
  if (!s.STRIPE_SECRET_KEY !== (s.STRIPE_WEBHOOK_SECRETS.length === 0))
    throw new Error('STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRETS go together: set both, or neither. See .env.example')
  if (!s.TOKEN_ISSUER !== !s.TOKEN_KEYS_URL)
    throw new Error('TOKEN_ISSUER and TOKEN_KEYS_URL go together: set both, or neither. See .env.example')

  const { SOLANA_AUTHORITY_FILE: file, SOLANA_AUTHORITY: text } = s
  const authority = file ? { file } : text ? { text } : undefined
  if (!s.SOLANA_RPC_URL !== !authority || (file && text))
    throw new Error(
      'SOLANA_RPC_URL goes with SOLANA_AUTHORITY_FILE or SOLANA_AUTHORITY: set it and one of the two, or none. See .env.example',
    )

  const isEmbedded: Readonly<Record<Embedded, boolean>> = {
    ledger: !s.DATABASE_URL && !s.EVENTSTORE_URL,
    database: !s.DATABASE_URL,
    slots: !s.REDIS_URL,
    payments: !s.STRIPE_SECRET_KEY,
    tokens: !s.TOKEN_ISSUER,
    mail: !s.SMTP_URL,
    chain: !s.SOLANA_RPC_URL,
  }
  if (s.SOLANA_PAY_RATES && isEmbedded.chain && !isEmbedded.payments)
    throw new Error(
      'SOLANA_PAY_RATES goes with SOLANA_RPC_URL beside real payments: on the chain in this process money is none. See .env.example',
    )
  const refused = (Object.keys(EMBEDDED) as Embedded[]).filter((e) => isEmbedded[e] && !s.ALLOW_EMBEDDED.includes(e))
  if (s.NODE_ENV === 'production' && refused.length > 0)
    throw new Error(
      `in production ${refused.map((e) => EMBEDDED[e]).join('; ')}. Or allow by name: ALLOW_EMBEDDED=${refused.join(',')}`,
    )

  return {
    port: s.PORT,
    host: s.HOST,
    trustProxy: s.TRUST_PROXY,
    publicUrl: (s.PUBLIC_URL ?? `http://localhost:${s.PORT}`).replace(/\/+$/, ''),
    dataDir: s.DATA_DIR,
    logLevel: s.LOG_LEVEL,
    databaseUrl: s.DATABASE_URL,
    eventStoreUrl: s.EVENTSTORE_URL,
    redisUrl: s.REDIS_URL,
    stripe: s.STRIPE_SECRET_KEY
      ? { secretKey: s.STRIPE_SECRET_KEY, webhookSecrets: s.STRIPE_WEBHOOK_SECRETS }
      : undefined,
    chain: {
      solana: s.SOLANA_RPC_URL && authority ? { rpcUrl: s.SOLANA_RPC_URL, authority } : undefined,
      programId: s.SOLANA_PROGRAM_ID,
      priorityFee: s.SOLANA_PRIORITY_FEE,
      payRates:
        s.SOLANA_PAY_RATES ??
        (isEmbedded.chain && s.NODE_ENV !== 'production' && !s.STRIPE_SECRET_KEY ? PLAY_RATES : {}),
      byDefault: s.CHAIN_BY_DEFAULT,
    },
    mail: { smtpUrl: s.SMTP_URL, from: s.MAIL_FROM },
    tokens: s.TOKEN_ISSUER
      ? { issuer: s.TOKEN_ISSUER, audience: s.TOKEN_AUDIENCE, keys: new URL(s.TOKEN_KEYS_URL!) }
      : undefined,
    rateLimitPerMinute: s.RATE_LIMIT_PER_MINUTE,
    scanLimitPerMinute: s.SCAN_LIMIT_PER_MINUTE,
    reservationMinutes: s.RESERVATION_MINUTES,
    codeRotationSeconds: s.CODE_ROTATION_SECONDS,
  }
}

/** What may hold a password is not repeated: start-up errors end up in logs. */
const told = (name: string, value: unknown): string => (/URL|KEY|SECRET|AUTHORITY/.test(name) ? '…' : String(value))
