import { describe, it } from 'vitest'
import { idFor, specOf } from '../spec.ts'
import type { TicketFact } from './facts.ts'
import {
  admitted,
  ann,
  bob,
  checked,
  claimed,
  claimOrderId,
  closings,
  fact,
  held,
  listed,
  listingId,
  NOW,
  offered,
  offerId,
  reissueId,
  reported,
  reportId,
  reserved,
  transferred,
} from './moves.world.ts'
import type { ReissueCommand } from './reissuing.ts'
import { ticket } from './ticket.ts'

const report = (kind: 'lost' | 'stolen', { by = ann, id = reportId } = {}): ReissueCommand => ({
  type: 'ReportTicket',
  ...{ reportId: id, by, kind },
})
const withdraw = (by = ann): ReissueCommand => ({ type: 'WithdrawReport', by })
const reject: ReissueCommand = { type: 'RejectReport' }
const check = (outcome: 'matched' | 'differed' = 'matched'): ReissueCommand => ({
  type: 'CheckIdentity',
  ...{ checkId: idFor('check'), document: 'passport', outcome },
})
const reissue = (id = reissueId): ReissueCommand => ({ type: 'ReissueTicket', reissueId: id })

const closed = (outcome: 'withdrawn' | 'rejected'): TicketFact => fact('TicketReportClosed', { reportId, outcome })
const reissued = (answers: string | null, generation = 2, id = reissueId): TicketFact =>
  fact('TicketReissued', { reissueId: id, reason: 'duplicate_ticket', reportId: answers, generation })

const other = idFor('other')

describe('a report', () => {
  it.each(['lost', 'stolen'] as const)('F14.2 is made by the holder: %s', (kind) =>
    held().when(report(kind)).then(reported(kind)),
  )

  it('F14.10 does not pile up: while one stands, the same again changes nothing', () => {
    held(reported('lost'))
      .when(report('lost', { id: other }))
      .thenNothing()
    held(reported('stolen'))
      .when(report('lost', { id: other }))
      .thenNothing()
  })

  it('of theft takes the place of one of loss', () =>
    held(reported('lost'))
      .when(report('stolen', { id: other }))
      .then(fact('TicketReportedLost', { reportId: other, kind: 'stolen' })))

  it('ends what strangers could still get of it: an offer, a listing, a purchase under way', () => {
    held(offered)
      .when(report('lost'))
      .then(fact('TicketOfferClosed', { offerId, reason: 'reported' }), reported('lost'))
    held(listed, claimed)
      .when(report('stolen'))
      .then(
        fact('TicketClaimReleased', { orderId: claimOrderId, reason: 'reported' }),
        fact('TicketDelisted', { listingId, reason: 'reported' }),
        reported('stolen'),
      )
  })

  it('is refused to whoever does not hold the ticket, and of one that was admitted', () => {
    held()
      .when(report('lost', { by: bob }))
      .thenRefused('NotTheHolder')
    held(admitted).when(report('lost')).thenRefused('TicketIsAdmitted')
  })

  it('F14.10 is withdrawn by its holder, or rejected by staff, once', () => {
    held(reported('lost')).when(withdraw()).then(closed('withdrawn'))
    held(reported('lost'), closed('withdrawn')).when(withdraw()).thenNothing()
    held(reported('stolen')).when(reject).then(closed('rejected'))
    held(reported('stolen'), closed('rejected')).when(reject).thenNothing()
  })

  it('F14.2 is nothing that anybody else learns of, whatever became of the ticket', () => {
    for (const closing of Object.values(closings)) {
      held(closing)
        .when(report('lost', { by: bob }))
        .thenRefused('NotTheHolder')
      held(closing).when(report('lost')).thenRefused('TicketClosed')
      held(closing).when(withdraw(bob)).thenRefused('NotTheHolder')
    }
  })

  it('is withdrawn by nobody else, and not once the ticket is closed', () => {
    held(reported('lost')).when(withdraw(bob)).thenRefused('NotTheHolder')
    held(reported('lost'), closings.cancelled).when(withdraw()).thenRefused('TicketClosed')
    held(reported('lost'), closings.cancelled).when(reject).thenRefused('TicketClosed')
    specOf(ticket)(reserved).when(withdraw(), NOW).thenRefused('NotTheHolder')
    specOf(ticket)(reserved).when(reject, NOW).thenRefused('TicketNotHeld')
  })
})

describe('a check of identity', () => {
  it('F14.3 is recorded with its kind and outcome, once by its id', () => {
    held().when(check()).then(checked())
    held(checked()).when(check()).thenNothing()
  })

  it('F14.3 counts as it came out the last time', () =>
    held(checked(), fact('TicketIdentityChecked', { checkId: other, document: 'other', outcome: 'differed' }))
      .when(reissue())
      .thenRefused('IdentityNotChecked'))

  it('is refused of a ticket that nobody holds, or nobody any more', () => {
    specOf(ticket)(reserved).when(check(), NOW).thenRefused('TicketNotHeld')
    held(closings.refunded).when(check()).thenRefused('TicketClosed')
  })
})

describe('a reissue', () => {
  it('F14.1 F14.4 F14.6 replaces the code: the one before is dead from the same fact on', () =>
    held(reported('stolen'), checked()).when(reissue()).then(reissued(reportId)))

  it('needs no report, for a code may be gone otherwise', () => held(checked()).when(reissue()).then(reissued(null)))

  it('is made once by its id, and answers its report', () => {
    held(reported('lost'), checked(), reissued(reportId)).when(reissue()).thenNothing()
    held(reported('lost'), checked(), reissued(reportId)).when(withdraw()).thenNothing()
  })

  it('F14.3 is refused without a check that matched', () => {
    held(reported('lost')).when(reissue()).thenRefused('IdentityNotChecked')
    held(reported('lost'), checked('differed')).when(reissue()).thenRefused('IdentityNotChecked')
  })

  it('F14.3 asks for a new check each time, and of each holder', () => {
    held(checked(), reissued(null)).when(reissue(other)).thenRefused('IdentityNotChecked')
    held(checked(), transferred(NOW)).when(reissue()).thenRefused('IdentityNotChecked')
    held(
      checked(),
      reissued(null),
      fact('TicketIdentityChecked', { checkId: other, document: 'other', outcome: 'matched' }),
    )
      .when(reissue(other))
      .then(reissued(null, 3, other))
  })

  it('F14.11 is refused of a ticket that was admitted or is closed', () => {
    held(checked(), admitted).when(reissue()).thenRefused('TicketIsAdmitted')
    for (const closing of Object.values(closings)) held(checked(), closing).when(reissue()).thenRefused('TicketClosed')
  })
})
