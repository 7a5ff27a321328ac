import { type Position, START } from '../domain/fact.ts'

/** The position of a ledger's nth fact, from 1. Padded, so that positions sort as strings. */
export const positionOf = (number: number): Position => (number === 0 ? START : String(number).padStart(16, '0'))

/** The number behind a position; 0 for START. Throws where another kind of ledger gave it. */
export const numberOf = (position: Position): number => {
  if (position === START) return 0
  if (!/^\d{16}$/.test(position))
    throw new Error(
      `${position} is no position of this ledger: read it from the start, or from the ledger it came from`,
    )
  return Number(position)
}
