import type { Invariant } from './invariant.ts'

export const chainAgrees: Invariant = {
  name: 'the chain names the holder and state of every ticket that the ledger does, and no other',
  check: ({ books, mismatches }) => [
    ...mismatches.map(
      ({ cause, ticketId, address }) => `${ticketId ? `ticket ${ticketId}` : `account ${address}`}: ${cause}`,
    ),
    ...Object.values(books.tickets)
      .flat()
      .filter(({ holderId, chain }) => holderId !== null && chain.state !== 'settled' && chain.state !== 'off')
      .map(({ ticketId, chain }) => `ticket ${ticketId} is ${chain.state} on chain`),
  ],
}
