import { describe, expect, it } from 'vitest'
import { parseCode } from '../admission/code.ts'
import { judge } from '../admission/judge.ts'
import { STANDARD } from '../admission/policy.ts'
import base from '../admission/vectors/base.json' with { type: 'json' }
import codes from '../admission/vectors/codes.json' with { type: 'json' }
import { specOf } from '../spec.ts'
import type { TicketFact } from './facts.ts'
import type { AdmitTicket } from './gate.ts'
import { fact, reissueId, resold as resoldAt, transferred as transferredAt } from './moves.world.ts'
import { ticket } from './ticket.ts'

const given = specOf(ticket)

const { scan } = base
const { sale } = scan.ticket.state
const FIRST_SCAN = scan.scanId
const SECOND_SCAN = '0197e1a0-0000-7000-8000-000000000052'
const [appCode, staticCode] = codes.codes.map(({ code }) => code) as [string, string]

const admitWith = (text: string, other: Partial<AdmitTicket> = {}): AdmitTicket => {
  const code = parseCode(text)
  if ('unreadable' in code) throw new Error(`Not a code: ${code.why}`)
  return {
    type: 'AdmitTicket',
    ticketTenant: 'acme',
    scanId: FIRST_SCAN,
    code,
    hmac: { generation: 1 },
    event: scan.event as AdmitTicket['event'],
    device: scan.device as AdmitTicket['device'],
    policy: STANDARD,
    ...other,
  }
}

const reserved: TicketFact = {
  type: 'TicketReserved',
  data: {
    eventId: sale.eventId,
    venueId: sale.venueId,
    typeId: sale.typeId,
    slot: 'pool:GA:417',
    edition: 1,
    orderId: sale.orderId,
    price: sale.price,
    expiresAt: '2030-06-01T17:45:00.000Z',
  },
}
const sold = { type: 'TicketSold', data: sale } as TicketFact
const refunded: TicketFact = {
  type: 'TicketRefunded',
  data: { eventId: sale.eventId, typeId: sale.typeId, orderId: sale.orderId, price: sale.price, refunds: [] },
}
const EARLIER = '2030-06-01T17:00:00.000Z'
const transferred = transferredAt(EARLIER)
const resold = resoldAt(EARLIER)
const reissued = fact('TicketReissued', {
  ...{ reissueId, reason: 'duplicate_ticket', reportId: null, generation: 2 },
})
const admittedAt = (
  at: string,
  other: { carrier?: 'static'; nonce?: string; generation?: number } = {},
): TicketFact => ({
  type: 'TicketAdmitted',
  data: {
    eventId: sale.eventId,
    scanId: FIRST_SCAN,
    generation: 1,
    carrier: 'app',
    nonce: codes.codes[0]!.nonce,
    source: 'online',
    happenedAt: at,
    seenAt: at,
    deviceId: scan.device.deviceId,
    deviceName: 'Scanner 7',
    entrance: 'North',
    zone: 'GA',
    ...other,
  },
})

