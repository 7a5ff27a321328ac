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

export type Vault = {
  readonly people: People
  readonly eventSecrets: EventSecrets
  readonly deviceCredentials: DeviceCredentials
  /** A random key for a purpose, 32 bytes, made on first use: what derived secrets are derived from. */
  readonly keyFor: (purpose: string) => Promise<Uint8Array>
  readonly close: () => Promise<void>
}
