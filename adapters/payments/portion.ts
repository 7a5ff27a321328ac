/** A part of a payment, or of a transfer, that is to be moved once under an id of its own. */
type Portion = {
  /** `refund <id>` */
  readonly what: string
  /** `payment <id>` */
  readonly from: string
  /** Minor units, like all here. */
  readonly amount: number
  /** What was moved under the same id before. */
  readonly before: number | undefined
  readonly left: number
}

/** Whether it is still to be moved: false where it was already. Throws for another amount than before, and for more than is left. */
export const isToMove = ({ what, from, amount, before, left }: Portion): boolean => {
  if (before === amount) return false
  if (before !== undefined) throw new Error(`${what} of ${amount} is refused: it was one of ${before} before`)
  if (!(Number.isSafeInteger(amount) && amount > 0 && amount <= left))
    throw new Error(`${what} of ${amount} is refused: ${from} has ${left} left`)
  return true
}
