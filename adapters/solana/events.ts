import { BN } from '@coral-xyz/anchor'
import type { EventCopy } from '../../commands/chain/chain.ts'
import { lru } from '../lru.ts'
import type { Deps } from './solana-chain.ts'
import type { Part } from './transactions.ts'

/** As the program has it. */
const MAX_NAME_BYTES = 32

const COST = { units: 12_000, calls: 2 }

export type EventsOnChain = ReturnType<typeof eventsOnChain>

/** Events on chain: what changes them, and whether their tickets have tokens. */
export const eventsOnChain = ({ rpc, program, addresses, authority }: Deps) => {
  // Never changes once an event is on chain.
  const tokens = lru<string, boolean>(10_000)

  const read = async (eventIds: readonly string[]) => {
    const accounts = await rpc.accounts('show events', eventIds.map(addresses.eventOf), 'confirmed')
    return accounts.map((account) => program.decode('Event', account))
  }

  return {
    /** Undefined where the chain knows this version or a newer one. */
    change: async (copy: EventCopy): Promise<Part | undefined> => {
      const [known] = await read([copy.eventId])
      if (known && known.version.toNumber() >= copy.version) return undefined
      const args = {
        seed: [...addresses.eventSeed(copy.eventId)],
        version: new BN(copy.version),
        closes_at: new BN(Math.ceil(Date.parse(copy.closesAt) / 1_000)),
        token: copy.hasTokens,
        name: cutTo(MAX_NAME_BYTES, copy.name),
        uri: copy.uri,
      }
      const accounts = { authority, event: addresses.eventOf(copy.eventId) }
      const instruction = program.instruction('put_event', args, accounts)
      return { id: copy.eventId, instruction, cost: COST, signers: [] }
    },

    /** By event; undefined where it is not on chain. */
    haveTokens: async (eventIds: ReadonlySet<string>): Promise<(eventId: string) => boolean | undefined> => {
      const unknown = [...eventIds].filter((id) => tokens.get(id) === undefined)
      const found = await read(unknown)
      const known = new Map([...eventIds].map((id) => [id, tokens.get(id)]))
      for (const [i, id] of unknown.entries()) {
        const hasTokens = found[i]?.token
        if (hasTokens !== undefined) tokens.set(id, hasTokens)
        known.set(id, hasTokens)
      }
      return (eventId) => known.get(eventId)
    },
  }
}

/** Without cutting a character in two. */
const cutTo = (bytes: number, text: string): string => {
  let cut = ''
  for (const character of text) {
    if (Buffer.byteLength(cut + character) > bytes) break
    cut += character
  }
  return cut
}
