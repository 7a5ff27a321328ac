import bs58 from 'bs58'
import { z } from 'zod'
import type { Found, Sought, Standing } from '../../commands/chain/chain.ts'
import { TOKEN_PROGRAM } from './addresses.ts'
import type { EventsOnChain } from './events.ts'
import type { OnChain } from './program.ts'
import type { Account } from './rpc.ts'
import type { Deps } from './solana-chain.ts'

/** Where a ticket's account names its event, and begins its seed: programs/ticket_ledger/src/state.rs. */
const EVENT_AT = 8
const SEED_AT = 72

const Listed = z.array(z.object({ pubkey: z.string() }))

/** What is on chain of tickets, as far as it is final. */
export const lookingUp = ({ rpc, program, addresses }: Deps, events: EventsOnChain) => ({
  find: async (tickets: readonly Sought[]): Promise<Standing[]> => {
    const places = tickets.map(addresses.placeOf)
    const own = places.map(({ ticket }) => ticket)
    const accounts = await rpc.accounts('show tickets', own, 'finalized')
    const known = accounts.map((account) => program.decode('Ticket', account))
    const there = tickets.filter((_, i) => known[i])
    const hasTokens = await events.haveTokens(new Set(there.map(({ eventId }) => eventId)))

    // Whoever has the token has it in this account. Its mint need not be looked at: while there is a token, nobody can close it.
    const tokens = known.map((ticket, i) => {
      const hasToken = ticket && !ticket.status.Closed && hasTokens(tickets[i]!.eventId)
      return hasToken ? [addresses.tokenAccountOf(ticket.holder, places[i]!.mint)] : []
    })
    const tokenAccounts = (await rpc.accounts('show tokens', tokens.flat(), 'finalized')).values()

    return tickets.map((sought, i) => {
      const { ticket, event, mint } = places[i]!
      const [token] = tokens[i]!.map(() => tokenAccounts.next().value)
      return {
        ticketAddress: ticket.toBase58(),
        eventAddress: event.toBase58(),
        mintAddress: mint.toBase58(),
        holder: addresses.holderOf(sought).toBase58(),
        found: known[i] ? foundOf(known[i], token) : null,
      }
    })
  },

  /** The addresses of an event's tickets of which the first byte of the seed is this one. */
  part: async (eventId: string, byte: number): Promise<string[]> => {
    const filters = [
      program.ofType('Ticket'),
      { memcmp: { offset: EVENT_AT, bytes: addresses.eventOf(eventId).toBase58() } },
      { memcmp: { offset: SEED_AT, bytes: bs58.encode(Buffer.of(byte)) } },
    ]
    // Only addresses: what the accounts hold stays where it is.
    const asked = { commitment: 'finalized', encoding: 'base64', dataSlice: { offset: 0, length: 0 }, filters }
    const params = [program.id.toBase58(), asked]
    const accounts = await rpc.ask('list the tickets of an event', 'getProgramAccounts', params, Listed)
    return accounts.map(({ pubkey }) => pubkey)
  },
})

const foundOf = ({ version, generation, status, holder }: OnChain['Ticket'], token: Account | undefined): Found => ({
  version: version.toNumber(),
  generation,
  status: status.Active ? 'active' : status.Locked ? 'locked' : 'closed',
  holder: holder.toBase58(),
  tokenHolder: holderIn(token),
})

/** Whoever has the token in this account: owner at 32, amount at 64 (SPL Token, `state::Account`). */
const holderIn = (account: Account | undefined): string | null => {
  if (account?.owner !== TOKEN_PROGRAM.toBase58() || account.data.readBigUInt64LE(64) !== 1n) return null
  return bs58.encode(account.data.subarray(32, 64))
}
