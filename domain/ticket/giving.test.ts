import { describe, expect, it } from 'vitest'
import { idFor, specOf } from '../spec.ts'
import type { OfferEnd, TicketFact } from './facts.ts'
import { blackoutAt, closing, cooledDownAt, type GivingCommand, MOST_TRIES, type Terms } from './giving.ts'
import {
  ann,
  bob,
  cem,
  checked,
  closings,
  type Data,
  fact,
  held,
  NOW,
  offered,
  offerId,
  reissueId,
  reported,
  reserved,
  resold,
  START,
  sold,
  terms,
  transferred,
  verified,
} from './moves.world.ts'
import type { Held } from './state.ts'
import { ticket } from './ticket.ts'

type Asked<T extends GivingCommand['type']> = Partial<Extract<GivingCommand, { type: T }>>

const giving = { offerId, from: ann, terms, isVerified: verified }
const offer = (other: Asked<'OfferTicket'> = {}): GivingCommand => ({
  type: 'OfferTicket',
  ...giving,
  kind: 'gift',
  to: null,
  ...other,
})
const transfer = (other: Asked<'TransferTicket'> = {}): GivingCommand => ({
  type: 'TransferTicket',
  ...giving,
  kind: 'transfer',
  to: bob,
  ...other,
})
const accept = (other: Asked<'AcceptOffer'> = {}): GivingCommand => ({
  type: 'AcceptOffer',
  ...{ offerId, by: bob, terms, isVerified: verified },
  ...other,
})
const close = (reason: 'cancelled' | 'declined' | 'lapsed', by: string): GivingCommand => ({
  type: 'CloseOffer',
  ...{ offerId, reason, by },
})
const tryAs = (name: string): GivingCommand => ({ type: 'TryOffer', offerId, tryId: idFor(name) })

const IN_48_HOURS = '2030-06-03T17:30:10.000Z'

const gift = (other: Partial<Data<'TicketOffered'>> = {}): TicketFact =>
  fact('TicketOffered', { offerId, kind: 'gift', from: ann, to: null, expiresAt: IN_48_HOURS, ...other })
const accepted = (kind: 'gift' | 'transfer' = 'transfer') => transferred(NOW, { kind })
const closed = (reason: OfferEnd): TicketFact => fact('TicketOfferClosed', { offerId, reason })
const tried = (name: string): TicketFact => fact('TicketOfferTried', { offerId, tryId: idFor(name) })

const other = idFor('other')
/** Bob has it since then. */
const bobsSince = (at: string) => held(transferred(at))
const from = (from: string, to: string) => transfer({ offerId: other, from, to })
const asks = (asked: Partial<Terms>): Terms => ({ ...terms, ...asked })

describe('an offer', () => {
  it('F16.2 F16.4 is made to an address, and stands for 48 hours', () => held().when(offer()).then(gift()))

  it('is made to a person who has to accept it', () =>
    held()
      .when(offer({ kind: 'transfer', to: bob }))
      .then(gift({ kind: 'transfer', to: bob })))

  it('is made once, whatever became of it since', () => {
    held(gift()).when(offer()).thenNothing()
    for (const reason of ['cancelled', 'declined', 'lapsed', 'too_many_tries'] as const)
      held(gift(), closed(reason)).when(offer()).thenNothing()
  })

  it('F16.10 is refused while another stands', () =>
    held(gift())
      .when(offer({ offerId: other }))
      .thenRefused('TicketIsOffered'))

  it('is refused to whoever does not hold the ticket', () => {
    held()
      .when(offer({ from: bob }))
      .thenRefused('NotTheHolder')
    held(transferred(NOW))
      .when(offer({ offerId: other }))
      .thenRefused('NotTheHolder')
  })

  it('F16.12 lapses no later than tickets may be given away', () =>
    held()
      .when(offer({ terms: asks({ endsMinutesBeforeStart: 15 }) }))
      .then(gift({ expiresAt: '2030-06-01T17:45:00.000Z' })))

  it('F16.15 to an address asks for the giver alone to have shown who they are, until somebody accepts', () => {
    const strict = { terms: asks({ identityVerified: true }) }
    held()
      .when(offer({ ...strict, isVerified: { from: true, to: false } }))
      .then(gift())
    held()
      .when(offer({ ...strict, isVerified: { from: false, to: true } }))
      .thenRefused('SenderNotVerified')
    held(gift())
      .when(accept({ ...strict, isVerified: { from: true, to: false } }))
      .thenRefused('RecipientNotVerified')
    held(gift()).when(accept(strict)).then(accepted('gift'))
  })
})

