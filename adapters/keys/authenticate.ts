import { Unavailable } from '../../domain/ledger.ts'
import type { Authenticate } from '../http/auth.ts'
import { type Claims, KeysUnreachable } from './tokens.ts'

type Parts = {
  readonly verifyToken: (token: string) => Promise<Claims | undefined>
  readonly authenticateDevice: Authenticate
}

/** Devices by their credentials, everybody else by a JWT. Throws Unavailable while the issuer's keys cannot be read. */
export const authenticator =
  ({ verifyToken, authenticateDevice }: Parts): Authenticate =>
  async (bearer) => {
    // No JWT begins like this: its header is a JSON object, which in base64url begins with e.
    if (bearer.startsWith('device_')) return authenticateDevice(bearer)
    const claims = await verifyToken(bearer).catch(unavailable)
    if (!claims) return undefined
    const { tenant, role, venues, sub, personId } = claims
    return { tenant, role, venues, subject: sub, actor: { id: personId, role } }
  }

const unavailable = (error: unknown): never => {
  throw error instanceof KeysUnreachable ? new Unavailable(error.message, { cause: error }) : error
}
