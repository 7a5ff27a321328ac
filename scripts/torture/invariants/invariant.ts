import type { Mismatch } from '../../../commands/chain/reconciling.ts'
import type { Books } from '../books.ts'
import type { LastSale } from '../calm.ts'
import type { Exchange, Fault } from '../history.ts'

/** All that the clients and the checker know. */
export type Evidence = {
  readonly exchanges: readonly Exchange[]
  readonly faults: readonly Fault[]
  /** Once everything was quiet. */
  readonly books: Books
  /** The same after every read model was built anew. */
  readonly rebuilt: Books
  /** The person behind each client that is one. */
  readonly people: Readonly<Record<string, string>>
  readonly lastSales: readonly LastSale[]
  /** Where ledger and chain do not say the same. */
  readonly mismatches: readonly Mismatch[]
}

/** What is wrong, in a sentence with the ids to look for. */
export type Finding = string

export type Invariant = { readonly name: string; readonly check: (evidence: Evidence) => readonly Finding[] }
