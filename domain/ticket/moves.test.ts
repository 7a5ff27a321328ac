import { describe, expect, it } from 'vitest'
import { denials } from '../admission/ticket-steps.ts'
import { isRefused } from '../decider.ts'
import { idFor } from '../spec.ts'
import type { TicketFact } from './facts.ts'
import { type Attribute, attributes, type Move, type MoveRefusal, moves } from './moves.ts'
import { asks, bob, closings, NOW, offerId, reserved, sold, ticketFor } from './moves.world.ts'
import type { ClosedAs } from './state.ts'
import { type TicketCommand, ticket } from './ticket.ts'

const everyMove = Object.keys(moves) as Move[]

const decided = (command: TicketCommand, past: readonly TicketFact[]) => {
  const state = past.reduce(ticket.evolve, ticket.initial)
  const decision = ticket.decide({ ...command, at: NOW }, state)
  return isRefused(decision) ? decision.refused : decision.map(({ type }) => type)
}

/** A gate says no in words of its own. */
const worded = (move: Move, refusal: MoveRefusal): string =>
  move === 'admit' ? denials[refusal as keyof typeof denials] : refusal

/** What the table says of a move, by what is so of the ticket: the first attribute in order names the refusal. */
const expected = (move: Move, has: readonly Attribute[]): string | string[] => {
  const cells = has.map((attribute) => moves[move][attribute])
  const refusal = cells.find((cell): cell is MoveRefusal => cell !== 'may' && cell !== 'ends')
  if (refusal) return worded(move, refusal)
  // Nothing is worse than stolen, so that report stands.
  if (move === 'report' && has.includes('stolen')) return []
  const ends = (attribute: Attribute) => has.includes(attribute) && moves[move][attribute] === 'ends'
  return [
    ...(ends('claimed') || (move === 'claim' && has.includes('claimed')) ? ['TicketClaimReleased'] : []),
    ...(ends('listed') ? ['TicketDelisted'] : []),
    ...(ends('offered') ? ['TicketOfferClosed'] : []),
    asks[move].makes,
  ]
}

const inWords = (outcome: string | readonly string[]): string => {
  if (typeof outcome === 'string') return `is refused: ${outcome}`
  return outcome.length === 0 ? 'changes nothing' : `records ${outcome.join(', ')}`
}

describe('the table of moves', () => {
  const cells = everyMove.flatMap((move) =>
    attributes.map((attribute) => {
      const { past, has } = ticketFor(move, attribute)
      const outcome = expected(move, has)
      return { move, attribute, past, outcome, words: inWords(outcome) }
    }),
  )

  it.each(cells)('$move, of a ticket that is $attribute, $words', ({ move, past, outcome }) =>
    expect(decided(asks[move].command, past)).toEqual(outcome),
  )

  it.each(everyMove)('%s may be done where nothing stands in its way', (move) =>
    expect(decided(asks[move].command, ticketFor(move).past)).toEqual(expected(move, ticketFor(move).has)),
  )

  it('refuses by the first attribute in order where several stand in the way', () => {
    for (const move of everyMove)
      for (const [i, one] of attributes.entries())
        for (const other of attributes.slice(i + 1)) {
          // A ticket has one report.
          if (one === 'stolen' && other === 'lost') continue
          const { past, has } = ticketFor(move, one, other)
          expect([move, one, other, decided(asks[move].command, past)]).toEqual([move, one, other, expected(move, has)])
        }
  })

  it('says of each end what the ticket met with', () => {
    const reasonsOf = (move: Move, attribute: Attribute) => {
      const state = ticketFor(move, attribute).past.reduce(ticket.evolve, ticket.initial)
      const decision = ticket.decide({ ...asks[move].command, at: NOW }, state)
      if (isRefused(decision)) throw new Error(decision.refused)
      return decision.slice(0, -1).map(({ data }) => ('reason' in data ? data.reason : null))
    }
    expect(reasonsOf('lock', 'claimed')).toEqual(['locked', 'locked'])
    expect(reasonsOf('lock', 'offered')).toEqual(['locked'])
    expect(reasonsOf('report', 'claimed')).toEqual(['reported', 'reported'])
    expect(reasonsOf('admit', 'listed')).toEqual(['admitted'])
    for (const move of ['refund', 'revoke', 'cancel', 'expire'] as const)
      expect(reasonsOf(move, 'listed')).toEqual(['closed'])
  })
})