describe('a transfer', () => {
  it('F11.3 F16.18 moves the ticket at once, and its earlier code dies in the same fact', () =>
    held().when(transfer()).then(accepted()))

  it('is made once, also when the recipient has passed the ticket on since', () => {
    held(accepted()).when(transfer()).thenNothing()
    held(accepted(), transferred(NOW, { offerId: other, from: bob, to: cem, generation: 3 }))
      .when(transfer())
      .thenNothing()
  })

  it('F16.7 is refused to oneself', () =>
    held()
      .when(transfer({ to: ann }))
      .thenRefused('SelfTransfer'))

  it('F13.8 is refused of a ticket that is non-transferable, and so is an offer', () => {
    const fixed = specOf(ticket)(reserved, sold({ transferable: false }))
    fixed.when(transfer(), NOW).thenRefused('TicketNotTransferable')
    fixed.when(offer(), NOW).thenRefused('TicketNotTransferable')
  })

  it('F16.8 is refused within 30 minutes of the last change of hands, and not after', () => {
    bobsSince('2030-06-01T17:00:11.000Z').when(from(bob, cem)).thenRefused('TransferCooldown')
    bobsSince('2030-06-01T17:00:10.000Z')
      .when(from(bob, cem))
      .then(transferred(NOW, { offerId: other, from: bob, to: cem, generation: 3 }))
    held(resold('2030-06-01T17:29:00.000Z')).when(from(bob, cem)).thenRefused('TransferCooldown')
  })

  it('F16.8 needs no rest after a reissue, for that is no change of hands', () =>
    held(checked(), fact('TicketReissued', { reissueId, reason: 'duplicate_ticket', reportId: null, generation: 2 }))
      .when(transfer())
      .then(transferred(NOW, { generation: 3 })))

  it('F16.11 is refused where the event allows none', () =>
    held()
      .when(transfer({ terms: asks({ allowed: false }) }))
      .thenRefused('TransfersForbidden'))

  it('F16.12 is refused from the deadline on', () => {
    const late = transfer({ terms: asks({ endsMinutesBeforeStart: 0 }) })
    held().when(late, START).thenRefused('TransferDeadlinePassed')
    held().when(late, '2030-06-01T17:59:59.999Z').then(transferred('2030-06-01T17:59:59.999Z'))
  })

  it('F16.13 is refused in a blackout, its first moment included and its last one not', () => {
    const blackouts = [{ from: NOW, until: START }]
    const quiet = transfer({ terms: asks({ blackouts }) })
    held().when(quiet).thenRefused('TransferBlackout')
    held().when(quiet, '2030-06-01T17:59:59.999Z').thenRefused('TransferBlackout')
    held().when(quiet, START).then(transferred(START))
  })

  it('F16.14 is refused of a ticket that has changed hands as often as it may, by sale or by gift', () => {
    const once = { terms: asks({ maxMoves: 1, cooldownMinutes: 0 }) }
    const onwards = transfer({ ...once, offerId: other, from: bob, to: cem })
    held().when(transfer(once)).then(accepted())
    for (const moved of [accepted(), resold(NOW)]) held(moved).when(onwards).thenRefused('TooManyTransfers')
  })

  it('F16.15 is refused where one of the two has not shown who they are, and the event asks for it', () => {
    const strict = asks({ identityVerified: true })
    const by = (isVerified: { from: boolean; to: boolean }) => transfer({ terms: strict, isVerified })
    held()
      .when(by({ from: false, to: false }))
      .thenRefused('SenderNotVerified')
    held()
      .when(by({ from: true, to: false }))
      .thenRefused('RecipientNotVerified')
    held()
      .when(by({ from: true, to: true }))
      .then(accepted())
    held()
      .when(transfer({ isVerified: { from: false, to: false } }))
      .then(accepted())
  })

  it('takes nothing of its earlier holder along: neither a report nor a check of who they were', () => {
    const past = [reserved, sold(), reported('lost'), checked(), accepted()]
    const { report, identity } = past.reduce(ticket.evolve, ticket.initial) as Held
    expect([report, identity]).toEqual([null, null])
  })
})

describe('when it can be done', () => {
  const bobs = [reserved, sold(), transferred('2030-06-01T17:00:11.000Z')].reduce(ticket.evolve, ticket.initial) as Held

  it('F16.8 is told of a ticket that rests, and nothing of one that does not', () => {
    expect(cooledDownAt(bobs, terms, NOW)).toBe('2030-06-01T17:30:11.000Z')
    expect(cooledDownAt(bobs, terms, '2030-06-01T17:30:11.000Z')).toBe(null)
    expect(cooledDownAt({ ...bobs, moved: null }, terms, NOW)).toBe(null)
  })

  it('F16.12 is until the deadline, where there is one', () => {
    expect(closing(asks({ endsMinutesBeforeStart: 60 }))).toBe('2030-06-01T17:00:00.000Z')
    expect(closing(terms)).toBe(null)
  })

  it('F16.13 is after the blackout that holds now', () => {
    const blackouts = [
      { from: '2030-05-01T00:00:00.000Z', until: '2030-05-02T00:00:00.000Z' },
      { from: NOW, until: START },
    ]
    expect(blackoutAt({ blackouts }, NOW)).toEqual(blackouts[1])
    expect(blackoutAt({ blackouts }, START)).toBe(undefined)
  })
})

