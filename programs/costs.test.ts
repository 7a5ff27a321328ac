import { TOKEN_2022_PROGRAM_ID } from '@solana/spl-token'
import {
  ComputeBudgetProgram,
  type Keypair,
  PACKET_DATA_SIZE,
  Transaction,
  type TransactionInstruction,
} from '@solana/web3.js'
import { describe, expect, it } from 'vitest'
import { CONCERT, eventWorld } from './event.world.ts'
import {
  CLOSES_AT,
  headOf,
  keyOf,
  logOf,
  publishHead,
  putEvent,
  type Sent,
  type TicketPut,
  ticketOf,
} from './ticket-ledger.world.ts'

/** One step after the other on one chain. Finding addresses costs by the key, so keys are fixed. */
type Step = readonly [what: string, units: number, run: () => Promise<Sent>]

const [alice, bob] = [keyOf('alice'), keyOf('bob')]
const issued = { ticket: 't', version: 1, holder: alice.publicKey }
const moved = { ticket: 't', holder: bob.publicKey, from: alice.publicKey }
const movedBack = { ticket: 't', holder: alice.publicKey, from: bob.publicKey }
const closed = { ticket: 't', status: 'closed', holder: alice.publicKey, from: alice.publicKey } as const
const signedBy = (holder: Keypair) => ({ accounts: { previousHolder: holder.publicKey }, signer: holder })

/** What cost more than its tenth over, or went wrong. */
const overspent = async (steps: readonly Step[]) => {
  const over: string[] = []
  for (const [what, units, run] of steps) {
    const sent = await run()
    if (sent.error || sent.units > units * 1.1) over.push(`${what}: ${sent.error ?? sent.units}`)
  }
  return over
}

describe('compute units are held', () => {
  it('of tickets with tokens', async () => {
    const { put, close, ledger, mint, tokenAccount } = await eventWorld({ token: true })
    const unsigned = { ...closed, ticket: 'u', version: 2 }
    const left = {
      mint: mint('left'),
      holderToken: tokenAccount('left', alice.publicKey),
      tokenProgram: TOKEN_2022_PROGRAM_ID,
    }
    const steps: readonly Step[] = [
      ['issued', 81_140, () => put(issued)],
      ['passed over', 12_897, () => put(issued)],
      ['moved, the old account closed', 54_448, () => put({ ...moved, version: 2 }, signedBy(alice))],
      ['moved', 55_773, () => put({ ...movedBack, version: 3 })],
      ['moved into an account that is there', 26_844, () => put({ ...moved, version: 4 })],
      ['locked', 13_843, () => put({ ticket: 't', version: 5, status: 'locked', holder: bob.publicKey })],
      ['closed, and the account', 27_679, () => put({ ...closed, version: 6, from: bob.publicKey }, signedBy(bob))],
      ['another issued', 75_140, () => put({ ...issued, ticket: 'u' })],
      ['closed', 22_873, () => put(unsigned)],
      ['a third issued', 82_640, () => put({ ...issued, ticket: 'left' })],
    ]
    expect(await overspent(steps)).toEqual([])
    ledger.setTime(CLOSES_AT)
    expect(
      await overspent([
        ['account taken back', 4_549, () => close('t')],
        ['account taken back, the token burnt', 19_077, () => close('left', { accounts: left })],
      ]),
    ).toEqual([])
  })

  it('of tickets without tokens', async () => {
    const { put, close, ledger } = await eventWorld({ token: false })
    const steps: readonly Step[] = [
      ['issued', 9_087, () => put(issued)],
      ['passed over', 6_243, () => put(issued)],
      ['moved', 6_828, () => put({ ...issued, version: 2, holder: bob.publicKey })],
      ['closed', 6_826, () => put({ ...issued, version: 3, status: 'closed' })],
    ]
    expect(await overspent(steps)).toEqual([])
    ledger.setTime(CLOSES_AT)
    expect(await overspent([['account taken back', 4_547, () => close('t')]])).toEqual([])
  })

  it('of events and heads', async () => {
    const { ledger } = await eventWorld({ token: true })
    const authority = ledger.authority.publicKey
    const event = { ...CONCERT, seed: 'new', token: true }
    const root = Buffer.alloc(32, 1)
    expect(
      await overspent([
        ['event opened', 8_635, () => ledger.send([putEvent(authority, event)])],
        ['event changed', 6_853, () => ledger.send([putEvent(authority, { ...event, version: 2 })])],
        ['first head', 18_320, () => ledger.send([publishHead(authority, 1, 10, root)])],
        ['next head', 14_576, () => ledger.send([publishHead(authority, 2, 11, root)])],
      ]),
    ).toEqual([])
  })
})

