import { join } from 'node:path'
import {
  ASSOCIATED_TOKEN_PROGRAM_ID,
  getAssociatedTokenAddressSync,
  getTokenMetadata,
  TOKEN_2022_PROGRAM_ID,
} from '@solana/spl-token'
import { Connection, PublicKey } from '@solana/web3.js'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { readConfig } from '../adapters/config.ts'
import { openChain, openLedger, openVault } from '../adapters/parts.ts'
import { embeddedChain } from '../adapters/solana/embedded/chain.ts'
import { deployed } from '../adapters/solana/embedded/deployed.ts'
import { PROGRAM_ID } from '../adapters/solana/program.ts'
import { doubt, reconcile } from '../commands/chain/reconciling.ts'
import { handIn } from '../commands/chain/tampering.world.ts'
import { newWallet } from '../commands/wallet.world.ts'
import type { ChainMode } from '../domain/event/facts.ts'
import { type Client, clientOf } from './client.ts'
import { ON_CHAIN, type Page, type PlacedOrder, type World, wholeWorld } from './counterfoil.world.ts'

const soon = { timeout: 25_000, interval: 100 }

type Shown = {
  ticketId: string
  status: string
  holderId: string
  walletAddress: string | null
  mintAddress: string | null
  mintedAt: string | null
  ticketPda: string | null
  eventPda: string | null
  chain: { state: string; asOf: string | null }
}
type Scan = { verdict: string; ticket: { chain: string } | null }

let w: World
beforeAll(async () => {
  w = await wholeWorld(ON_CHAIN)
})
afterAll(() => w.close())

/** The chain of the server, as a wallet asks a node of Solana. */
const node = () => {
  const now = () => new Date(Date.now() + w.clock.ahead).toISOString()
  const chain = embeddedChain({ path: join(w.folder, 'chain.db'), programs: deployed(), now })
  onTestFinished(chain.close)
  return new Connection('http://embedded.invalid', { fetch: chain.fetch })
}

const viewOf = async (holder: Client, ticketId: string) =>
  (await holder.call<Shown>('GET', `/tickets/${ticketId}`)).body
const stateOf = async (holder: Client, ticketId: string) => (await viewOf(holder, ticketId)).chain.state

const bought = async (subject: string, { chain, quantity = 1 }: { chain?: ChainMode; quantity?: number } = {}) => {
  const sale = await w.onSale({ chain })
  const holder = await w.as('attendee', subject)
  const tickets = await w.buyTickets(holder, sale.eventId, sale.typeId, quantity)
  return { ...sale, holder, ids: tickets.map(({ ticketId }) => ticketId) }
}

const settled = async (...about: Parameters<typeof bought>) => {
  const { holder, ids, ...sale } = await bought(...about)
  for (const id of ids) await expect.poll(() => stateOf(holder, id), soon).toBe('settled')
  return { ...sale, holder, ids, ticket: await viewOf(holder, ids[0]!) }
}

/** What the account of a ticket says: its holder is at 40 (programs/ticket_ledger/src/state.rs). */
const holderAt = async (chain: Connection, ticketPda: string) => {
  const account = (await chain.getAccountInfo(new PublicKey(ticketPda)))!
  expect(account.owner.toBase58()).toBe(PROGRAM_ID)
  return new PublicKey(account.data.subarray(40, 72))
}

/** How many of a token somebody has, as wallets count. */
const tokensOf = async (chain: Connection, holder: PublicKey, mint: string) => {
  const account = getAssociatedTokenAddressSync(
    new PublicKey(mint),
    holder,
    true,
    TOKEN_2022_PROGRAM_ID,
    ASSOCIATED_TOKEN_PROGRAM_ID,
  )
  const found = await chain.getAccountInfo(account)
  return found ? found.data.readBigUInt64LE(64) : 0n
}

