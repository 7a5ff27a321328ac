import type { Chance } from './chance.ts'

/** An offer, as its giver or the mail tells somebody of it. */
export type Letter = {
  readonly offerId: string
  readonly code: string
  /** Who is told: whom it is for, or whoever else got hold of it. */
  readonly personId: string
}

/** What clients tell each other outside of Counterfoil. It grows. */
export type Square = {
  readonly letters: Letter[]
  /** What somebody held, or paid for, or paid with and then had disputed. */
  readonly tickets: string[]
  readonly orders: string[]
  readonly disputed: string[]
}

export const square = (): Square => ({ letters: [], tickets: [], orders: [], disputed: [] })

/** Most of what is done is done with what is new. */
export const oneOfTheLast = <T>(things: readonly T[], chance: Chance, most = 20): T | undefined =>
  things.length > 0 ? chance.oneOf(things.slice(-most)) : undefined

/** Nobody but its person has it. */
export const emailOf = (name: string): string => `${name}@example.org`
