import type { Figure } from './figures.ts'
import type { Load } from './load.ts'

export type Report = {
  readonly figure: (figure: Figure) => void
  /** The work that was done; what went wrong on the way is kept, and fails the bench. */
  readonly sound: (load: Load) => Load['done']
}

/** What each figure is told to, and how long it may take. */
export type Options = { readonly report: Report; readonly quick: boolean }
