import { createHmac, createSecretKey } from 'node:crypto'
import type { PublicKey } from '@solana/web3.js'
import type { TicketCopy } from '../../commands/chain/chain.ts'
import { lru } from '../lru.ts'
import { addressOf, programAddress } from './address.ts'
import { publicOf } from './ed25519.ts'
import { type Signer, signer } from './transactions.ts'

/** Token-2022, and the program that says which token account of a holder is the one for a mint. */
export const TOKEN_PROGRAM = addressOf('TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb')
export const ASSOCIATED_TOKEN_PROGRAM = addressOf('ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL')

type TicketRef = Pick<TicketCopy, 'ticketId' | 'eventId'>

/** Where a ticket is: `seed` is what its address is derived from. */
export type Place = {
  readonly seed: Buffer
  readonly event: PublicKey
  readonly ticket: PublicKey
  readonly mint: PublicKey
}

export type Addresses = ReturnType<typeof addresses>

/** About 1 KB each. */
const REMEMBERED = 20_000

/** How far back the version is looked for at which a holder came to a ticket: each costs a key. */
const VERSIONS_BACK = 64

/**
 * Where everything of an authority is on chain. Events and tickets are found by hashes of their ids under a key: nobody who guesses an
 * id finds its account.
 */
export const addresses = (program: PublicKey, authority: PublicKey, key: Uint8Array) => {
  const secret = createSecretKey(key)
  const keyed = (text: string): Buffer => createHmac('sha256', secret).update(text).digest()
  const events = lru<string, PublicKey>(REMEMBERED)
  const places = lru<string, Place>(REMEMBERED)
  const tokenAccounts = lru<string, PublicKey>(REMEMBERED)
  const holders = lru<string, Buffer>(REMEMBERED)

  const derive = (...seeds: readonly (string | Uint8Array)[]) => programAddress(program, seeds)
  const eventSeed = (eventId: string) => keyed(`event/${eventId}`)
  const eventOf = (eventId: string) =>
    remember(events, eventId, () => derive('event', authority.toBuffer(), eventSeed(eventId)))
  const log = derive('log', authority.toBuffer())
  const holderSeed = (ticketId: string, since: number) => keyed(`holder/${ticketId}/${since}`)
  const ownKey = (ticketId: string, since: number) =>
    remember(holders, `${ticketId}/${since}`, () => publicOf(holderSeed(ticketId, since)))

  return {
    eventSeed,
    eventOf,
    log,

    head: (number: number): PublicKey => {
      const bytes = Buffer.alloc(4)
      bytes.writeUInt32LE(number)
      return derive('head', log.toBuffer(), bytes)
    },

    placeOf: ({ ticketId, eventId }: TicketRef): Place =>
      remember(places, ticketId, () => {
        const [seed, event] = [keyed(`ticket/${ticketId}`), eventOf(eventId)]
        const ticket = derive('ticket', event.toBuffer(), seed)
        return { seed, event, ticket, mint: derive('mint', ticket.toBuffer()) }
      }),

    tokenAccountOf: (holder: PublicKey, mint: PublicKey): PublicKey => {
      const seeds = [holder.toBuffer(), TOKEN_PROGRAM.toBuffer(), mint.toBuffer()]
      const name = Buffer.concat(seeds).toString('latin1')
      return remember(tokenAccounts, name, () => programAddress(ASSOCIATED_TOKEN_PROGRAM, seeds))
    },

    /** Their wallet, or a key of the ticket's own. */
    holderOf: ({ ticketId, wallet, heldSince }: Pick<TicketCopy, 'ticketId' | 'wallet' | 'heldSince'>): PublicKey =>
      addressOf(wallet ?? ownKey(ticketId, heldSince)),

    /** The key of a holder whom a ticket had at a version; undefined where that is a wallet. */
    keyOf: (ticketId: string, holder: PublicKey, version: number): Signer | undefined => {
      const address = holder.toBuffer()
      for (let since = version; since >= Math.max(0, version - VERSIONS_BACK); since--)
        if (ownKey(ticketId, since).equals(address)) return signer(holderSeed(ticketId, since))
      return undefined
    },
  }
}

const remember = <V>(
  known: { get: (key: string) => V | undefined; set: (key: string, value: V) => void },
  key: string,
  make: () => V,
): V => {
  const before = known.get(key)
  if (before !== undefined) return before
  const made = make()
  known.set(key, made)
  return made
}
