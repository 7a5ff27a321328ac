import type { Chain, TicketAccount } from '../../commands/chain/chain.ts'

/** The port, with the ticket accounts in numbered parts: what a thread can answer one by one. */
export type ChainInParts = Omit<Chain, 'accounts'> & {
  /** Those whose seed begins with this byte. */
  readonly part: (byte: number) => Promise<readonly TicketAccount[]>
}

export const inOne = ({ part, ...chain }: ChainInParts): Chain => ({
  ...chain,
  accounts: async function* () {
    for (let byte = 0; byte < 256; byte++) {
      const page = await part(byte)
      if (page.length > 0) yield page
    }
  },
})
