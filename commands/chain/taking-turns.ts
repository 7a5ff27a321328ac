/**
 * Lets work on the same thing be done one after the other, within this process: what was sold and given away in one breath is two
 * intents, and the second, reading the chain before the first is there, would be signed for a ticket that has no token yet.
 */
export const takingTurns = () => {
  const underway = new Map<string, Promise<unknown>>()
  return async <T>(ids: readonly string[], work: () => Promise<T>): Promise<T> => {
    // Others may have waited too, and begun: so look again.
    for (let before = ids.flatMap((id) => underway.get(id) ?? []); before.length > 0; ) {
      await Promise.allSettled(before)
      before = ids.flatMap((id) => underway.get(id) ?? [])
    }
    const own = work()
    for (const id of ids) underway.set(id, own)
    try {
      return await own
    } finally {
      for (const id of ids) underway.delete(id)
    }
  }
}
