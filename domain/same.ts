/** Whether two pieces of fact data say the same, in whatever order their keys stand. */
export const same = (a: unknown, b: unknown): boolean => {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  const [left, right] = [Object.entries(a), b as Record<string, unknown>]
  if (Array.isArray(a) !== Array.isArray(b) || left.length !== Object.keys(b).length) return false
  return left.every(([key, value]) => Object.hasOwn(b, key) && same(value, right[key]))
}
