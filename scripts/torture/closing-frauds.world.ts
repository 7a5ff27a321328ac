import { answered, exchange, type Fraud } from './frauds.world.ts'
import type { Doctored } from './story.world.ts'

const eves = (story: Doctored) => story.books.tickets.eve![0]!
const calledOff = (story: Doctored) => story.books.events[2]!

/** Of tickets that are given back or called off, and of what is told of all that moves. */
export const closingFrauds: readonly Fraud[] = [
  {
    breaks: 'no money went back but for a ticket that is closed, and none is closed for money that did not go back',
    so: 'Gus has both',
    doctor: (story) => {
      Object.assign(story.books.tickets.gus![0]!, { status: 'ACTIVE' })
    },
  },
  {
    breaks: 'no money went back but for a ticket that is closed, and none is closed for money that did not go back',
    so: 'Gus has neither',
    doctor: (story) => {
      Object.assign(story.books.orders.find(({ orderId }) => orderId === 'order-g')!.payments![0]!, { refunded: 0 })
    },
  },
  {
    breaks: 'no money went back but for a ticket that is closed, and none is closed for money that did not go back',
    so: 'his money is still on its way',
    doctor: (story) => {
      const none = { count: 0, money: { amount: 0, currency: 'EUR' } }
      story.books.events[1]!.closing.refunds.push({ open: { ...none, count: 1 }, paid: none, otherwise: none })
    },
  },
  {
    breaks: 'nobody paid without a ticket or their money back, and nobody has a ticket without paying',
    so: 'Gus got the fees back, too',
    doctor: (story) => {
      Object.assign(story.books.orders.find(({ orderId }) => orderId === 'order-g')!.payments![0]!, { refunded: 2_800 })
    },
  },
  {
    breaks: 'a cancelled event has no ticket left that is held, and all that was paid for those it closed is back',
    so: 'Fay still has hers',
    doctor: (story) => {
      Object.assign(story.books.tickets.fay![1]!, { status: 'ACTIVE' })
    },
  },
  {
    breaks: 'a cancelled event has no ticket left that is held, and all that was paid for those it closed is back',
    so: 'its price is kept',
    doctor: (story) => {
      Object.assign(calledOff(story).orders[0]!.payments![0]!, { refunded: 0 })
    },
  },
  {
    breaks: 'a cancelled event has no ticket left that is held, and all that was paid for those it closed is back',
    so: 'a ticket is left that nobody is told of',
    doctor: (story) => {
      Object.assign(calledOff(story).closing.tickets, { held: 1 })
    },
  },
  {
    breaks: 'a cancelled event has no ticket left that is held, and all that was paid for those it closed is back',
    so: 'it can still be bought',
    doctor: (story) => {
      calledOff(story).listings.push({
        listingId: 'listing-9',
        ticketId: 'ticket-6',
        price: { amount: 1, currency: 'EUR' },
        isClaimed: false,
      })
    },
  },
  {
    breaks: 'once it is quiet, what is available can be bought, and nothing else',
    so: 'a ticket to what was called off was sold',
    doctor: (story) => {
      Object.assign(story.lastSales[2]!, { ended: 'confirmed' })
    },
  },
  {
    breaks: 'every journal adds up, order by order, event by event, venue by venue',
    so: "Dan's part is the platform's",
    doctor: (story) => {
      Object.assign(story.books.events[1]!.settlement[0]!, {
        fees: { amount: 4_600, currency: 'EUR' },
        sellers: { amount: 0, currency: 'EUR' },
      })
    },
  },
  {
    breaks: 'every journal adds up, order by order, event by event, venue by venue',
    so: 'the venue keeps what Gus got back',
    doctor: (story) => {
      story.books.venues[0]!.postings = story.books.venues[0]!.postings.filter(
        ({ orderId, money }) => orderId !== 'order-g' || money.amount > 0,
      )
    },
  },
  {
    breaks: 'every sale that was acknowledged has its tickets, but those that somebody wanted closed',
    so: "Cleo's was taken away, and nobody wanted it",
    doctor: (story) => {
      Object.assign(story.books.tickets.cleo![0]!, { status: 'REVOKED' })
    },
  },
  {
    breaks: 'nobody has a ticket but out of a confirmed order',
    so: "Eve's is out of an order of Gus'",
    doctor: (story) => {
      Object.assign(eves(story), { orderId: 'order-g' })
    },
  },
  {
    breaks: 'an order ends without tickets only for what its client did',
    so: 'it is of an event that takes place',
    doctor: (story) => {
      Object.assign(story.books.orders.find(({ orderId }) => orderId === 'order-b')!, { reason: 'event_cancelled' })
    },
  },
  {
    breaks: 'no slot had two holders at once',
    so: "Gus' place was sold before he gave it back",
    doctor: (story) => {
      story.exchanges.push({
        ...exchange(story, 'gus-sees-order-g'),
        client: 'bob',
        ask: 'bob-9',
        body: { ...answered(story, 'gus-sees-order-g'), orderId: 'order-z' },
      })
    },
  },
  {
    breaks: 'the same key got the same answer',
    so: 'what was listed is another listing the second time',
    doctor: (story) => {
      story.exchanges.push({
        ...exchange(story, 'dan/listings'),
        received: exchange(story, 'dan/listings').received + 1,
        body: { listingId: 'listing-9', ticketId: 'ticket-2' },
      })
    },
  },
  {
    breaks: 'the same key got the same answer',
    so: 'what was given is refused the second time',
    doctor: (story) => {
      story.exchanges.push({
        ...exchange(story, 'cleo/transfers/gift'),
        received: exchange(story, 'cleo/transfers/gift').received + 1,
        status: 409,
        body: { code: 'TicketIsOffered' },
      })
    },
  },
  {
    breaks: 'the same key with another body was refused',
    so: "Cleo's gift went to Eve, too",
    doctor: (story) => {
      Object.assign(exchange(story, 'cleo-again'), { status: 201, body: answered(story, 'cleo/transfers/gift') })
    },
  },
  {
    breaks: 'every list says what the ledger says, and knows no order that nobody asked for',
    so: 'staff see nothing of what Eve reported',
    doctor: (story) => {
      Object.assign(eves(story), { report: { kind: 'lost' } })
    },
  },
  {
    breaks: 'read models that are built anew say the same',
    so: "the history of Cleo's gift is gone",
    doctor: (story) => {
      story.rebuilt.transfers.cleo = []
    },
  },
]
