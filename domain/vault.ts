import type { Position } from './fact.ts'

/** What is durable, secret or personal, and so is in no fact. Types only; one SQLite file embedded, PostgreSQL in production. */

/** A person as they want to be called. Kept encrypted under a key of their own. */
export type Profile = {
  readonly name: string
  readonly email: string | null
  /** The language to write to them in, as BCP 47 names it. */
  readonly locale?: string | undefined
}

export type People = {
  readonly save: (personId: string, profile: Profile) => Promise<void>
  /** Undefined for a person who has told nothing, or was erased. */
  readonly find: (personId: string) => Promise<Profile | undefined>
  /** Ids of those who last told this address, in order, whatever its capitals. Nobody has proved that it is theirs, and several may share it. */
  readonly withEmail: (email: string) => Promise<readonly string[]>
  /** Deletes row and key. Nothing can bring them back, a backup excepted. */
  readonly erase: (personId: string) => Promise<void>
}

/** Where to write to somebody that an offer is made to, by the offer's id. Each is encrypted under a key of its own. */
export type Addressees = {
  /** Replaces an older one. */
  readonly save: (offerId: string, email: string) => Promise<void>
  /** As it was written. Undefined where there is none, or it was forgotten. */
  readonly find: (offerId: string) => Promise<string | undefined>
  /** Deletes address and key. Nothing can bring them back, a backup excepted. */
  readonly forget: (offerId: string) => Promise<void>
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
  /** How often it was begun, this time included. More than 1: an earlier try may have done it, and was cut short before it could say so. */
  readonly attempts: number
}

/** What a reactor has not done. */
export type Backlog = {
  /** Still to be done, whether it failed before or not. */
  readonly open: number
  /** Of these, how many failed when they were last tried. */
  readonly failing: number
  /** Will never be done. */
  readonly givenUp: number
  /** What befell the oldest that fails; where none does, the newest that was given up. */
  readonly why: string | null
}

/** Each reactor's are its own. Those that are done or given up stay known by their ids, so that nothing is wanted twice. */
export type Intents = {
  /** Up to where a reactor has read the ledger; undefined for one that has never kept anything, not even a position. */
  readonly positionOf: (reactor: string) => Promise<Position | undefined>
  /**
   * Keeps what follows from the facts up to a position, and the position, together; each is to be done at once. False, and nothing is
   * kept, where the reactor is no longer at `from`: another process has read on. An id that was kept before stays as it is.
   */
  readonly keep: (
    reactor: string,
    from: Position | undefined,
    to: Position,
    wanted: readonly Pick<Intent, 'id' | 'data'>[],
  ) => Promise<boolean>
  /**
   * Those to be done by now: first what was never begun, as it was kept, then the longest due. Each counts as begun, and is due again
   * at `again` unless it is told done, failed or given up before. Of several who ask at once, one gets it.
   */
  readonly begin: (reactor: string, limit: number, now: string, again: string) => Promise<readonly Intent[]>
  readonly done: (reactor: string, id: string) => Promise<void>
  /** To be tried again at a time; why is kept for whoever looks, so nothing personal is in it. Of one done or given up it changes nothing. */
  readonly failed: (reactor: string, id: string, again: string, why: string) => Promise<void>
  /** Never to be tried again. Of one that is done it changes nothing. */
  readonly giveUp: (reactor: string, id: string, why: string) => Promise<void>
  readonly backlog: (reactor: string) => Promise<Backlog>
}

/** What a periodic worker is doing, as the process that runs it told last. */
export type WorkerReport = {
  readonly name: string
  /** A cron pattern of five fields. */
  readonly every: string
  /** Null where the process that ran it has ended well, and no other has taken over yet. */
  readonly nextRun: string | null
  /** Null before the first. */
  readonly lastRun: { readonly at: string; readonly outcome: object | null; readonly error: string | null } | null
}

export type WorkerReports = {
  /** Replaces the worker's report. Without a last run, the one that was told before stays. */
  readonly tell: (report: WorkerReport) => Promise<void>
  /** By name. */
  readonly all: () => Promise<readonly WorkerReport[]>
}

export type Wallets = {
  /** Replaces an older one. Encrypted under the person's own key, so that it is erased with the person. */
  readonly save: (personId: string, address: string) => Promise<void>
  /** By person; those who linked none are missing. */
  readonly find: (personIds: readonly string[]) => Promise<ReadonlyMap<string, string>>
  readonly remove: (personId: string) => Promise<void>
}

/** What the payment provider calls the accounts that sellers are paid to. */
export type PayoutAccounts = {
  /** Those told before stay, each under its id, for a payout may be under way to one. An id that was kept before stays as it is. Encrypted as wallets are. */
  readonly save: (personId: string, id: string, account: string) => Promise<void>
  /** Undefined for one that was never told, or was erased with the person. */
  readonly find: (personId: string, id: string) => Promise<string | undefined>
}

/** A signed transaction. Sent again, the same bytes are the same transaction. */
export type SignedTransaction = {
  readonly signature: string
  /** In base64. */
  readonly bytes: string
  /** Beyond this height of the chain it will never be carried out, if it was not by then. */
  readonly lastValidBlockHeight: number
  /** What it brings to the chain: the ids of tickets, or of an event. */
  readonly ids: readonly string[]
}

/** Transactions, from before they are first sent until what came of them is recorded. */
export type SignedTransactions = {
  /** A signature that was kept before stays as it is. */
  readonly keep: (transactions: readonly SignedTransaction[]) => Promise<void>
  /** Those that bring any of these to the chain, as they were kept. */
  readonly of: (ids: readonly string[]) => Promise<readonly SignedTransaction[]>
  readonly forget: (signatures: readonly string[]) => Promise<void>
}

export type Vault = {
  readonly people: People
  readonly addressees: Addressees
  readonly wallets: Wallets
  readonly payoutAccounts: PayoutAccounts
  readonly signedTransactions: SignedTransactions
  readonly eventSecrets: EventSecrets
  readonly deviceCredentials: DeviceCredentials
  readonly intents: Intents
  readonly workers: WorkerReports
  /** A random key for a purpose, 32 bytes, made on first use: what derived secrets are derived from. */
  readonly keyFor: (purpose: string) => Promise<Uint8Array>
  readonly close: () => Promise<void>
}
