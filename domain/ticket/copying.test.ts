import { describe, expect, it } from 'vitest'
import { idFor, specOf } from '../spec.ts'
import { type CopyState, copyStateOf } from './copy.ts'
import type { CopyCommand } from './copying.ts'
import type { TicketFact } from './facts.ts'
import { ticket } from './ticket.ts'

const given = specOf(ticket)

const [orderId, ann, bob, eventId, venueId, typeId] = ['A', 'ann', 'bob', 'event', 'venue', 'type'].map(idFor) as [
  string,
  string,
  string,
  string,
  string,
  string,
]
const price = { amount: 5_000, currency: 'EUR' }
const addresses = { ticketAddress: 'T'.repeat(44), eventAddress: 'E'.repeat(44) }
const mintAddress = 'M'.repeat(44)
const signature = 'S'.repeat(88)

const reserved: TicketFact = {
  type: 'TicketReserved',
  data: {
    ...{ eventId, venueId, typeId, orderId, price },
    slot: 'pool:GA:7',
    edition: 1,
    expiresAt: '2030-01-01T10:30:00.000Z',
  },
}
const sold: TicketFact = {
  type: 'TicketSold',
  data: {
    ...{ eventId, venueId, typeId, orderId, price, payerId: ann, holderId: ann, generation: 1, zone: 'GA' },
    validDates: null,
    delivery: 'digital',
    transferable: true,
  },
}
const refunded: TicketFact = { type: 'TicketRefunded', data: { eventId, typeId, orderId, price, refunds: [] } }
const settle = (version: number, mint: string | null = mintAddress): CopyCommand => ({
  type: 'SettleTicket',
  ...{ version, ...addresses, mintAddress: mint, signature },
})
const minted = (version: number): TicketFact => ({
  type: 'TicketMinted',
  data: { eventId, version, ...addresses, mintAddress, signature },
})
const settled = (version: number): TicketFact => ({
  type: 'TicketSettled',
  data: { eventId, version, ...addresses, signature },
})
const unsettled = (version: number): TicketFact => ({
  type: 'TicketUnsettled',
  data: { eventId, version, trouble: 'holder_differs' },
})
const doubt = (version: number): CopyCommand => ({ type: 'DoubtTicket', version, trouble: 'holder_differs' })
const repair = (version: number, beyond: number): CopyCommand => ({ type: 'RepairTicket', version, beyond })
const ordered = (version: number): TicketFact => ({ type: 'TicketRepairOrdered', data: { eventId, version } })
const follow = (holderId: string, fact: string): CopyCommand => ({
  type: 'FollowWallet',
  holderId,
  personFactId: idFor(fact),
})
const walletChanged = (fact: string): TicketFact => ({
  type: 'TicketWalletChanged',
  data: { eventId, personFactId: idFor(fact) },
})
const left: TicketFact = { type: 'TicketLeftChain', data: { eventId, signature } }
const leave: CopyCommand = { type: 'LeaveChain', signature }

const copyAfter = (...facts: TicketFact[]) => {
  const state = facts.reduce(ticket.evolve, ticket.initial)
  if (!('copy' in state)) throw new Error('nothing of it is copied yet')
  return state.copy
}

describe('what becomes final on chain', () => {
  it('is recorded as the mint where there was none (F07.15)', () =>
    given(reserved, sold).when(settle(1)).then(minted(1)))

  it('is recorded as settled where the event has no tokens', () =>
    given(reserved, sold).when(settle(1, null)).then(settled(1)))

  it('is recorded once', () => given(reserved, sold, minted(1)).when(settle(1)).thenNothing())

  it('is recorded for a closed ticket too, and an older version that comes late is not', () => {
    given(reserved, sold, minted(1), refunded).when(settle(2)).then(settled(2))
    given(reserved, sold, minted(1), refunded, settled(2)).when(settle(1)).thenNothing()
  })

  it('can be nothing of a ticket that nobody was sold', () =>
    given(reserved).when(settle(1)).thenRefused('TicketNotHeld'))
})

