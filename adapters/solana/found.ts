import bs58 from 'bs58'
import { z } from 'zod'
import type { Found, Sought, Standing, TicketAccount } from '../../commands/chain/chain.ts'
import { TOKEN_PROGRAM } from './addresses.ts'
import type { EventsOnChain } from './events.ts'
import type { OnChain } from './program.ts'
import { type Account, RawAccount } from './rpc.ts'
import type { Deps } from './solana-chain.ts'

/** Where a ticket's account names its event and begins its seed, and an event's its authority: programs/ticket_ledger/src/state.rs. */
const EVENT_AT = 8
const AUTHORITY_AT = 8
const SEED_AT = 72

const Listed = z.array(z.object({ pubkey: z.string(), account: RawAccount }))

/** What is on chain of tickets, as far as it is final. */
export const lookingUp = ({ rpc, program, addresses, authority }: Deps, events: EventsOnChain) => {
  /** Final accounts of the program, with the part of their data that is asked for. */
  const list = (wish: string, dataSlice: { offset: number; length: number }, filters: readonly object[]) => {
    const asked = { commitment: 'finalized', encoding: 'base64', dataSlice, filters }
    return rpc.ask(wish, 'getProgramAccounts', [program.id.toBase58(), asked], Listed)
  }

  const eventsOf = async (): Promise<ReadonlySet<string>> => {
    const filters = [program.ofType('Event'), { memcmp: { offset: AUTHORITY_AT, bytes: authority.toBase58() } }]
    return new Set((await list('list its events', { offset: 0, length: 0 }, filters)).map(({ pubkey }) => pubkey))
  }
  /** The program may serve other authorities too. Looked at anew with the first part. */
  let own: Promise<ReadonlySet<string>> | undefined

  return {
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
          // Under an event that is gone it is as good as gone too.
          found: known[i] && hasTokens(sought.eventId) !== undefined ? foundOf(known[i], token) : null,
        }
      })
    },

    /** The ticket accounts of which the first byte of the seed is this one. */
    part: async (byte: number): Promise<TicketAccount[]> => {
      if (byte === 0 || !own) own = eventsOf()
      const [ours, accounts] = await Promise.all([
        own,
        list('list ticket accounts', { offset: EVENT_AT, length: 32 }, [
          program.ofType('Ticket'),
          { memcmp: { offset: SEED_AT, bytes: bs58.encode(Buffer.of(byte)) } },
        ]),
      ])
      return accounts
        .map(({ pubkey, account }) => ({ ticketAddress: pubkey, eventAddress: bs58.encode(account.data) }))
        .filter(({ eventAddress }) => ours.has(eventAddress))
    },
  }
}

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