/** As a transaction is sent to a cluster: with its allowance and its price. */
const BUDGET = [
  ComputeBudgetProgram.setComputeUnitLimit({ units: 1_400_000 }),
  ComputeBudgetProgram.setComputeUnitPrice({ microLamports: 1_000 }),
]

const bytesOf = (authority: Keypair, instructions: readonly TransactionInstruction[]): number => {
  const transaction = new Transaction({
    feePayer: authority.publicKey,
    recentBlockhash: authority.publicKey.toBase58(),
  })
  const message = transaction.add(...instructions).compileMessage()
  return 1 + 64 * message.header.numRequiredSignatures + message.serialize().length
}

/** Tickets that all differ, each with its own holders: the most that a transaction may have to name. */
type Batch = {
  readonly of: string
  readonly token: boolean
  readonly most: number
  /** A transaction has 1,232 bytes, and room for 64 instructions, those that programs make among themselves included. */
  readonly stoppedBy: 'bytes' | 'MaxInstructionTraceLengthExceeded'
  readonly before?: (n: number) => TicketPut
  readonly put: (n: number) => TicketPut
  readonly signer?: (n: number) => Keypair
  readonly accounts?: Readonly<Record<string, null>>
}

const holder = (n: number) => keyOf(`holder ${n}`)
const next = (n: number) => keyOf(`next ${n}`).publicKey
const first = (n: number): TicketPut => ({ ticket: `${n}`, version: 1, holder: holder(n).publicKey })
const second = (n: number): TicketPut => ({ ...first(n), version: 2 })
const gone = (n: number): TicketPut => ({ ...second(n), status: 'closed', from: holder(n).publicKey })
const sold = (n: number): TicketPut => ({ ...second(n), holder: next(n), from: holder(n).publicKey })
const locked = (n: number): TicketPut => ({ ...second(n), status: 'locked' })

/** What a ticket whose token stays where it is can leave out. */
const UNMOVED = { holderToken: null, associatedTokenProgram: null }

const batches: readonly Batch[] = [
  { of: 'issues', token: true, most: 3, stoppedBy: 'MaxInstructionTraceLengthExceeded', put: first },
  { of: 'moves', token: true, most: 3, stoppedBy: 'bytes', before: first, put: sold },
  {
    of: 'moves that close the old account',
    token: true,
    most: 2,
    stoppedBy: 'bytes',
    before: first,
    put: sold,
    signer: holder,
  },
  { of: 'locks', token: true, most: 5, stoppedBy: 'bytes', before: first, put: locked, accounts: UNMOVED },
  { of: 'ends', token: true, most: 4, stoppedBy: 'bytes', before: first, put: gone },
  {
    of: 'ends that close the account',
    token: true,
    most: 3,
    stoppedBy: 'bytes',
    before: first,
    put: gone,
    signer: holder,
  },
  { of: 'records', token: false, most: 7, stoppedBy: 'bytes', put: first },
]

