import type { Position } from './fact.ts'

/** What is durable, secret or personal, and so is in no fact. Types only; one SQLite file embedded, PostgreSQL in production. */

/** A person as they want to be called. Kept encrypted under a key of their own. */
export type Profile = { readonly name: string; readonly email: string | null }

export type People = {
  readonly save: (personId: string, profile: Profile) => Promise<void>
  /** Undefined for a person who has told nothing, or was erased. */
  readonly find: (personId: string) => Promise<Profile | undefined>
  /** Deletes row and key. Nothing can bring them back, a backup excepted. */
  readonly erase: (personId: string) => Promise<void>
}

export type EventSecret = { readonly keyId: string; readonly secret: Uint8Array }

export type EventSecrets = {
  /** Newest first; the first is what new codes are made with. Made on first use. */
  readonly of: (eventId: string) => Promise<readonly [EventSecret, ...EventSecret[]]>
}

export type DeviceCredentials = {
  /** Replaces an older one. Only the SHA-256 of the secret is kept. */
  readonly save: (tenant: string, deviceId: string, secretHash: Uint8Array) => Promise<void>
  readonly find: (deviceId: string) => Promise<{ tenant: string; secretHash: Uint8Array } | undefined>
}

/** Something that a reactor has to do in the world, once per fact: its id is derived from the fact's. */
export type Intent = {
  readonly id: string
  /** What to do, as JSON can hold it. No personal data: that is looked up when it is done. */
  readonly data: object
  /** How often it was begun. More than 0: an earlier try may have done it, and was cut short before it could say so. */
  readonly attempts: number
}

export type Intents = {
  /** Up to where a reactor has read the ledger; START before its first fact. */
  readonly positionOf: (reactor: string) => Promise<Position>
  /**
   * Keeps what follows from the facts up to a position, and the position, together. False, and nothing is kept, where the reactor is
   * no longer at `from`: another process has read on. An id that was kept before stays as it is.
   */
  readonly keep: (
    reactor: string,
    from: Position,
    to: Position,
    wanted: readonly Pick<Intent, 'id' | 'data'>[],
  ) => Promise<boolean>
  /** Those to be done by now, the longest due first. Each counts as begun, and is due again at `again` unless it is told done before. */
  readonly begin: (reactor: string, limit: number, now: string, again: string) => Promise<readonly Intent[]>
  readonly done: (reactor: string, id: string) => Promise<void>
  /** To be tried again at a time; why is kept for whoever looks. */
  readonly failed: (reactor: string, id: string, again: string, why: string) => Promise<void>
  /** What is not done yet: how many, and the oldest failure. */
  readonly open: (reactor: string) => Promise<{ readonly count: number; readonly why: string | null }>
}

export type Vault = {
  readonly people: People
  readonly eventSecrets: EventSecrets
  readonly deviceCredentials: DeviceCredentials
  readonly intents: Intents
  /** A random key for a purpose, 32 bytes, made on first use: what derived secrets are derived from. */
  readonly keyFor: (purpose: string) => Promise<Uint8Array>
  readonly close: () => Promise<void>
}
