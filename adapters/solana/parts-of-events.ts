import type { Chain } from '../../commands/chain/chain.ts'

/** The port, with the tickets of an event in numbered parts: what a thread can answer one by one. */
export type ChainInParts = Omit<Chain, 'ticketsOf'> & {
  /** The addresses of those whose seed begins with this byte. */
  readonly part: (eventId: string, byte: number) => Promise<readonly string[]>
}

export const inOne = ({ part, ...chain }: ChainInParts): Chain => ({
  ...chain,
  ticketsOf: async function* (eventId) {
    for (let byte = 0; byte < 256; byte++) {
      const page = await part(eventId, byte)
      if (page.length > 0) yield page
    }
  },
})
