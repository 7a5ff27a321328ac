import { z } from 'zod'

export const PoolName = z
  .string()
  .regex(/^[A-Z0-9][A-Z0-9_-]{0,31}$/, 'is 1 to 32 capitals, digits, _ or -, such as GA')

/** One sellable place: `pool:GA:417` is the 417th admission of the pool GA. They count from 1; numbers are canonical. */
export const Slot = z.string().regex(/^pool:[A-Z0-9][A-Z0-9_-]{0,31}:[1-9]\d{0,6}$/, 'is no slot such as pool:GA:417')

export const poolSlot = (pool: string, number: number): string => `pool:${pool}:${number}`

/** The other way round. Takes only what `Slot` accepts. */
export const placeOf = (slot: string): { pool: string; number: number } => {
  const [, pool, number] = slot.split(':')
  return { pool: pool!, number: Number(number) }
}
