import { z } from 'zod'
import type { Decider } from './decider.ts'
import type { FactOf } from './fact.ts'
import { At } from './time.ts'

/** Stored forever: add, never edit. */
export const anchorFacts = {
  /** A head of the transparency log is on chain, for good. */
  LedgerAnchored: z.object({
    /** Whose log it is, as an address. */
    authority: z.string(),
    /** Counts from 1 in that log. */
    number: z.int(),
    /** How many facts it covers, from the first of the ledger on. */
    size: z.int(),
    /** Of their Merkle tree (RFC 9162), in hex. */
    root: z.string().regex(/^[0-9a-f]{64}$/),
    headAddress: z.string(),
    /** Of the transaction that published it; null where another one did than those that are known here. */
    signature: z.string().nullable(),
    publishedAt: At,
  }),
}
export type AnchorFact = FactOf<typeof anchorFacts>
export type Anchored = AnchorFact['data']

export type RecordHead = { readonly type: 'RecordHead' } & Anchored

/** No tenant of tokens: the log is over the facts of all. */
export const OF_ALL = '*'

/** One stream for each authority: which heads of the ledger went on chain. */
export const anchor: Decider<RecordHead, AnchorFact, Anchored | null, never> = {
  category: 'anchor',
  initial: null,
  decide: ({ type: _, at: __, ...head }, newest) =>
    newest?.number === head.number && newest.root === head.root ? [] : [{ type: 'LedgerAnchored', data: head }],
  evolve: (_, { data }) => data,
}
