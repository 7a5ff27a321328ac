import { hash } from 'node:crypto'
import { type JSONEventData, type JSONEventType, jsonEvent } from '@eventstore/db-client'
import { type Metadata, type Position, type Proposed, type Recorded, START } from '../../domain/fact.ts'

/** Where EventStoreDB says that an event stands in its log. */
export type Place = { readonly commit: bigint; readonly prepare: bigint }

/** What EventStoreDB calls an event, as a stream or `$all` is read. For streams the client's type has no position; servers tell it since 22.10. */
export type StoredEvent = {
  readonly streamId: string
  readonly id: string
  readonly revision: bigint
  readonly type: string
  readonly data: unknown
  readonly metadata?: unknown
  readonly position?: Place
}

/**
 * A fact as EventStoreDB takes it: its id goes into the metadata. The event's own id is made of all that is in the fact, since
 * a repeated event id is answered "done" without a look at what else has changed: two processes that decide
 * differently on one command would both be told that theirs is recorded. Throws on what JSON cannot hold.
 */
export const eventOf = (stream: string, { id, type, data, metadata }: Proposed): JSONEventData => {
  const text = JSON.stringify(data)
  if (text === undefined) throw new TypeError(`a fact's data cannot be ${typeof data}: give it an object`)
  return jsonEvent<JSONEventType>({
    id: uuidOf(JSON.stringify([stream, id, type, text, metadata])),
    type,
    data: data as JSONEventType['data'],
    metadata: { ...metadata, factId: id },
  })
}

/** What others have written is handed on as it is: whoever reads it knows whether it can. */
export const recordedOf = ({ streamId, id, revision, type, data, metadata, position }: StoredEvent): Recorded => {
  const { factId = id, ...rest } = (metadata ?? {}) as Metadata & { factId?: string }
  return {
    id: factId,
    type,
    data,
    metadata: rest,
    stream: streamId,
    revision: Number(revision),
    position: positionOf(position),
  }
}

/** What EventStoreDB keeps for itself, such as statistics and the metadata of streams. */
export const isSystem = ({ type, streamId }: StoredEvent): boolean => type.startsWith('$') || streamId.startsWith('$')

/** What servers before 22.10 send for the position of an event that is read from its stream. */
const NOWHERE = 2n ** 64n - 1n

/** Padded, so that positions sort as strings. Throws where the server does not tell. */
export const positionOf = (place: Place | undefined): Position => {
  if (!place || place.commit === NOWHERE)
    throw new Error('this EventStoreDB does not tell where the events of a stream stand: run version 23.10 or newer')
  return `${pad(place.commit)}-${pad(place.prepare)}`
}

export const placeOf = (position: Position): Place | 'start' => {
  if (position === START) return 'start'
  const [, commit, prepare] = /^(\d{20})-(\d{20})$/.exec(position) ?? []
  if (commit === undefined || prepare === undefined)
    throw new Error(
      `${position} is no position of an EventStoreDB ledger: read it from the start, or from the ledger it came from`,
    )
  return { commit: BigInt(commit), prepare: BigInt(prepare) }
}

const pad = (number: bigint): string => String(number).padStart(20, '0')

/** RFC 9562 UUID version 8. */
const uuidOf = (text: string): string => {
  const hex = hash('sha256', text)
  const variant = ((Number.parseInt(hex[16]!, 16) & 0x3) | 0x8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