describe('accepting an offer', () => {
  it('F16.2 F16.18 moves the ticket to whom it was offered to, under a new code', () =>
    held(offered).when(accept()).then(accepted()))

  it('F16.5 moves what was offered to an address to whoever has its code', () =>
    held(gift())
      .when(accept({ by: cem }))
      .then(transferred(NOW, { kind: 'gift', to: cem })))

  it('happens once, and is refused to anybody else afterwards', () => {
    held(offered, accepted()).when(accept()).thenNothing()
    held(gift(), accepted('gift'))
      .when(accept({ by: cem }))
      .thenRefused('OfferClosed')
  })

  it('is refused afterwards to who has the ticket by now from whoever took it', () =>
    held(gift(), accepted('gift'), transferred(NOW, { offerId: other, from: bob, to: cem, generation: 3 }))
      .when(accept({ by: cem }))
      .thenRefused('OfferClosed'))

  it('is refused to somebody it was not offered to', () =>
    held(offered)
      .when(accept({ by: cem }))
      .thenRefused('OfferNotFound'))

  it('F16.7 is refused to its giver, by another address too', () =>
    held(gift())
      .when(accept({ by: ann }))
      .thenRefused('SelfTransfer'))

  it('F16.4 is refused from 48 hours on, though the worker has not come by yet', () => {
    held(gift()).when(accept(), IN_48_HOURS).thenRefused('OfferLapsed')
    held(gift())
      .when(accept(), '2030-06-03T17:30:09.999Z')
      .then(transferred('2030-06-03T17:30:09.999Z', { kind: 'gift' }))
  })

  it('F11.5 F16.6 is refused once the offer has ended, and an offer that never was is not found', () => {
    for (const reason of ['cancelled', 'declined', 'lapsed', 'too_many_tries', 'locked'] as const)
      held(offered, closed(reason)).when(accept()).thenRefused('OfferClosed')
    held().when(accept()).thenRefused('OfferNotFound')
    held(offered, closings.cancelled).when(accept()).thenRefused('TicketClosed')
  })

  it('F16.12 F16.13 is refused after the deadline and in a blackout, though it was offered before', () => {
    const terms = asks({ blackouts: [{ from: NOW, until: START }] })
    held(offered).when(accept({ terms })).thenRefused('TransferBlackout')
    held(offered)
      .when(accept({ terms: asks({ endsMinutesBeforeStart: 60 }) }))
      .thenRefused('TransferDeadlinePassed')
  })
})

describe('a wrong acceptance code', () => {
  const four = ['t1', 't2', 't3', 't4'].map(tried)

  it('F16.3 is counted, once by its id', () => {
    held(gift()).when(tryAs('t1')).then(tried('t1'))
    held(gift(), tried('t1')).when(tryAs('t1')).thenNothing()
  })

  it('F16.3 ends the offer when it is the fifth', () => {
    expect(MOST_TRIES).toBe(four.length + 1)
    held(gift(), ...four)
      .when(tryAs('t5'))
      .then(tried('t5'), closed('too_many_tries'))
    held(gift(), ...four, tried('t5'), closed('too_many_tries'))
      .when(accept())
      .thenRefused('OfferClosed')
  })

  it('is counted for one offer alone: the next one has five of its own', () =>
    held(gift(), ...four, closed('cancelled'), gift({ offerId: other }))
      .when({ type: 'TryOffer', offerId: other, tryId: idFor('t5') })
      .then(fact('TicketOfferTried', { offerId: other, tryId: idFor('t5') })))

  it('is refused for an offer that has ended, or never was', () => {
    held(gift(), closed('declined')).when(tryAs('t1')).thenRefused('OfferClosed')
    held().when(tryAs('t1')).thenRefused('OfferNotFound')
  })
})

describe('an offer that comes to nothing', () => {
  it('F16.6 is cancelled by its giver, once', () => {
    held(offered).when(close('cancelled', ann)).then(closed('cancelled'))
    held(offered, closed('cancelled')).when(close('cancelled', ann)).thenNothing()
  })

  it('F16.6 is declined by whom it was made to, or by whoever has the code of an address', () => {
    held(offered).when(close('declined', bob)).then(closed('declined'))
    held(gift()).when(close('declined', cem)).then(closed('declined'))
  })

  it('is neither cancelled nor declined by others', () => {
    held(offered).when(close('cancelled', bob)).thenRefused('OfferNotFound')
    held(offered).when(close('declined', cem)).thenRefused('OfferNotFound')
    held(gift()).when(close('declined', ann)).thenRefused('OfferNotFound')
  })

  it('F16.4 lapses with its time, and not before', () => {
    held(gift()).when(close('lapsed', 'worker'), '2030-06-03T17:30:09.999Z').thenNothing()
    held(gift()).when(close('lapsed', 'worker'), IN_48_HOURS).then(closed('lapsed'))
  })

  it('is refused another end than the one that it had', () => {
    held(offered, closed('declined')).when(close('cancelled', ann)).thenRefused('OfferClosed')
    held(offered, accepted()).when(close('cancelled', ann)).thenRefused('OfferClosed')
  })

  it('F16.4 leaves the ticket to its giver, who may offer it again', () =>
    held(gift(), closed('lapsed'))
      .when(offer({ offerId: other }), IN_48_HOURS)
      .then(gift({ offerId: other, expiresAt: '2030-06-05T17:30:10.000Z' })))
})
