import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readConfig, settingNames } from './config.ts'

const REAL = {
  NODE_ENV: 'production',
  DATABASE_URL: 'postgres://app:hunter2@db:5432/counterfoil',
  REDIS_URL: 'redis://cache:6379',
  STRIPE_SECRET_KEY: 'sk_live_x',
  STRIPE_WEBHOOK_SECRETS: 'whsec_new, whsec_old',
  TOKEN_ISSUER: 'https://login.example.com',
  TOKEN_KEYS_URL: 'https://login.example.com/jwks.json',
  SMTP_URL: 'smtps://app:hunter2@mail:465',
  SOLANA_RPC_URL: 'https://rpc.example.com/?api-key=hunter2',
  SOLANA_AUTHORITY_FILE: '/run/secrets/solana.json',
}

const without = (...names: (keyof typeof REAL)[]) =>
  Object.fromEntries(Object.entries(REAL).filter(([name]) => !names.includes(name as keyof typeof REAL)))

const text = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')

describe('the configuration', () => {
  it('needs no setting at all', () => {
    expect(readConfig({})).toMatchObject({ port: 3_000, dataDir: './data', databaseUrl: undefined, stripe: undefined })
  })

  it('takes an empty variable for one that is not set, as an unchanged line of .env.example is', () => {
    expect(readConfig({ PORT: '', DATABASE_URL: '' })).toEqual(readConfig({}))
  })

  it('takes several webhook secrets, for a time in which one replaces another', () => {
    expect(readConfig(REAL).stripe?.webhookSecrets).toEqual(['whsec_new', 'whsec_old'])
  })

  it.each([
    ['PORT', '70000'],
    ['DATABASE_URL', 'mysql://app:hunter2@db/counterfoil'],
    ['REDIS_URL', 'cache'],
    ['ALLOW_EMBEDDED', 'payments,everything'],
    ['STRIPE_SECRET_KEY', 'pk_live_x'],
    ['NODE_ENV', 'staging'],
    ['SOLANA_PAY_RATES', 'EUR:142.50'],
    ['SOLANA_PAY_RATES', 'EUR=0.00'],
  ])('says of %s=%s which variable is wrong and where to read on', (name, value) => {
    expect(() => readConfig({ [name]: value })).toThrow(
      new RegExp(`^the environment variable ${name} is .*env.example$`),
    )
  })

  it('has rates for crypto where money is none, and elsewhere those that are given', () => {
    expect(readConfig({}).chain.payRates).toHaveProperty('EUR')
    expect(readConfig(REAL).chain.payRates).toEqual({})
    const given = { SOLANA_PAY_RATES: 'EUR=142.50, USD=155' }
    expect(readConfig({ ...REAL, ...given }).chain.payRates).toEqual({ EUR: '142.50', USD: '155' })
    const stripe = { STRIPE_SECRET_KEY: 'sk_live_x', STRIPE_WEBHOOK_SECRETS: 'whsec_x' }
    expect(readConfig(stripe).chain.payRates).toEqual({})
    expect(() => readConfig({ ...stripe, ...given })).toThrow('SOLANA_PAY_RATES goes with SOLANA_RPC_URL')
  })

  it('repeats no password when it refuses a URL', () => {
    expect(() => readConfig({ DATABASE_URL: 'mysql://app:hunter2@db/counterfoil' })).toThrow(/^(?!.*hunter2)/)
  })

  it.each([
    ['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRETS'],
    ['STRIPE_WEBHOOK_SECRETS', 'STRIPE_SECRET_KEY'],
    ['TOKEN_ISSUER', 'TOKEN_KEYS_URL'],
    ['TOKEN_KEYS_URL', 'TOKEN_ISSUER'],
    ['SOLANA_RPC_URL', 'SOLANA_AUTHORITY_FILE'],
    ['SOLANA_AUTHORITY_FILE', 'SOLANA_RPC_URL'],
  ] as const)('refuses %s without %s, with which it makes sense', (name, other) => {
    expect(() => readConfig({ [name]: REAL[name] })).toThrow(other)
  })
})

describe('in production', () => {
  it('starts when every part is a real one', () => {
    expect(readConfig(REAL)).toMatchObject({ redisUrl: 'redis://cache:6379' })
  })

  it('takes the key of the chain out of a file or out of a variable, not both', () => {
    const { SOLANA_AUTHORITY_FILE, ...rest } = REAL
    expect(readConfig(REAL).chain.solana?.authority).toEqual({ file: SOLANA_AUTHORITY_FILE })
    expect(readConfig({ ...rest, SOLANA_AUTHORITY: '[1,2]' }).chain.solana?.authority).toEqual({ text: '[1,2]' })
    expect(() => readConfig({ ...REAL, SOLANA_AUTHORITY: '[1,2]' })).toThrow('one of the two')
  })

  it('takes EventStoreDB for the ledger', () => {
    const settings = { ...REAL, EVENTSTORE_URL: 'esdb://admin:changeit@store:2113?tls=false' }
    expect(readConfig(settings).eventStoreUrl).toBe(settings.EVENTSTORE_URL)
  })

  it.each([
    [['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRETS'], 'payments'],
    [['TOKEN_ISSUER', 'TOKEN_KEYS_URL'], 'tokens'],
    [['REDIS_URL'], 'slots'],
    [['SMTP_URL'], 'mail'],
    [['SOLANA_RPC_URL', 'SOLANA_AUTHORITY_FILE'], 'chain'],
    [['DATABASE_URL'], 'ledger,database'],
  ] as const)('does not start without %s, unless %s is allowed by name', (missing, allowed) => {
    const settings = without(...missing)
    expect(() => readConfig(settings)).toThrow(`ALLOW_EMBEDDED=${allowed}`)
    expect(() => readConfig({ ...settings, ALLOW_EMBEDDED: allowed })).not.toThrow()
  })
})

describe('what people are told of the settings', () => {
  it('is a line of .env.example for each, and no other', () => {
    const listed = [...text('.env.example').matchAll(/^#? ?([A-Z_]+)=/gm)].map(([, name]) => name)
    expect(listed).toEqual(settingNames)
  })

  it('is a row of the table in the README for each', () => {
    const table = text('README.md').split('## Settings')[1]?.split('\n## ')[0] ?? ''
    expect(settingNames.filter((name) => !table.includes(`\`${name}\``))).toEqual([])
  })
})
