import { createHmac, hash, randomBytes, randomUUID } from 'node:crypto'
import { PublicKey } from '@solana/web3.js'
import bs58 from 'bs58'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ticketIdOf } from '../../commands/ids.ts'
import { poolSlot } from '../../domain/slot.ts'
import { TOKEN_PROGRAM } from './addresses.ts'
import { settle, someEvent, someTicket, someWallet } from './chain.contract.ts'
import { publicOf } from './ed25519.ts'
import { embeddedWorld } from './embedded.world.ts'
import { PROGRAM_ID } from './program.ts'
import { type Account, RawAccount } from './rpc.ts'
import { solanaChain } from './solana-chain.ts'

const Listed = z.array(z.object({ pubkey: z.string(), account: RawAccount }))

const uuidBytes = (id: string) => Buffer.from(id.replaceAll('-', ''), 'hex')

/** How somebody who knows the program, but not the key, could derive a seed from an id. */
const guesses: Readonly<Record<string, (kind: 'ticket' | 'event', id: string) => Uint8Array>> = {
  'the id itself': (_, id) => Buffer.concat([uuidBytes(id), Buffer.alloc(16)]),
  'its text': (_, id) => Buffer.from(id).subarray(0, 32),
  'its hash': (_, id) => hash('sha256', id, 'buffer'),
  'the hash of its bytes': (_, id) => hash('sha256', uuidBytes(id), 'buffer'),
  'the hash of its name': (kind, id) => hash('sha256', `${kind}/${id}`, 'buffer'),
  'a hash under no key': (kind, id) => createHmac('sha256', '').update(`${kind}/${id}`).digest(),
  'a hash under the authority': (kind, id) =>
    createHmac('sha256', AUTHORITY.toBuffer()).update(`${kind}/${id}`).digest(),
  'a hash under a key of their own': (kind, id) => createHmac('sha256', GUESSED_KEY).update(`${kind}/${id}`).digest(),
}

const AUTHORITY_SEED = randomBytes(32)
const AUTHORITY = new PublicKey(publicOf(AUTHORITY_SEED))
const KEY = randomBytes(32)
const GUESSED_KEY = randomBytes(32)

const derived = (...seeds: readonly (string | Uint8Array)[]): PublicKey =>
  PublicKey.findProgramAddressSync(
    seeds.map((seed) => Buffer.from(seed as Uint8Array)),
    new PublicKey(PROGRAM_ID),
  )[0]

describe('whoever sees all accounts, and knows every id', () => {
  const eventId = randomUUID()
  const wallet = someWallet()
  // Of a small hall: all of them can be guessed.
  const ticketIds = Array.from({ length: 12 }, (_, i) => ticketIdOf(eventId, poolSlot('GA', i + 1), 1))
  let accounts: ReadonlyMap<string, Account>
  let holders: readonly string[]

  beforeAll(async () => {
    const { fetch, rpc, close } = await embeddedWorld({ authority: AUTHORITY_SEED })
    const chain = solanaChain({ rpc: fetch, authority: AUTHORITY_SEED, key: KEY })
    await settle(chain, [await chain.signEvent({ ...someEvent(new Date().toISOString()), eventId })])
    const copies = ticketIds.map((ticketId, i) =>
      someTicket(eventId, { ticketId, wallet: i % 2 === 0 ? wallet : null }),
    )
    await settle(chain, await chain.signTickets(copies))
    holders = (await chain.find(copies)).map(({ holder }) => holder)
    const listed = await Promise.all(
      [PROGRAM_ID, TOKEN_PROGRAM.toBase58()].map((owner) =>
        rpc.ask('list', 'getProgramAccounts', [owner, { encoding: 'base64' }], Listed),
      ),
    )
    close()
    accounts = new Map(listed.flat().map(({ pubkey, account }) => [pubkey, account]))
  })

  /** Which of the accounts are found by such seeds. */
  const found = (seedOf: (kind: 'ticket' | 'event', id: string) => Uint8Array): string[] => {
    const own = (seed: Uint8Array) => derived('event', AUTHORITY.toBuffer(), seed)
    const onChain = [...accounts].find(([, { data }]) => data.includes('Nachtkonzert') && data.length > 300)![0]
    const events = [own(seedOf('event', eventId)), new PublicKey(onChain)]
    const tickets = events.flatMap((event) =>
      ticketIds.map((id) => derived('ticket', event.toBuffer(), seedOf('ticket', id))),
    )
    const mints = tickets.map((ticket) => derived('mint', ticket.toBuffer()))
    return [events[0]!, ...tickets, ...mints].map((key) => key.toBase58()).filter((address) => accounts.has(address))
  }

  it.each(Object.entries(guesses))('finds no account by %s', (_, seedOf) => expect(found(seedOf)).toEqual([]))

  it('would find them all with the key', () => {
    const keyed = (kind: string, id: string) => createHmac('sha256', KEY).update(`${kind}/${id}`).digest()
    // The event by its own seed; tickets and mints by either way to the event.
    expect(found(keyed)).toHaveLength(1 + 2 * 12 + 2 * 12)
  })

  it('reads no id in any account, nor where a seat is', () => {
    const told = [...accounts.values()].map(({ data }) => data)
    expect(told).toHaveLength(1 + 12 + 12 + 12)
    for (const id of [eventId, ...ticketIds])
      for (const text of [id, id.replaceAll('-', ''), uuidBytes(id), hash('sha256', id, 'buffer')])
        expect(told.filter((data) => data.includes(text))).toEqual([])
    expect(told.filter((data) => data.includes('pool:') || data.includes(':GA'))).toEqual([])
  })

  it('reads who holds a ticket where holders are named, and nowhere else', () => {
    const places = new Set<string>()
    for (const holder of new Set(holders))
      for (const { owner, data } of accounts.values()) {
        const at = data.indexOf(Buffer.from(bs58.decode(holder)))
        if (at >= 0) places.add(`${owner === PROGRAM_ID ? 'ticket' : 'token account'} at ${at}`)
      }
    expect([...places].sort()).toEqual(['ticket at 40', 'token account at 32'])
  })

  it('cannot tell two tickets of a person without a wallet from those of two', () => {
    const without = holders.filter((holder) => holder !== wallet)
    expect(new Set(without).size).toBe(6)
  })
})