describe('a ticket at the gate', () => {
  it('F15.19 is admitted, with the nonce of its code, where and by which device', () =>
    given(reserved, sold).when(admitWith(appCode), scan.at).then(admittedAt(scan.at)))

  it('F15.19 is admitted once however often the scan is repeated, an hour later too', () =>
    given(reserved, sold, admittedAt(scan.at)).when(admitWith(appCode), '2030-06-01T18:30:10.000Z').thenNothing())

  it('F15.19 is admitted once by a scan that is repeated after it was locked, or closed since its event is cancelled', () => {
    const locked: TicketFact = {
      type: 'TicketLocked',
      data: { eventId: sale.eventId, lockId: SECOND_SCAN, reason: 'dispute' },
    }
    const cancelled: TicketFact = {
      type: 'TicketCancelled',
      data: { eventId: sale.eventId, typeId: sale.typeId, refunds: [] },
    }
    const moment = '2030-06-01T17:31:00.000Z'
    for (const since of [locked, cancelled]) {
      given(reserved, sold, admittedAt(scan.at), since).when(admitWith(appCode), moment).thenNothing()
      const state = [reserved, sold, admittedAt(scan.at), since].reduce(ticket.evolve, ticket.initial)
      const { ticketTenant, type: _, ...asked } = admitWith(appCode)
      const verdict = judge({ ...asked, at: moment, ticket: { tenant: ticketTenant, state } })
      expect(verdict.verdict).toBe('allow')
    }
  })

  it('F15.19 is admitted at one of two gates that scan it at the same instant', () =>
    given(reserved, sold, admittedAt(scan.at))
      .when(admitWith(appCode, { scanId: SECOND_SCAN }), scan.at)
      .thenRefused('replayed_code'))

  it('F15.17 is refused when a print of it is shown a moment later', () =>
    given(reserved, sold, admittedAt(scan.at))
      .when(admitWith(staticCode, { scanId: SECOND_SCAN }), '2030-06-01T17:31:00.000Z')
      .thenRefused('already_admitted'))

  it('F09.6 is refused re-entry with Standard', () =>
    given(reserved, sold, admittedAt(scan.at))
      .when(admitWith(staticCode, { scanId: SECOND_SCAN }), '2030-06-01T18:30:00.000Z')
      .thenRefused('no_reentry'))

  it('F15.5 is admitted by a print, and the fact says so', () =>
    given(reserved, sold)
      .when(admitWith(staticCode), scan.at)
      .then(admittedAt(scan.at, { carrier: 'static', nonce: codes.codes[1]!.nonce })))

  it('F15.15 is refused when it was refunded between the look-up and the decision', () =>
    given(reserved, sold, refunded).when(admitWith(appCode), scan.at).thenRefused('refunded'))

  it('F15.15 is refused while it is only reserved', () =>
    given(reserved).when(admitWith(appCode), scan.at).thenRefused('reserved'))

  it('F11.15 leaves the market when it is admitted while it is listed', () => {
    const listingId = '0197e1a0-0000-7000-8000-0000000000f1'
    const { eventId, typeId, holderId: sellerId, price } = sale
    given(reserved, sold, { type: 'TicketListed', data: { eventId, typeId, listingId, sellerId, price } })
      .when(admitWith(appCode), scan.at)
      .then({ type: 'TicketDelisted', data: { eventId, listingId, reason: 'admitted' } }, admittedAt(scan.at))
  })

  it.each([
    ['F16.18 its giver', transferred, 'transferred_code'],
    ['F11.14 its seller', resold, 'transferred_code'],
    ['F14.6 whoever lost it', reissued, 'reissued_code'],
  ] as const)('is refused with the code of %s, and admitted with the new one', (_, change, reason) => {
    given(reserved, sold, change).when(admitWith(appCode), scan.at).thenRefused(reason)
    given(reserved, sold, change)
      .when(admitWith(appCode, { hmac: { generation: 2 } }), scan.at)
      .then(admittedAt(scan.at, { generation: 2 }))
  })

  it('F15.4 is refused with a code that is not genuine', () =>
    given(reserved, sold)
      .when(admitWith(appCode, { hmac: 'bad' }), scan.at)
      .thenRefused('bad_code'))

  it('F15.19 is judged alike before and after its admission, so that a lost answer can be given again', () => {
    const { type: _, ticketTenant, ...command } = admitWith(appCode)
    const past = [reserved, sold]
    const verdicts = [past, [...past, admittedAt(scan.at)]].map((facts) =>
      judge({
        ...command,
        at: scan.at,
        ticket: { tenant: ticketTenant, state: facts.reduce(ticket.evolve, ticket.initial) },
      }),
    )
    expect(verdicts[0]).toMatchObject({ verdict: 'allow' })
    expect(verdicts[1]).toEqual(verdicts[0])
  })
})
