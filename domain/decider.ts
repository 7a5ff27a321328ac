/** A business "no". Expected, named, never thrown. */
export type Refused<R extends string> = { readonly refused: R }

export const refuse = <R extends string>(refused: R): Refused<R> => ({ refused })

/** `[]` means "already so". */
export type Decision<F, R extends string> = readonly F[] | Refused<R>

/** `in`, not Array.isArray: the latter does not narrow `readonly F[]`. */
export const isRefused = <F, R extends string>(decision: Decision<F, R>): decision is Refused<R> =>
  'refused' in decision

/** Every command arrives with its moment, since a decision may not look at the clock. */
export type Timed<C> = C & { readonly at: string }

/** Pure: no clock, no ids, no I/O. Everything a decision needs arrives in the command. */
export type Decider<C, F, S, R extends string> = {
  /** Streams are named `<category>-<id>`. */
  readonly category: string
  readonly initial: S
  readonly decide: (command: Timed<C>, state: S) => Decision<F, R>
  /** Total: a recorded fact is a fact, so this never throws. */
  readonly evolve: (state: S, fact: F) => S
}
