/** What whoever takes an offer shows that it was made to them. It follows from the offer's id under a key, and so is kept nowhere. */
export type AcceptanceCodes = {
  /** Eight characters, in two groups of four. */
  readonly codeOf: (offerId: string) => string
  /** However it is typed: small letters, spaces, hyphens, and what is easily mistaken for 0 or 1. */
  readonly isCodeOf: (offerId: string, given: string) => boolean
}
