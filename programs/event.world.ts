import { getAccount, TOKEN_2022_PROGRAM_ID } from '@solana/spl-token'
import type { Keypair, PublicKey } from '@solana/web3.js'
import {
  type Accounts,
  CLOSES_AT,
  closeTicket,
  type EventPut,
  eventOf,
  mintOf,
  putEvent,
  putTicket,
  type Sent,
  type TicketPut,
  ticketLedger,
  ticketOf,
  tokenAccountOf,
  WITHOUT_TOKEN,
} from './ticket-ledger.world.ts'

/** Other accounts than the usual ones, and who signs beside the authority. */
type With = { readonly accounts?: Accounts; readonly signer?: Keypair }

export const CONCERT = { seed: 'concert', version: 1, closesAt: CLOSES_AT, name: 'Concert', uri: 'https://a.example/1' }

/** A chain with one open event, whose tickets have tokens or not. */
export const eventWorld = async ({ token }: Pick<EventPut, 'token'>) => {
  const ledger = ticketLedger()
  const authority = ledger.authority.publicKey
  const event = eventOf(authority, CONCERT.seed)
  await ledger.send([putEvent(authority, { ...CONCERT, token })])

  const putTicketOf = (by: PublicKey, put: TicketPut, accounts: Accounts = {}) =>
    putTicket(by, event, put, { ...(token ? {} : WITHOUT_TOKEN), ...accounts })
  const signersWith = (signer?: Keypair) => (signer ? [ledger.authority, signer] : [ledger.authority])

  return {
    ledger,
    event,
    /** What one signature costs. */
    fee: 5_000n,
    putTicketOf,
    put: (put: TicketPut, { accounts, signer }: With = {}): Promise<Sent> =>
      ledger.send([putTicketOf(authority, put, accounts)], signersWith(signer)),
    close: (seed: string, { accounts, signer }: With = {}): Promise<Sent> =>
      ledger.send([closeTicket(authority, event, seed, accounts)], signersWith(signer)),
    ticket: (seed: string) => ledger.read('ticket', ticketOf(event, seed)),
    mint: (seed: string) => mintOf(ticketOf(event, seed)),
    tokenAccount: (seed: string, holder: PublicKey) => tokenAccountOf(mintOf(ticketOf(event, seed)), holder),
    /** What is in an account of the ticket's token, and whether it is frozen. */
    held: async (seed: string, holder: PublicKey) => {
      const address = tokenAccountOf(mintOf(ticketOf(event, seed)), holder)
      if (!ledger.data(address)) return undefined
      const { amount, isFrozen } = await getAccount(ledger.connection, address, undefined, TOKEN_2022_PROGRAM_ID)
      return { amount, isFrozen }
    },
    otherEvent: async () => {
      await ledger.send([putEvent(authority, { ...CONCERT, seed: 'another', token })])
      return eventOf(authority, 'another')
    },
  }
}
