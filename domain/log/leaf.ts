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
  const names = sorted(Object.keys(value))
  let members = ''
  for (const name of names)
    members += `${members && ','}${nameText(name)}:${canonical((value as Record<string, unknown>)[name])}`
  return `{${members}}`
}

// An audit spends half its time here: what is done for every name and every text is kept short.

const PLAIN = /^[ !#-[\]-~]*$/

/** Most texts have nothing to escape, and to look is quicker than to escape. */
const text = (value: string): string => (PLAIN.test(value) ? `"${value}"` : JSON.stringify(value))

const known = new Map<string, string>()

/** Names come again and again. Only those of a plain shape are kept, for data may bring any. */
const nameText = (name: string): string => {
  const kept = known.get(name)
  if (kept !== undefined) return kept
  const written = JSON.stringify(name)
  if (/^\$?[a-zA-Z]{1,32}$/.test(name) && known.size < 1_000) known.set(name, written)
  return written
}

/** By UTF-16 code units, as RFC 8785 wants. In place; names are few, and an insertion sort is then the quickest. */
const sorted = (names: string[]): readonly string[] => {
  for (let i = 1; i < names.length; i++) {
    const name = names[i]!
    let at = i
    for (; at > 0 && names[at - 1]! > name; at--) names[at] = names[at - 1]!
    names[at] = name
  }
  return names
}