describe('a copy that differs', () => {
  it('is recorded once for each trouble', () => {
    given(reserved, sold, minted(1)).when(doubt(1)).then(unsettled(1))
    given(reserved, sold, minted(1), unsettled(1)).when(doubt(1)).thenNothing()
  })

  it('is only behind where the ticket has moved on since somebody looked', () =>
    given(reserved, sold, minted(1), refunded).when(doubt(1)).thenNothing())

  it('is sent anew as a version beyond whatever was seen on chain, once', () => {
    given(reserved, sold, minted(1), unsettled(1)).when(repair(1, 0)).then(ordered(2))
    given(reserved, sold, minted(1), unsettled(1)).when(repair(1, 1_000)).then(ordered(1_001))
    given(reserved, sold, minted(1), unsettled(1), ordered(2)).when(repair(1, 1_000)).thenNothing()
  })
})

describe('a ticket whose holder linked a wallet', () => {
  it('moves to it, once for each time', () => {
    given(reserved, sold).when(follow(ann, 'link1')).then(walletChanged('link1'))
    given(reserved, sold, walletChanged('link1')).when(follow(ann, 'link1')).thenNothing()
    given(reserved, sold, walletChanged('link1')).when(follow(ann, 'link2')).then(walletChanged('link2'))
  })

  it('stays where it is when it is another’s, or closed', () => {
    given(reserved, sold).when(follow(bob, 'link1')).thenNothing()
    given(reserved, sold, refunded).when(follow(ann, 'link1')).thenNothing()
  })
})

describe('accounts that are closed for their rent', () => {
  it('are recorded as gone, once', () => {
    given(reserved, sold, minted(1)).when(leave).then(left)
    given(reserved, sold, minted(1), left).when(leave).thenNothing()
  })
})

describe('the state of a copy', () => {
  const admitted = {
    type: 'TicketAdmitted',
    data: { eventId, scanId: idFor('scan'), generation: 1 },
  } as unknown as TicketFact

  it.each<[string, CopyState, TicketFact[]]>([
    ['is pending once the ticket is sold', 'pending', []],
    ['is settled once its version is final', 'settled', [minted(1)]],
    ['is settled after an admission, which is not copied', 'settled', [minted(1), admitted]],
    ['is pending again after a change that is', 'pending', [minted(1), refunded]],
    ['is pending where only an older version is final', 'pending', [refunded, minted(1)]],
    ['differs once something else was seen', 'differs', [minted(1), unsettled(1)]],
    ['differs until the repair is final', 'differs', [minted(1), unsettled(1), ordered(2)]],
    ['is settled once it is', 'settled', [minted(1), unsettled(1), ordered(2), settled(2)]],
    ['is off once its accounts are closed', 'off', [minted(1), left]],
  ])('%s', (_, state, facts) => expect(copyStateOf(copyAfter(reserved, sold, ...facts), 'token')).toBe(state))

  it('is failed where the chain refused it, and off where the event has no copy', () => {
    const failed: TicketFact = { type: 'TicketUnsettled', data: { eventId, version: 1, trouble: 'failed' } }
    expect(copyStateOf(copyAfter(reserved, sold, failed), 'record')).toBe('failed')
    expect(copyStateOf(copyAfter(reserved, sold), 'off')).toBe('off')
  })

  it('counts only what the chain copies, and remembers since when the holder is there', () => {
    expect(copyAfter(reserved, sold)).toMatchObject({ version: 1, heldSince: 1 })
    expect(copyAfter(reserved, sold, minted(1), walletChanged('link1'))).toMatchObject({ version: 2, heldSince: 2 })
    expect(copyAfter(reserved, sold, ordered(9), refunded)).toMatchObject({ version: 10, heldSince: 1 })
  })
})
