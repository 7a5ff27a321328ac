import type { Leadership } from '../../domain/leadership.ts'
import type { Ledger } from '../../domain/ledger.ts'
import type { AnyFact, Known } from '../../domain/registry.ts'
import type { Intent, Intents } from '../../domain/vault.ts'

/** Acts on the world because of facts: mails, a chain. What it did is never done again by reading anew, so it is never rebuilt. */
export type Reactor = {
  readonly name: string
  /** Where it begins the very first time: one that mails must not mail history, one that mirrors needs all of it. */
  readonly begins: 'with-the-next-fact' | 'with-the-first-fact'
  /** What follows from a fact, as intents keep it; of other types it is told nothing. Pure, for a fact may be read twice. */
  readonly wants: { readonly [T in AnyFact['type']]?: (fact: Extract<Known, { type: T }>) => readonly object[] }
  /** How many it is given in one act, at most. */
  readonly together: number
  /**
   * Does them, as things are by now, and tells what came of each. Any may have been done before, by a process that died before it
   * could say so: whoever takes the intent's id for its own does it once. Throws, without anything personal, where all of them failed.
   */
  readonly act: (intents: readonly Intent[], signal: AbortSignal) => Promise<readonly Acted[]>
  /** How long an act may take. After that its signal aborts, and it counts as failed. */
  readonly withinSeconds: number
}

/** Refused: it will never be done. Failed: trying again may help. Both say why, without anything personal. */
export type Acted = 'done' | { readonly refused: string } | { readonly failed: string }

export type ReactorDeps = {
  readonly ledger: Pick<Ledger, 'tail' | 'head' | 'readAll'>
  readonly intents: Intents
  readonly leadership: Leadership
  readonly now: () => string
  readonly log: { readonly warn: Log; readonly error: Log }
}

type Log = (context: object, message: string) => void

/** A fact that a reactor cannot get past. It tries again by itself, but a person has to see to it. */
export type Halted = {
  readonly factId: string
  readonly type: string
  readonly position: string
  readonly error: string
  readonly at: string
}

/** One reactor in one process, and what it has halted at there. */
export type Working = ReactorDeps & {
  readonly reactor: Reactor
  readonly halted: { by: Halted | null }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
