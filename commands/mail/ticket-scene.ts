import type { TicketFact } from '../../domain/ticket/facts.ts'
import type { Closed, Held } from '../../domain/ticket/state.ts'
import type { LetterDeps } from './addressed.ts'
import type { TicketLetter } from './ticket-letter.ts'

/** A fact of a ticket that somebody held, and the ticket around it. */
export type Scene<T extends TicketFact['type']> = {
  readonly deps: LetterDeps
  readonly data: Extract<TicketFact, { type: T }>['data']
  readonly before: Held
  readonly after: Held | Closed
  /** As it is by now. */
  readonly now: Held | Closed
  /** Which refund of the fact a payer or a seller is told of. */
  readonly nth: number
}

/** What is to be said to whom: a person, or whoever has the address that an offer was made to. */
export type Told = {
  readonly to: string | { readonly offerId: string; readonly from: string }
  readonly letter: TicketLetter
}

/** Undefined where it is not so any more, or where nobody is to be told. */
export type Tell<T extends TicketFact['type']> = (scene: Scene<T>) => Told | undefined | Promise<Told | undefined>
