import type { Recorded } from '../domain/fact.ts'
import { positionOf } from './counted-positions.ts'

/** A fact as a table holds it; data and metadata are JSON text, so that they come back to the letter. */
export type FactRow = [
  position: number,
  stream: string,
  revision: number,
  id: string,
  type: string,
  data: string,
  metadata: string,
]

export const recorded = ([position, stream, revision, id, type, data, metadata]: FactRow): Recorded => ({
  id,
  type,
  data: JSON.parse(data),
  metadata: JSON.parse(metadata),
  stream,
  revision,
  position: positionOf(position),
})

/** Throws for what JSON cannot hold. */
export const textOf = (value: unknown): string => {
  const text = JSON.stringify(value)
  if (text === undefined) throw new TypeError(`a fact's data cannot be ${typeof value}: give it an object`)
  return text
}
