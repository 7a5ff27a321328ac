import type { Recorded } from '../fact.ts'

/**
 * What is hashed of a fact: its canonical JSON (RFC 8785), as it was stored and in whatever version. Its position is left out:
 * that is the store's, and another one on copying it over.
 */
export const leafText = ({ stream, revision, id, type, data, metadata }: Omit<Recorded, 'position'>): string =>
  `{"data":${canonical(data)},"id":${text(id)},"metadata":${canonical(metadata)},"revision":${revision},"stream":${text(stream)},"type":${text(type)}}`

/** RFC 8785 of what JSON can hold. A log hashes whatever was stored, so a lone surrogate is written as JSON escapes it. */
export const canonical = (value: unknown): string => {
  if (typeof value === 'string') return text(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  const names = Object.keys(value)
  if (names.length === 0) return '{}'
  const { sorted, written } = shapeOf(names)
  let members = ''
  for (let i = 0; i < sorted.length; i++)
    members += written[i] + canonical((value as Record<string, unknown>)[sorted[i]!])
  return `${members}}`
}

// An audit spends more time here than on reading, so what is done for every name and every text is kept short.

const PLAIN = /^[ !#-[\]-~]*$/

/** Most texts have nothing to escape, and to look is quicker than to escape. */
const text = (value: string): string => (PLAIN.test(value) ? `"${value}"` : JSON.stringify(value))

/** The names of an object as they come, as RFC 8785 sorts them, and as they are written with what stands before and after each. */
type Shape = {
  readonly names: readonly string[]
  readonly sorted: readonly string[]
  readonly written: readonly string[]
}

/** Facts have few shapes, but data may bring any. */
const MOST_KEPT = 1_000

/** By their first names. */
const shapes = new Map<string, Shape[]>()
let kept = 0

const shapeOf = (names: readonly string[]): Shape => {
  const alike = shapes.get(names[0]!) ?? []
  for (const shape of alike) if (isOf(shape, names)) return shape
  // By UTF-16 code units.
  const sorted = names.toSorted()
  const shape = { names, sorted, written: sorted.map((name, i) => `${i === 0 ? '{' : ','}${JSON.stringify(name)}:`) }
  if (kept++ < MOST_KEPT) shapes.set(names[0]!, [...alike, shape])
  return shape
}

const isOf = (shape: Shape, names: readonly string[]): boolean => {
  if (shape.names.length !== names.length) return false
  for (let i = 0; i < names.length; i++) if (shape.names[i] !== names[i]) return false
  return true
}
