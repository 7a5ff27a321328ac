import { answered, exchange, type Fraud } from './frauds.world.ts'
import type { Doctored } from './story.world.ts'

const eves = (story: Doctored) => story.books.tickets.eve![0]!

/** Of tickets that are given, sold on and locked. */
export const marketFrauds: readonly Fraud[] = [
  {
    breaks: 'a ticket has one holder, whom its first sale and then its last move name, to both sides',
    so: "Dan's ticket is still Cleo's",
    doctor: (story) => {
      story.books.tickets.cleo!.push({ ...eves(story), holderId: 'cleo' })
      story.books.tickets.eve = []
    },
  },
  {
    breaks: 'a ticket has one holder, whom its first sale and then its last move name, to both sides',
    so: "Eve's ticket is among Dan's, too",
    doctor: (story) => {
      story.books.tickets.dan!.push(eves(story))
    },
  },
  {
    breaks: 'a ticket has one holder, whom its first sale and then its last move name, to both sides',
    so: 'Dan sold what he never had',
    doctor: (story) => {
      story.books.transfers.cleo = []
      story.books.transfers.dan!.pop()
    },
  },
  {
    breaks: 'a ticket has one holder, whom its first sale and then its last move name, to both sides',
    so: 'Dan is not told that he got it',
    doctor: (story) => {
      story.books.transfers.dan!.pop()
    },
  },
  {
    breaks: 'what was given, taken or turned down and acknowledged is so, and was so once',
    so: 'Dan took it, and the offer stands',
    doctor: (story) => {
      for (const rows of [story.books.transfers.cleo!, story.books.transfers.dan!.slice(1)])
        Object.assign(rows[0]!, { status: 'pending' })
    },
  },
  {
    breaks: 'what was given, taken or turned down and acknowledged is so, and was so once',
    so: 'what Cleo gave is nowhere',
    doctor: (story) => {
      story.books.transfers.cleo = []
      story.books.transfers.dan!.pop()
    },
  },
  {
    breaks: 'what was given, taken or turned down and acknowledged is so, and was so once',
    so: 'two took one gift',
    doctor: (story) => {
      story.exchanges.push({
        ...exchange(story, 'dan/transfers/offer-1/accept'),
        client: 'gus',
        ask: 'gus-1',
        key: 'gus-1',
      })
    },
  },
  {
    breaks: 'no ticket changed hands but by somebody who gave it and somebody who took or bought it',
    so: 'nobody took it, and it is taken',
    doctor: (story) => {
      Object.assign(exchange(story, 'dan/transfers/offer-1/accept'), { status: 409 })
    },
  },
  {
    breaks: 'no ticket changed hands but by somebody who gave it and somebody who took or bought it',
    so: "Eve's order was cancelled",
    doctor: (story) => {
      Object.assign(story.books.orders.find(({ orderId }) => orderId === 'order-e')!, { status: 'cancelled' })
    },
  },
  {
    breaks: 'no code opened once its ticket had changed hands or was issued anew',
    so: 'Cleo came in with a code from before she gave it away',
    doctor: (story) => {
      Object.assign(answered(story, 'scan-3'), { verdict: 'allow', reason: null })
    },
  },
  {
    breaks: 'no code opened once its ticket had changed hands or was issued anew',
    so: 'the code from before the new one opened',
    doctor: (story) => {
      story.exchanges.push({
        ...exchange(story, 'desk/admin/tickets/ticket-3/lock'),
        path: '/admin/tickets/ticket-3/reissue',
        ask: 'desk-9',
        key: 'desk-9',
      })
      Object.assign(answered(story, 'scan-4'), { verdict: 'allow', reason: null })
    },
  },
  {
    breaks: 'nobody was shown a code of a ticket that they had given away or sold',
    so: 'Dan, who sold it, sees its code',
    doctor: (story) => {
      story.exchanges.push({
        ...exchange(story, 'cleo/tickets/ticket-2/qr'),
        client: 'dan',
        ask: 'dan-9',
        sent: exchange(story, 'scan-4').sent,
        received: exchange(story, 'scan-4').received,
        body: { code: 'code-9', expiresAt: '2026-05-01T18:10:00.000Z' },
      })
    },
  },
  {
    breaks: 'no gate let in a ticket that was locked, stolen or closed',
    so: 'the locked one came in',
    doctor: (story) => {
      Object.assign(answered(story, 'scan-4'), { verdict: 'allow', reason: null })
    },
  },
  {
    breaks:
      'a live code at its own gate is denied only to a ticket that is inside, was passed on, or has something in its way',
    so: 'it was denied as locked, and nobody had locked it',
    doctor: (story) => {
      Object.assign(answered(story, 'scan-3'), { reason: 'locked' })
    },
  },
  {
    breaks:
      'a live code at its own gate is denied only to a ticket that is inside, was passed on, or has something in its way',
    so: 'it was denied as given away, and is still hers',
    doctor: (story) => {
      Object.assign(answered(story, 'scan-4'), { reason: 'transferred_code' })
    },
  },
  {
    breaks: 'a lock stands until it is lifted, and a ticket that is locked does not move',
    so: 'it is gone by itself',
    doctor: (story) => {
      Object.assign(story.books.tickets.cleo![0]!, { locks: [] })
    },
  },
  {
    breaks: 'a lock stands until it is lifted, and a ticket that is locked does not move',
    so: 'it was given away all the same',
    doctor: (story) => {
      story.exchanges.push({
        ...exchange(story, 'desk/admin/tickets/ticket-5/refund'),
        client: 'cleo',
        wish: 'give',
        path: '/transfer',
        ask: 'cleo-9',
        key: 'cleo-9',
        request: { ticketId: 'ticket-3' },
        body: { offerId: 'offer-9', ticketId: 'ticket-3', acceptanceCode: null },
      })
    },
  },
  {
    breaks: 'what was bought with a payment that is disputed, or was lost, is locked, and with one that was won is not',
    so: "Fay's is open",
    doctor: (story) => {
      Object.assign(story.books.tickets.fay![0]!, { locks: [] })
    },
  },
  {
    breaks: 'what was bought with a payment that is disputed, or was lost, is locked, and with one that was won is not',
    so: 'it was won, and stays locked',
    doctor: (story) => {
      Object.assign(exchange(story, 'desk/sandbox/payments/pay-f/dispute'), { request: { outcome: 'won' } })
    },
  },
  {
    breaks:
      'what is for sale is held, and neither locked, reported, offered nor being bought; and its holder sees it so',
    so: "Eve's is locked",
    doctor: (story) => {
      Object.assign(eves(story), { locks: [{ lockId: 'lock-9', reason: 'dispute' }] })
    },
  },
  {
    breaks:
      'what is for sale is held, and neither locked, reported, offered nor being bought; and its holder sees it so',
    so: 'it is for sale at a price that Eve does not ask',
    doctor: (story) => {
      Object.assign(story.books.events[1]!.listings[0]!, { price: { amount: 4_400, currency: 'EUR' } })
    },
  },
  {
    breaks:
      'what is for sale is held, and neither locked, reported, offered nor being bought; and its holder sees it so',
    so: 'nobody but Eve sees that it is for sale',
    doctor: (story) => {
      story.books.events[1]!.listings = []
    },
  },
  {
    breaks: 'no ticket is kept for a buyer whose order is over',
    so: 'a buyer has gone, and Eve can do nothing with it',
    doctor: (story) => {
      Object.assign(eves(story).listing!, { isClaimed: true })
    },
  },
  {
    breaks:
      'of every resale seller, venue and platform have what was paid, to the cent, as long as it is not given back',
    so: 'Dan has a cent too little',
    doctor: (story) => {
      Object.assign(story.books.shares[0]!, { share: { amount: 3_699, currency: 'EUR' } })
    },
  },
  {
    breaks:
      'of every resale seller, venue and platform have what was paid, to the cent, as long as it is not given back',
    so: 'Dan has nothing of it',
    doctor: (story) => {
      story.books.shares = []
    },
  },
  {
    breaks:
      'of every resale seller, venue and platform have what was paid, to the cent, as long as it is not given back',
    so: "what is Dan's went to Cleo",
    doctor: (story) => {
      Object.assign(story.books.shares[0]!, { sellerId: 'cleo' })
    },
  },
  {
    breaks:
      'of every resale seller, venue and platform have what was paid, to the cent, as long as it is not given back',
    so: 'an order has a seller that was no resale',
    doctor: (story) => {
      story.books.shares.push({ ...story.books.shares[0]!, orderId: 'order-c' })
    },
  },
]
