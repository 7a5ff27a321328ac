/** Whether two pieces of fact data say the same. Both come from one schema, so their keys stand in one order. */
export const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
