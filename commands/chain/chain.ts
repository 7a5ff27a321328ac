import type { SignedTransaction } from '../../domain/vault.ts'

/** An event as the chain knows it. */
export type EventCopy = {
  readonly eventId: string
  /** A newer one replaces an older one, whatever the order in which they arrive. */
  readonly version: number
  /** From then on its tickets no longer change on chain, and the rent of their accounts is given back. */
  readonly closesAt: string
  /** Whether each ticket is a token as well, which wallets show; otherwise it is an account of the program alone. */
  readonly hasTokens: boolean
  readonly name: string
  /** Where wallets find what they show. */
  readonly uri: string
}

/** A ticket as the chain is to know it. */
export type TicketCopy = {
  readonly ticketId: string
  readonly eventId: string
  readonly version: number
  readonly generation: number
  readonly status: 'active' | 'locked' | 'closed'
  /** The holder's own; null where they linked none: then a key of the ticket's stands for them. */
  readonly wallet: string | null
  /** The version at which the holder came to it, so that no two holders ever share a key of the ticket's. */
  readonly heldSince: number
}

/** Which ticket, and whom it would have as its holder. */
export type Sought = Pick<TicketCopy, 'ticketId' | 'eventId' | 'wallet' | 'heldSince'>

/** Where a ticket is on chain, and what is there, as far as it is final. */
export type Standing = {
  readonly ticketAddress: string
  readonly eventAddress: string
  /** Of the token, which is there only while its event has tokens and the ticket is not closed. */
  readonly mintAddress: string
  /** Who its holder is on chain: the wallet, or the ticket's own key. */
  readonly holder: string
  readonly found: Found | null
}

export type Found = {
  readonly version: number
  readonly generation: number
  readonly status: TicketCopy['status']
  /** An address. */
  readonly holder: string
  /** Where the one token of the ticket is; null where its mint is missing, or nobody has it. */
  readonly tokenHolder: string | null
}

export type TicketAccount = Pick<Standing, 'ticketAddress' | 'eventAddress'>

/** `unknown`: no node has seen it. `underway`: it may still be undone. */
export type Outcome = 'unknown' | 'underway' | 'final' | { readonly failed: string }

export type TreeHead = {
  /** How many facts it covers. */
  readonly size: number
  /** In hex. */
  readonly root: string
}

export type PublishedHead = TreeHead & {
  /** Counts from 1. */
  readonly number: number
  readonly address: string
  readonly publishedAt: string
}

/** The chain did not answer, or has no use for a request just now. Trying again may help. */
export class ChainUnavailable extends Error {
  override name = 'ChainUnavailable'
}

/**
 * The port to Solana. One suite (`adapters/solana/chain.contract.ts`) holds it to its word. Everything throws ChainUnavailable.
 * Whatever it sends is signed by one authority, which pays for it.
 */
export type Chain = {
  /** What opens or changes an event. Undefined where the chain knows it as new, or newer. */
  readonly signEvent: (copy: EventCopy) => Promise<SignedTransaction | undefined>
  /** What brings tickets to the chain, as many to a transaction as fit; those that the chain knows as new, or newer, are left out. */
  readonly signTickets: (copies: readonly TicketCopy[]) => Promise<readonly SignedTransaction[]>
  /** What gives back the rent of tickets whose events are closed on chain. Those that have no account are left out. */
  readonly signClosing: (
    tickets: readonly Pick<TicketCopy, 'ticketId' | 'eventId'>[],
  ) => Promise<readonly SignedTransaction[]>
  /** Resolves once a node took it; nothing is final by then. Harmless to repeat. */
  readonly send: (signed: Pick<SignedTransaction, 'bytes'>) => Promise<void>
  /** One outcome for each signature, and the height of the chain that they were looked up at. */
  readonly look: (
    signatures: readonly string[],
  ) => Promise<{ readonly outcomes: readonly Outcome[]; readonly height: number }>
  /** One for each. */
  readonly find: (tickets: readonly Sought[]) => Promise<readonly Standing[]>
  /** Every ticket account under an event of the authority's, in pages. */
  readonly accounts: () => AsyncIterable<readonly TicketAccount[]>
  /** What publishes a head of the transparency log. Undefined where that very head is the newest. Refused where the log there is longer, or another. */
  readonly signHead: (head: TreeHead) => Promise<SignedTransaction | undefined | { readonly refused: string }>
  /** All heads that were published, the oldest first. */
  readonly heads: () => Promise<readonly PublishedHead[]>
  /** What the authority pays from. */
  readonly funds: () => Promise<{
    readonly authority: string
    readonly lamports: number
    /** What one more ticket with a token takes, rent and fee. */
    readonly perTicket: number
  }>
  readonly close: () => Promise<void>
}