describe('one transaction takes', () => {
  it.each(batches)('$most $of, and no more', async ({ token, most, stoppedBy, before, put, signer, accounts }) => {
    const { ledger, putTicketOf, put: putOne, ticket } = await eventWorld({ token })
    const { authority } = ledger
    const tickets = [...Array(most + 1).keys()]
    if (before) for (const n of tickets) await putOne(before(n))
    const wanted = await Promise.all(
      tickets.map((n) =>
        putTicketOf(authority.publicKey, put(n), {
          ...accounts,
          ...(signer && { previousHolder: signer(n).publicKey }),
        }),
      ),
    )
    const send = (instructions: readonly TransactionInstruction[]) =>
      ledger.send([...BUDGET, ...instructions], [authority, ...(signer ? instructions.map((_, n) => signer(n)) : [])])
    if (stoppedBy === 'bytes') expect(bytesOf(authority, [...BUDGET, ...wanted])).toBeGreaterThan(PACKET_DATA_SIZE)
    else expect((await send(wanted)).error).toContain(stoppedBy)
    expect(await send(wanted.slice(0, most))).not.toHaveProperty('error')
    // The logs may be cut off at 10,000 bytes, so it is the accounts that tell.
    for (const n of tickets.slice(0, most)) expect(ticket(`${n}`)).toMatchObject({ version: put(n).version })
  })
})

describe('rent', () => {
  it('is kept for each account by its size', async () => {
    const { put, ledger, event, mint, tokenAccount } = await eventWorld({ token: true })
    const authority = ledger.authority.publicKey
    await put(issued)
    await ledger.send([publishHead(authority, 1, 10, Buffer.alloc(32, 1))])
    const log = logOf(authority)
    const accounts = {
      event: [event, 330],
      ticket: [ticketOf(event, 't'), 118],
      // 401 bytes, and the event's name and URI.
      mint: [mint('t'), 401 + CONCERT.name.length + CONCERT.uri.length],
      'token account': [tokenAccount('t', alice.publicKey), 170],
      log: [log, 85],
      head: [headOf(log, 1), 93],
    } as const
    for (const [, [address, bytes]] of Object.entries(accounts)) {
      expect(ledger.data(address)).toHaveLength(bytes)
      expect(ledger.balance(address)).toBe(ledger.rent(bytes))
    }
  })

  it('of all that was made for a ticket comes back to the lamport, where its holders sign', async () => {
    const { put, close, ledger, fee } = await eventWorld({ token: true })
    const before = ledger.balance(ledger.authority.publicKey)
    await put(issued)
    await put({ ...moved, version: 2 }, signedBy(alice))
    await put({ ...closed, version: 3, from: bob.publicKey }, signedBy(bob))
    ledger.setTime(CLOSES_AT)
    await close('t')
    expect(before - ledger.balance(ledger.authority.publicKey)).toBe(6n * fee)
  })

  it('of the accounts that its holders keep stays with them', async () => {
    const { put, close, ledger, fee, tokenAccount } = await eventWorld({ token: true })
    const before = ledger.balance(ledger.authority.publicKey)
    await put(issued)
    await put({ ...moved, version: 2 })
    await put({ ...closed, version: 3, from: bob.publicKey })
    ledger.setTime(CLOSES_AT)
    await close('t')
    expect(before - ledger.balance(ledger.authority.publicKey)).toBe(2n * ledger.rent(170) + 4n * fee)
    for (const { publicKey } of [alice, bob])
      expect(ledger.balance(tokenAccount('t', publicKey))).toBe(ledger.rent(170))
  })

  it('of a token that close_ticket burns comes back too', async () => {
    const { put, close, ledger, fee, mint, tokenAccount } = await eventWorld({ token: true })
    const before = ledger.balance(ledger.authority.publicKey)
    await put(issued)
    ledger.setTime(CLOSES_AT)
    const holderToken = tokenAccount('t', alice.publicKey)
    const accounts = { mint: mint('t'), holderToken, holder: alice.publicKey, tokenProgram: TOKEN_2022_PROGRAM_ID }
    expect(await close('t', { accounts, signer: alice })).not.toHaveProperty('error')
    expect(before - ledger.balance(ledger.authority.publicKey)).toBe(3n * fee)
  })
})
