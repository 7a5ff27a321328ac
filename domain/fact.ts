import type { z } from 'zod'
import type { Actor } from './roles.ts'

/** One recorded domain event. Field lists are stored forever: add, never edit. */
export type Fact = { readonly type: string; readonly data: unknown }

/** `{ TicketSold: schema }` → `{ type: 'TicketSold', data }`, for every fact of an aggregate. */
export type FactOf<Schemas extends Record<string, z.ZodType>> = {
  [T in keyof Schemas]: { readonly type: T; readonly data: z.infer<Schemas[T]> }
}[keyof Schemas]

export type Metadata = {
  /** The process that it belongs to: an order's id on everything that the order caused. */
  readonly $correlationId: string
  /** The id of the command that caused it: how a repeated command is recognised. */
  readonly $causationId: string
  readonly tenant: string
  readonly actor: Actor
  /** ISO 8601, UTC, milliseconds. Never before the fact that it follows in its stream. */
  readonly at: string
  /** The version of the fact's schema. */
  readonly v: number
  /** A hash of what the client sent: how a reused idempotency key is recognised. */
  readonly request: string
}

export type Proposed = Fact & { readonly id: string; readonly metadata: Metadata }

/** Where a fact stands among all: opaque, but later ones sort after earlier ones. Headers, checkpoints and cursors carry it. */
export type Position = string

/** Before every fact. */
export const START: Position = ''

export type Recorded = Proposed & {
  readonly stream: string
  /** Counts from 0 within the stream. */
  readonly revision: number
  readonly position: Position
}

/** Streams are named `<category>-<uuid>`. */
export const streamOf = (category: string, id: string): string => `${category}-${id}`

export const idOf = (stream: string): string => stream.slice(stream.indexOf('-') + 1)