describe('a ticket that was bought', () => {
  it('F07.15 F16.17 F00.6 shows its addresses in every view, and the chain has them, with its holder and one token', async () => {
    const { holder, ids, ticket } = await settled('ann')
    const address = expect.stringMatching(/^[1-9A-HJ-NP-Za-km-z]{32,44}$/)
    const onChain = { mintAddress: address, ticketPda: address, eventPda: address, walletAddress: null }
    expect(ticket).toMatchObject({ ...onChain, mintedAt: ticket.chain.asOf })
    for (const path of ['/tickets', '/orders/tickets', `/tickets/users/${ticket.holderId}`]) {
      const { items } = (await holder.call<Page<Shown>>('GET', path)).body
      const { mintAddress, mintedAt, ticketPda, eventPda, chain } = ticket
      expect(items).toEqual([
        expect.objectContaining({ ticketId: ids[0], mintAddress, mintedAt, ticketPda, eventPda, chain }),
      ])
    }
    const chain = node()
    const key = await holderAt(chain, ticket.ticketPda!)
    expect(await tokensOf(chain, key, ticket.mintAddress!)).toBe(1n)
    expect((await chain.getAccountInfo(new PublicKey(ticket.eventPda!)))!.owner.toBase58()).toBe(PROGRAM_ID)
  })

  it('F00.3 F00.5 F16.17 belongs to the wallet that its holder links, in ledger, list and chain alike, until it is unlinked', async () => {
    const { holder, ticket } = await settled('bea')
    const chain = node()
    const key = await holderAt(chain, ticket.ticketPda!)
    const wallet = newWallet()
    const { message } = (
      await holder.call<{ message: string }>('POST', '/me/wallet/challenge', { address: wallet.address })
    ).body
    await holder.call('POST', '/me/wallet', {
      ...{ address: wallet.address, message, consent: true },
      signature: wallet.sign(message),
    })
    const walletKey = new PublicKey(wallet.address)
    await expect.poll(() => tokensOf(chain, walletKey, ticket.mintAddress!), soon).toBe(1n)
    expect([await holderAt(chain, ticket.ticketPda!), await tokensOf(chain, key, ticket.mintAddress!)]).toEqual([
      walletKey,
      0n,
    ])
    await expect.poll(() => stateOf(holder, ticket.ticketId), soon).toBe('settled')
    const [listed] = (await holder.call<Page<Shown>>('GET', '/tickets')).body.items
    for (const shown of [listed, await viewOf(holder, ticket.ticketId)])
      expect(shown).toMatchObject({
        holderId: ticket.holderId,
        walletAddress: wallet.address,
        mintAddress: ticket.mintAddress,
      })

    await holder.call('DELETE', '/me/wallet')
    await expect.poll(() => tokensOf(chain, walletKey, ticket.mintAddress!), soon).toBe(0n)
    expect(await viewOf(holder, ticket.ticketId)).toMatchObject({ walletAddress: null })
  })

  it('F11.16 F00.3 belongs to whoever bought it from its holder, in ledger, list and chain alike', async () => {
    const { holder, ids, ticket } = await settled('sam')
    const chain = node()
    const sellers = await holderAt(chain, ticket.ticketPda!)
    const body = { ticketId: ids[0]!, priceCents: 4_000 }
    const { listingId } = (await holder.call<{ listingId: string }>('POST', '/listings', body)).body
    const buyer = await w.as('attendee', 'bo')
    const bought = { listingId, priceCents: 4_000 }
    const { orderId, payment } = (await buyer.call<PlacedOrder>('POST', '/transfers/purchase', bought)).body
    const { id, clientSecret } = payment
    await buyer.call('POST', `/sandbox/payments/${id}/confirm`, { clientSecret, card: 'good' })
    const { asOf } = (await buyer.call<{ asOf: string }>('GET', `/orders/${orderId}?wait=10s`)).body
    const { personId } = (await buyer.call<{ personId: string }>('GET', '/me')).body
    const [listed] = (await buyer.call<Page<Shown>>('GET', `/tickets?minPosition=${asOf}`)).body.items
    expect(listed).toMatchObject({ ticketId: ids[0], holderId: personId, mintAddress: ticket.mintAddress })

    await expect.poll(() => stateOf(buyer, ids[0]!), soon).toBe('settled')
    const buyers = await holderAt(chain, ticket.ticketPda!)
    expect(buyers).not.toEqual(sellers)
    expect(await tokensOf(chain, sellers, ticket.mintAddress!)).toBe(0n)
    expect(await tokensOf(chain, buyers, ticket.mintAddress!)).toBe(1n)
  })

  it('F16.17 shows an account without a token where its event keeps records, and nothing where it keeps no copy', async () => {
    const { ticket } = await settled('cid', { chain: 'record' })
    expect(ticket).toMatchObject({ mintAddress: null, mintedAt: null, ticketPda: expect.any(String) })
    await holderAt(node(), ticket.ticketPda!)
    const { holder, ids } = await bought('dan', { chain: 'off' })
    expect(await viewOf(holder, ids[0]!)).toMatchObject({
      ...{ mintAddress: null, mintedAt: null, ticketPda: null, eventPda: null },
      chain: { state: 'off', asOf: null },
    })
  })

  it('has a token that names where wallets find what they show, for anybody, and for no guessed link', async () => {
    const { ticket, eventId } = await settled('eve')
    const metadata = await getTokenMetadata(
      node(),
      new PublicKey(ticket.mintAddress!),
      'confirmed',
      TOKEN_2022_PROGRAM_ID,
    )
    const { pathname } = new URL(metadata!.uri)
    const answer = await fetch(`${w.url}${pathname}`)
    expect(answer.status).toBe(200)
    const shown = await answer.json()
    expect(shown).toMatchObject({ name: 'Night of the Long Queue', symbol: 'TICKET', description: expect.any(String) })
    expect(JSON.stringify(shown)).not.toContain(ticket.ticketId)
    const other = await w.onSale()
    for (const guessed of [
      `${pathname.slice(0, -1)}${pathname.endsWith('A') ? 'B' : 'A'}`,
      pathname.replace(eventId, other.eventId),
    ])
      expect((await fetch(`${w.url}${guessed}`)).status).toBe(404)
  })
})