describe('a ticket that nobody holds, or nobody any more', () => {
  type Outcomes = { readonly [M in Move]: string | readonly string[] }

  const available: Outcomes = {
    give: 'NotTheHolder',
    accept: 'OfferNotFound',
    list: 'NotTheHolder',
    delist: [],
    claim: 'ListingGone',
    resell: 'ClaimLost',
    admit: 'not_sold',
    report: 'NotTheHolder',
    reissue: 'TicketNotHeld',
    lock: 'TicketNotHeld',
    refund: 'TicketNotHeld',
    revoke: 'TicketNotHeld',
    cancel: 'TicketNotHeld',
    expire: 'TicketNotHeld',
  }
  const closed = (closedAs: ClosedAs): Outcomes => ({
    give: 'TicketClosed',
    accept: 'TicketClosed',
    list: 'TicketClosed',
    delist: [],
    claim: 'TicketClosed',
    resell: 'ClaimLost',
    admit: closedAs,
    report: 'TicketClosed',
    reissue: 'TicketClosed',
    lock: 'TicketClosed',
    refund: closedAs === 'refunded' ? [] : 'TicketClosed',
    revoke: closedAs === 'revoked' ? [] : 'TicketClosed',
    cancel: [],
    expire: [],
  })
  const statuses: Record<string, { past: readonly TicketFact[]; outcomes: Outcomes }> = {
    available: { past: [], outcomes: available },
    reserved: { past: [reserved], outcomes: { ...available, admit: 'reserved' } },
    ...Object.fromEntries(
      Object.entries(closings).map(([name, closing]) => [
        name,
        { past: [reserved, sold(), closing], outcomes: closed(name as ClosedAs) },
      ]),
    ),
  }
  const cells = Object.entries(statuses).flatMap(([status, { past, outcomes }]) =>
    everyMove.map((move) => ({ move, status, past, outcome: outcomes[move], words: inWords(outcomes[move]) })),
  )

  it.each(cells)('F12.3 $move, of a ticket that is $status, $words', ({ move, past, outcome }) =>
    expect(decided(asks[move].command, past)).toEqual(outcome),
  )
})

describe('what is not in the table', () => {
  /** Each with what it answers to a ticket that has what it asks for. */
  const others: readonly { command: TicketCommand; of: readonly Attribute[] }[] = [
    { command: { type: 'CloseOffer', offerId, reason: 'declined', by: bob }, of: ['offered'] },
    { command: { type: 'TryOffer', offerId, tryId: idFor('try') }, of: ['offered'] },
    { command: { type: 'UnlockTicket', lockId: null }, of: ['locked'] },
    { command: { type: 'RejectReport' }, of: ['lost'] },
    {
      command: { type: 'CheckIdentity', checkId: idFor('other'), document: 'passport', outcome: 'differed' },
      of: [],
    },
    {
      command: {
        type: 'RescheduleTicket',
        startsAt: '2030-07-01T18:00:00.000Z',
        endsAt: '2030-07-01T22:00:00.000Z',
        days: new Map(),
      },
      of: [],
    },
  ]

  it.each(others)('may be done whatever stands in the way of others: $command.type', ({ command, of }) => {
    for (const attribute of attributes) {
      if (attribute === 'stolen' && of.includes('lost')) continue
      expect(decided(command, ticketFor('lock', ...of, attribute).past)).toHaveLength(1)
    }
  })
})
