import { BN } from '@coral-xyz/anchor'
import type { PublicKey } from '@solana/web3.js'
import { ChainUnavailable, type TicketCopy } from '../../commands/chain/chain.ts'
import type { EventsOnChain } from './events.ts'
import type { OnChain } from './program.ts'
import type { Deps } from './solana-chain.ts'
import type { Cost, Part } from './transactions.ts'

type TicketRef = Pick<TicketCopy, 'ticketId' | 'eventId'>

/** By what becomes of the token: none is touched, it is made, it changes hands, it is burnt. */
export const COSTS = {
  record: { units: 16_000, calls: 2 },
  issue: { units: 85_000, calls: 20 },
  move: { units: 60_000, calls: 11 },
  burn: { units: 30_000, calls: 5 },
} satisfies { readonly [what: string]: Cost }

/** Tickets on chain: what brings them there, and what takes them away. */
export const ticketsOnChain = (deps: Deps, events: EventsOnChain) => {
  const { rpc, program, addresses, authority } = deps

  const read = async (tickets: readonly TicketRef[]) => {
    const places = tickets.map((ticket) => addresses.placeOf(ticket).ticket)
    const accounts = await rpc.accounts('show tickets', places, 'confirmed')
    return accounts.map((account) => program.decode('Ticket', account))
  }

  /** Where a token leaves, and its owner where that is a key of the ticket's: it lets go of the emptied account. */
  const left = (ticketId: string, mint: PublicKey, { holder, version }: OnChain['Ticket']) => ({
    account: addresses.tokenAccountOf(holder, mint),
    owner: addresses.keyOf(ticketId, holder, version.toNumber()),
  })

  /** Of tickets that keep their holder: which have lost their mint, though nothing that can be signed takes it. */
  const withoutMint = async (copies: readonly TicketCopy[]): Promise<ReadonlySet<string>> => {
    const mints = copies.map((copy) => addresses.placeOf(copy).mint)
    const found = await rpc.accounts('show mints', mints, 'confirmed')
    return new Set(copies.flatMap(({ ticketId }, i) => (found[i] ? [] : [ticketId])))
  }

  const putTicket = (
    copy: TicketCopy,
    hasTokens: boolean,
    known: OnChain['Ticket'] | undefined,
    isMintless: boolean,
  ): Part => {
    const { seed, event, ticket, mint } = addresses.placeOf(copy)
    const holder = addresses.holderOf(copy)
    const isClosed = copy.status === 'closed'
    const arrives = hasTokens && !isClosed && (isMintless || !known?.holder.equals(holder))
    const leaves = hasTokens && known && !isMintless && !known.status.Closed && (isClosed || arrives)
    const from = leaves ? left(copy.ticketId, mint, known) : undefined
    const args = {
      seed: [...seed],
      version: new BN(copy.version),
      generation: copy.generation,
      status: { [VARIANT[copy.status]]: {} },
    }
    const instruction = program.instruction('put_ticket', args, {
      ...{ authority, event, ticket, holder },
      ...(hasTokens ? { mint } : { token_program: undefined }),
      ...(arrives ? { holder_token: addresses.tokenAccountOf(holder, mint) } : { associated_token_program: undefined }),
      ...(from && { previous_token: from.account, previous_holder: from.owner?.address }),
    })
    const cost = arrives ? (known && !isMintless ? COSTS.move : COSTS.issue) : leaves ? COSTS.burn : COSTS.record
    return { id: copy.ticketId, instruction, cost, signers: from?.owner ? [from.owner] : [] }
  }

  const closeTicket = (ref: TicketRef, hasTokens: boolean, known: OnChain['Ticket']): Part => {
    const { event, ticket, mint } = addresses.placeOf(ref)
    const from = hasTokens && !known.status.Closed ? left(ref.ticketId, mint, known) : undefined
    const instruction = program.instruction(
      'close_ticket',
      {},
      {
        ...{ authority, event, ticket },
        ...(from ? { mint, holder_token: from.account, holder: from.owner?.address } : { token_program: undefined }),
      },
    )
    return {
      id: ref.ticketId,
      instruction,
      cost: from ? COSTS.burn : COSTS.record,
      signers: from?.owner ? [from.owner] : [],
    }
  }

  return {
    /** Without those that the chain knows at this version or a newer one. */
    changes: async (copies: readonly TicketCopy[]): Promise<Part[]> => {
      const hasTokens = opened(await events.haveTokens(new Set(copies.map(({ eventId }) => eventId))))
      const known = await read(copies)
      const changed = copies.flatMap((copy, i) => {
        const before = known[i]
        return before && before.version.toNumber() >= copy.version ? [] : [{ copy, before }]
      })
      const kept = changed.filter(({ copy, before }) => before && !before.status.Closed && hasTokens(copy.eventId))
      const mintless = await withoutMint(kept.map(({ copy }) => copy))
      return changed.map(({ copy, before }) =>
        putTicket(copy, hasTokens(copy.eventId), before, mintless.has(copy.ticketId)),
      )
    },

    closings: async (refs: readonly TicketRef[]): Promise<Part[]> => {
      const known = await read(refs)
      const there = refs.flatMap((ref, i) => (known[i] ? [{ ref, before: known[i] }] : []))
      const hasTokens = opened(await events.haveTokens(new Set(there.map(({ ref }) => ref.eventId))))
      return there.map(({ ref, before }) => closeTicket(ref, hasTokens(ref.eventId), before))
    },
  }
}

const VARIANT = { active: 'Active', locked: 'Locked', closed: 'Closed' } as const

/** Throws where an event is not on chain: then no ticket of it can be changed. */
const opened =
  (hasTokens: (eventId: string) => boolean | undefined) =>
  (eventId: string): boolean => {
    const known = hasTokens(eventId)
    if (known === undefined) throw new ChainUnavailable(`event ${eventId} is not on chain yet`)
    return known
  }
