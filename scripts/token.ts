import { parseArgs } from 'node:util'
import { z } from 'zod'
import { readConfig } from '../adapters/config.ts'
import { personIdOf } from '../adapters/keys/person-id.ts'
import { embeddedIssuer, type Grant, Tenant } from '../adapters/keys/tokens.ts'
import { openVault } from '../adapters/parts.ts'
import { BOUND_TO_VENUES, Role } from '../domain/roles.ts'

// npm run token -- --role attendee --person ann [--tenant demo] [--venue <uuid>]… [--expires 12h]
// Prints a token of the embedded issuer, and nothing else, on stdout. Works while the server runs.

const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 }

const Options = z.object({
  role: Role,
  person: z.string().min(1),
  tenant: Tenant.default('demo'),
  venue: z.array(z.uuid()).default([]),
  expires: z
    .string()
    .regex(/^[1-9]\d{0,5}[smhd]$/, 'is a number and s, m, h or d, such as 12h')
    .default('12h'),
})

const grantOf = (args: string[]): Grant => {
  const string = { type: 'string' } as const
  const options = {
    role: string,
    person: string,
    tenant: string,
    venue: { ...string, multiple: true },
    expires: string,
  }
  const parsed = Options.safeParse(parseArgs({ args, options }).values)
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!
    throw new Error(`--${String(path[0])}: ${message}`)
  }
  const { role, person, tenant, venue, expires } = parsed.data
  if (BOUND_TO_VENUES.has(role) && venue.length === 0)
    throw new Error(`--role: ${role} holds at venues only, add --venue <uuid>`)
  const expiresIn = Number(expires.slice(0, -1)) * SECONDS[expires.slice(-1) as keyof typeof SECONDS]
  return { subject: person, role, tenant, venues: venue, expiresIn }
}

try {
  const grant = grantOf(process.argv.slice(2))
  const config = readConfig(process.env)
  if (config.tokens)
    throw new Error(
      `the server believes ${config.tokens.issuer} alone: get a token there, or unset TOKEN_ISSUER and TOKEN_KEYS_URL for both`,
    )
  // One made here would have a key of its own, that no server knows.
  const vault = await openVault(config)
  const issuer = await embeddedIssuer(vault)
  console.log(await issuer.issue(grant))
  console.error(`person ${personIdOf(issuer.issuer, grant.subject)}, ${grant.role} in ${grant.tenant}`)
  await vault.close()
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}
