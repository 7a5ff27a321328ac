import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DeskWorld, deskWorld, refusalOf } from './desk.world.ts'

let w: DeskWorld
beforeAll(async () => {
  w = await deskWorld()
})
afterAll(() => w.close())

type Evening = Awaited<ReturnType<DeskWorld['evening']>>

const amount = { amount: 2_500, currency: 'EUR' }
const refundsOf = async ({ holder, ticketId }: Evening) => {
  const { orderId } = await w.viewOf(holder, ticketId, null)
  return [{ refundId: crypto.randomUUID(), orderId, paymentId: null, amount, shares: [] }]
}
const report = ({ holder, ticketId }: Evening, kind: string) =>
  holder.call('POST', `/tickets/${ticketId}/report`, { kind })

/** What becomes of a ticket, how the gate calls it, and what its holder is told who asks for its code. */
const endings: [string, (evening: Evening) => Promise<unknown>, string, string][] = [
  [
    'refunded',
    async (evening) => w.move(evening.ticketId, { type: 'RefundTicket', refunds: await refundsOf(evening) }),
    'TicketHasNoCode',
    'is REFUNDED.',
  ],
  [
    'cancelled',
    async (evening) => w.move(evening.ticketId, { type: 'CancelTicket', refunds: await refundsOf(evening) }),
    'TicketHasNoCode',
    'is CANCELLED.',
  ],
  [
    'revoked',
    ({ ticketId }) => w.move(ticketId, { type: 'RevokeTicket', reason: 'fraud' }),
    'TicketHasNoCode',
    'is REVOKED.',
  ],
  ['expired', ({ ticketId }) => w.move(ticketId, { type: 'ExpireTicket' }), 'TicketHasNoCode', 'is EXPIRED.'],
  [
    'locked',
    ({ ticketId }) => w.ada.call('POST', `/admin/tickets/${ticketId}/lock`, { reason: 'dispute' }),
    'TicketIsLocked',
    'is locked: dispute.',
  ],
  ['reported_stolen', (evening) => report(evening, 'stolen'), 'TicketIsReported', 'was reported stolen.'],
  ['offered', ({ holder, ticketId }) => w.offer(holder, ticketId), 'TicketIsOffered', 'is offered to somebody until'],
  [
    'being_resold',
    async ({ holder, ticketId }) => w.claim(ticketId, await w.list(holder, ticketId)),
    'TicketIsClaimed',
    'is kept for a buyer who pays for it until',
  ],
]

describe('a ticket whose code was fetched a moment ago', () => {
  it.each(endings)(
    'F15.15 F20.10 F20.3 is %s: denied for that, and its code is given no more',
    async (reason, act, code, detail) => {
      const evening = await w.evening(`ann ${reason}`)
      const { gate, holder, ticketId, venueId } = evening
      const shown = await w.codeOf(holder, ticketId)
      await act(evening)
      expect(await w.scan(gate, shown)).toMatchObject({ verdict: 'deny', reason })
      const kim = await w.as('venue_staff', 'kim', { venues: [venueId] })
      const looked = await kim.call('POST', '/tickets/validate-qr', { code: shown })
      expect(looked.body).toMatchObject({ verdict: 'deny', reason, recorded: false })
      const refused = await refusalOf(w.codeOf(holder, ticketId))
      expect(refused).toMatchObject({ status: 409, code })
      expect(refused?.message).toContain(`Ticket ${ticketId} ${detail}`)
    },
  )

  it('F15.15 has a reason of its own for each, and none that is lost or listed is turned away', async () => {
    expect(new Set(endings.map(([reason]) => reason)).size).toBe(endings.length)
    const { gate, holder, ids } = await w.evening('ann welcome', 2)
    const [lost, listed] = ids as [string, string]
    await holder.call('POST', `/tickets/${lost}/report`, { kind: 'lost' })
    await w.list(holder, listed)
    for (const ticketId of ids)
      expect(await w.scan(gate, await w.codeOf(holder, ticketId))).toMatchObject({ verdict: 'allow' })
  })
})
