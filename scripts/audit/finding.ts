import type { Recorded } from '../../domain/fact.ts'

/** What became of a fact: it reads otherwise, it is gone, it was not there, it stood elsewhere. */
export type Change = 'changed' | 'missing' | 'inserted' | 'moved'

/** What an audit has found. Programs rely on the names: add, never change. */
export type Finding =
  /** The first fact that differs; every one before it is as it was. `index` counts from 0 over all facts. */
  | {
      readonly what: 'fact'
      readonly change: Change
      readonly index: number
      /** Of the fact as it was. */
      readonly leafHash: string
      /** What stands there now; null where the ledger ends. */
      readonly fact: Recorded | null
      /** What stands before it; null where nothing does. */
      readonly before: Recorded | null
      /** The head on chain that says so. */
      readonly head: number
    }
  /** Some fact differs, the first of it with an index from `from` to `to`, and nothing that can be believed tells which. */
  | {
      readonly what: 'facts'
      readonly from: number
      readonly to: number
      readonly head: number
      readonly why: 'no copy' | 'copy differs too'
    }
  /** The ledger is as the chain says, and the copy of its hashes is not. */
  | { readonly what: 'copy'; readonly index: number }
  /** Heads on chain that do not follow each other. */
  | { readonly what: 'heads out of order'; readonly number: number }
  /** Those that were recorded, and that the chain does not have, in the order of their records. */
  | {
      readonly what: 'heads not on chain'
      readonly heads: readonly { readonly number: number; readonly headAddress: string }[]
    }
  /** The other way round. */
  | { readonly what: 'head not recorded'; readonly number: number; readonly headAddress: string }
