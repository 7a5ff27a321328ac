import type { Carrier } from '../ticket/facts.ts'

/**
 * What a ticket shows at the gate, as text: `ticketId:timestamp:nonce:hmac`, always 119 characters.
 *
 * - ticketId: a UUID in lower case.
 * - timestamp: when the code was made, in Unix seconds, 10 digits.
 * - nonce: its carrier's letter (`a` app, `s` static), then 26 random characters of `NONCE_ALPHABET` (130 bits).
 * - hmac: HMAC-SHA256 over `ticketId:timestamp:nonce`, base64url without padding, 43 characters.
 *
 * How the key is derived is told in `adapters/keys/ticket-codes.ts`; `vectors/codes.json` has worked examples.
 */
export type Code = {
  readonly ticketId: string
  readonly timestamp: number
  readonly nonce: string
  readonly hmac: string
}

/** `why` tells what is wrong with the text and holds nothing of it. */
export type UnreadableCode = { readonly unreadable: 'old_code_format' | 'unreadable_code'; readonly why: string }

/** A ticket, and the facts about it that its codes are bound to. */
export type Credential = {
  readonly eventId: string
  readonly ticketId: string
  readonly generation: number
  /** The event's, for a key of the app is good for one local day. */
  readonly timeZone: string
}

/** The port to the keys of codes. */
export type Codes = {
  /** `expiresAt` is null for a static code. */
  readonly issue: (
    wanted: Credential & { readonly carrier: Carrier; readonly at: string; readonly rotationSeconds: number },
  ) => Promise<{ readonly code: string; readonly expiresAt: string | null }>
  /**
   * The generation that the code was made for: the live one, which is given, or one of a few before it.
   * `bad`: none of them, so it was altered, or made for something else.
   */
  readonly verify: (code: Code, live: Omit<Credential, 'ticketId'>) => Promise<{ readonly generation: number } | 'bad'>
}

/** How far a phone's clock may be off, fast or slow: a code is taken this long before its timestamp and after its end. */
export const CLOCK_TOLERANCE_SECONDS = 5

/** Digits and small letters without i, l, o and u, which are easily misread. 32 of them: 5 bits each. */
export const NONCE_ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
export const NONCE_LENGTH = 26

const LETTERS: { readonly [C in Carrier]: string } = { app: 'a', static: 's' }

const FIELDS = [
  ['ticketId', /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'a UUID in lower case'],
  ['timestamp', /^[1-9][0-9]{9}$/, '10 digits'],
  ['nonce', new RegExp(`^[as][${NONCE_ALPHABET}]{${NONCE_LENGTH}}$`), 'a or s and 26 digits and letters'],
  // 43 characters hold 258 bits: the last two must be zero, or one hmac could be written in four ways.
  ['hmac', /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/, '43 characters of base64url'],
] as const

const LENGTH = 119

/** Total: whatever a camera or a client sends is a code, or is unreadable for a reason. */
export const parseCode = (text: string): Code | UnreadableCode => {
  if (text.startsWith('TKT:'))
    return {
      unreadable: 'old_code_format',
      why: 'it begins with TKT:, and the live format is ticketId:timestamp:nonce:hmac',
    }
  // First, so that nothing else is done with a megabyte.
  if (text.length > LENGTH) return unreadable(`it has ${text.length} characters, more than the ${LENGTH} of a code`)
  const parts = text.split(':')
  if (parts.length !== FIELDS.length) return unreadable(`its fields number ${parts.length}, not ${FIELDS.length}`)
  for (const [i, [name, pattern, meaning]] of FIELDS.entries())
    if (!pattern.test(parts[i]!)) return unreadable(`its ${name} is not ${meaning}`)
  const [ticketId, timestamp, nonce, hmac] = parts as [string, string, string, string]
  return { ticketId, timestamp: Number(timestamp), nonce, hmac }
}

const unreadable = (why: string): UnreadableCode => ({ unreadable: 'unreadable_code', why })

/** What the hmac is over. */
export const signedPart = ({ ticketId, timestamp, nonce }: Omit<Code, 'hmac'>): string =>
  `${ticketId}:${timestamp}:${nonce}`

export const formatCode = (code: Code): string => `${signedPart(code)}:${code.hmac}`

/** A nonce says who carries it: the hmac is over it, so nobody can turn a printed code into one of the app. */
export const nonceFor = (carrier: Carrier, random: string): string => LETTERS[carrier] + random

export const carrierOf = ({ nonce }: Pick<Code, 'nonce'>): Carrier => (nonce.startsWith(LETTERS.app) ? 'app' : 'static')

/** In ISO 8601. */
export const madeAt = ({ timestamp }: Pick<Code, 'timestamp'>): string => new Date(timestamp * 1_000).toISOString()
