import { z } from 'zod'

const of = (what: string) => z.string().nullable().describe(`${what}; null where none was told, or it was erased.`)

/** Where a seller is paid, whether it was just told or is read later. */
export const PayoutAccountsView = z.object({
  card: of('For what was paid by card: as the payment provider calls it'),
  crypto: of('For what was paid by crypto: an address on Solana'),
})