describe('a scan', () => {
  let doors = 0
  const gateAt = async ({
    olga,
    venueId,
    eventId,
  }: Pick<Awaited<ReturnType<typeof bought>>, 'olga' | 'venueId' | 'eventId'>) => {
    const deviceId = `door-${++doors}`
    const device = { deviceId, name: deviceId, venueId, zone: 'GA' }
    const { credential } = (await olga.call<{ credential: string }>('POST', '/devices/register', device)).body
    await olga.call('PUT', `/events/${eventId}/entrances/North`, { zone: 'GA' })
    await olga.call('POST', `/devices/${deviceId}/assign`, { eventId, zone: 'GA', entrance: 'North' })
    return clientOf(w.url, credential)
  }

  const scan = async (gate: Client, holder: Client, ticketId: string) => {
    const { code } = (await holder.call<{ code: string }>('GET', `/tickets/${ticketId}/qr`)).body
    const started = performance.now()
    const { verdict, ticket } = (await gate.call<Scan>('POST', '/scan', { code })).body
    return { verdict, chain: ticket?.chain, took: performance.now() - started }
  }

  /** As the worker does every hour. */
  const lookHourly = async () => {
    const config = { ...readConfig({}), dataDir: w.folder }
    const [ledger, vault] = [await openLedger(config), await openVault(config)]
    const chain = await openChain(config, vault)
    const deps = {
      ledger,
      chain,
      ...{ wallets: vault.wallets, intents: vault.intents },
      tokenUri: () => '',
      now: () => new Date().toISOString(),
      sleep: async () => {},
    }
    await reconcile(deps, { found: (mismatch, compared) => doubt(deps, mismatch, compared) })
    for (const part of [chain, vault, ledger]) await part.close()
  }

  it('F15.24 F18.9 says that the chain is settled, and that it differs once another version was seen there', async () => {
    const { holder, ids, ticket, ...sale } = await settled('fay', { quantity: 2 })
    const gate = await gateAt(sale)
    expect(await scan(gate, holder, ids[0]!)).toMatchObject({ verdict: 'allow', chain: 'settled' })
    const hand = handIn(join(w.folder, 'chain.db'))
    onTestFinished(hand.close)
    const second = await viewOf(holder, ids[1]!)
    hand.setVersion(second.ticketPda!, 0)
    await lookHourly()
    expect(await scan(gate, holder, ids[1]!)).toMatchObject({ verdict: 'allow', chain: 'differs' })
    await expect.poll(() => stateOf(holder, ids[1]!), soon).toBe('differs')
    expect(await stateOf(holder, ticket.ticketId)).toBe('settled')
  })

  it('F15.24 F18.9 says that the chain is pending while it does not answer, and waits for nothing', async () => {
    const first = await settled('gil')
    const hand = handIn(join(w.folder, 'chain.db'))
    onTestFinished(hand.close)
    const letGo = hand.hold()
    const { holder, ids, ...sale } = await bought('hal')
    const scanned = await scan(await gateAt(sale), holder, ids[0]!)
    expect(scanned).toMatchObject({ verdict: 'allow', chain: 'pending' })
    expect(await stateOf(holder, ids[0]!)).toBe('pending')
    expect(await stateOf(first.holder, first.ids[0]!)).toBe('settled')
    // A process that writes to the chain waits five seconds for another.
    expect(scanned.took).toBeLessThan(1_000)
    letGo()
    await expect.poll(() => stateOf(holder, ids[0]!), soon).toBe('settled')
  })
})
