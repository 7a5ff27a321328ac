import { z } from 'zod'
import type { Chain } from '../../commands/chain/chain.ts'
import type { Deps } from './solana-chain.ts'
import { LAMPORTS_PER_SIGNATURE } from './transactions.ts'

/** In bytes: the mint with its extensions, and a name and a URI as long as may be; the token account. Held by a test. */
export const MINT_BYTES = 633
export const TOKEN_ACCOUNT_BYTES = 170

const Balance = z.object({ value: z.int() })

/** What the authority has, and what a ticket takes at most. */
export const fundsOf = async ({ rpc, program, authority }: Deps): ReturnType<Chain['funds']> => {
  const commitment = { commitment: 'confirmed' }
  const rentFor = (bytes: number) =>
    rpc.ask('tell its rent', 'getMinimumBalanceForRentExemption', [bytes, commitment], z.int())
  const { value: lamports } = await rpc.ask('tell a balance', 'getBalance', [authority.toBase58(), commitment], Balance)
  const sizes = [program.sizeOf('Ticket'), MINT_BYTES, TOKEN_ACCOUNT_BYTES]
  const rents = await Promise.all(sizes.map(rentFor))
  const perTicket = rents.reduce((sum, rent) => sum + rent, LAMPORTS_PER_SIGNATURE)
  return { authority: authority.toBase58(), lamports, perTicket }
}
