export type Lru<K, V> = { readonly get: (key: K) => V | undefined; readonly set: (key: K, value: V) => void }

/** At most `max` entries; the one that nobody has asked for longest goes first. */
export const lru = <K, V>(max: number): Lru<K, V> => {
  // A Map keeps the order in which keys were put in, so putting one in again makes it the newest.
  const entries = new Map<K, V>()

  const set = (key: K, value: V): void => {
    entries.delete(key)
    entries.set(key, value)
    if (entries.size > max) entries.delete(entries.keys().next().value!)
  }

  return {
    get: (key) => {
      const value = entries.get(key)
      if (value !== undefined) set(key, value)
      return value
    },
    set,
  }
}
