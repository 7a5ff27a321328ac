import type { OrderAnswer } from './history.ts'
import type { Doctored } from './story.world.ts'

/** A change to a sound story, and the invariant that it breaks. */
export type Fraud = { readonly breaks: string; readonly so: string; readonly doctor: (story: Doctored) => void }

export const exchange = (story: Doctored, ask: string) => story.exchanges.findLast((one) => one.ask === ask)!
export const answered = <T extends object = OrderAnswer>(story: Doctored, ask: string) =>
  exchange(story, ask).body as T & Record<string, unknown>
const gala = (story: Doctored) => story.books.events[0]!
const [ANNS, BOBS] = [0, 1] as const

/** Of sales, slots, gates and money. */
export const frauds: readonly Fraud[] = [
  {
    breaks: 'no slot had two holders at once',
    so: 'Bob was told of the place that Ann has',
    doctor: (story) => {
      Object.assign(answered(story, 'bob-1'), { lines: answered(story, 'ann-1').lines })
      story.exchanges.push({ ...exchange(story, 'bob-1'), ask: 'bob-9', sent: exchange(story, 'bob-1').sent + 800 })
    },
  },
  {
    breaks: 'nobody bought more tickets than the event allows a person',
    so: 'Ann has two of a kind of which one is allowed',
    doctor: (story) => gala(story).orders.push({ ...gala(story).orders[ANNS]!, orderId: 'order-x' }),
  },
  {
    breaks: 'the availability is what the clients hold',
    so: 'a place is counted as sold that nobody has',
    doctor: (story) => Object.assign(gala(story).availability.pools[0]!, { available: 1, sold: 2 }),
  },
  {
    breaks: 'the availability is what the clients hold',
    so: 'a place stays reserved for nobody',
    doctor: (story) => Object.assign(gala(story).availability.types[0]!, { available: 1, reserved: 1 }),
  },
  {
    breaks: 'once it is quiet, what is available can be bought, and nothing else',
    so: 'a free place was called sold out',
    doctor: (story) => Object.assign(story.lastSales[0]!, { ended: 'SoldOut' }),
  },
  {
    breaks: 'once it is quiet, what is available can be bought, and nothing else',
    so: 'one too many was sold',
    doctor: (story) => Object.assign(story.lastSales[1]!, { ended: 'confirmed' }),
  },
  {
    breaks: 'every sale that was acknowledged has its tickets, but those that somebody wanted closed',
    so: 'the order is gone back on',
    doctor: (story) => Object.assign(story.books.orders[ANNS]!, { status: 'refunded' }),
  },
  {
    breaks: 'every sale that was acknowledged has its tickets, but those that somebody wanted closed',
    so: 'the ticket is nowhere',
    doctor: (story) => {
      story.books.tickets.ann = []
    },
  },
  {
    breaks: 'every sale that was acknowledged has its tickets, but those that somebody wanted closed',
    so: 'the ticket is at another place than was sold',
    doctor: (story) => Object.assign(story.books.tickets.ann![0]!, { slot: 'pool:GA:3' }),
  },
  {
    breaks: 'nobody has a ticket but out of a confirmed order',
    so: 'Bob has one of an order that was declined',
    doctor: (story) =>
      story.books.tickets.bob!.push({ ...story.books.tickets.ann![0]!, ticketId: 'ticket-2', orderId: 'order-b' }),
  },
  {
    breaks: 'an order never goes back, and what has ended stays as it ended',
    so: 'what was confirmed is unpaid a second later',
    doctor: (story) => {
      const seen = exchange(story, 'ann-3')
      const body = { ...answered(story, 'ann-3'), status: 'authorising' }
      story.exchanges.push({ ...seen, ask: 'ann-9', sent: seen.sent + 1_000, received: seen.received + 1_000, body })
    },
  },
  {
    breaks: 'every order has ended',
    so: 'one is still selling',
    doctor: (story) => Object.assign(story.books.orders[BOBS]!, { status: 'selling' }),
  },
  {
    breaks: 'an order ends without tickets only for what its client did',
    so: 'Bob never cancelled',
    doctor: (story) => Object.assign(story.books.orders[BOBS]!, { reason: 'cancelled' }),
  },
  {
    breaks: 'an order ends without tickets only for what its client did',
    so: 'Bob paid in time, and his order lapsed',
    doctor: (story) => {
      Object.assign(exchange(story, 'bob-pay'), { status: 202, request: { card: 'webhook_lost' } })
      Object.assign(story.books.orders[BOBS]!, { reason: 'lapsed' })
    },
  },
  {
    breaks: 'an order ends without tickets only for what its client did',
    so: 'a reservation was lost before it was over',
    doctor: (story) => Object.assign(story.books.orders[BOBS]!, { reason: 'reservation_lost' }),
  },
  {
    breaks: 'nobody paid without a ticket or their money back, and nobody has a ticket without paying',
    so: "Bob's money was taken for nothing",
    doctor: (story) => Object.assign(story.books.orders[BOBS]!.payments![0]!, { status: 'captured' }),
  },
  {
    breaks: 'nobody paid without a ticket or their money back, and nobody has a ticket without paying',
    so: "Bob's money stays blocked",
    doctor: (story) => Object.assign(story.books.orders[BOBS]!.payments![0]!, { status: 'authorised' }),
  },
  {
    breaks: 'nobody paid without a ticket or their money back, and nobody has a ticket without paying',
    so: 'Ann came in for free',
    doctor: (story) => Object.assign(story.books.orders[ANNS]!.payments![0]!, { refunded: 2_800 }),
  },
  {
    breaks: 'every journal adds up, order by order, event by event, venue by venue',
    so: 'the venue is owed a cent more',
    doctor: (story) => Object.assign(gala(story).settlement[0]!.venueNet, { amount: 2_501 }),
  },
  {
    breaks: 'every journal adds up, order by order, event by event, venue by venue',
    so: "the venue was posted Bob's order",
    doctor: (story) =>
      story.books.venues[0]!.postings.push({ ...story.books.venues[0]!.postings[0]!, orderId: 'order-b' }),
  },
  {
    breaks: 'every journal adds up, order by order, event by event, venue by venue',
    so: 'an order cost more than its lines',
    doctor: (story) => Object.assign(story.books.orders[BOBS]!.total, { amount: 2_801 }),
  },
  {
    breaks: 'a ticket was admitted once, and the gates, the log and the ticket say the same',
    so: 'two gates let it in',
    doctor: (story) => Object.assign(answered(story, 'gate-3'), { verdict: 'allow', reason: null }),
  },
  {
    breaks: 'a ticket was admitted once, and the gates, the log and the ticket say the same',
    so: 'the ticket knows nothing of it',
    doctor: (story) => Object.assign(story.books.tickets.ann![0]!, { admissions: null }),
  },
  {
    breaks: 'a ticket was admitted once, and the gates, the log and the ticket say the same',
    so: 'the log has lost an admission',
    doctor: (story) => gala(story).scans.shift(),
  },
  {
    breaks: 'a ticket was admitted once, and the gates, the log and the ticket say the same',
    so: 'it was turned away as used before anybody used it',
    doctor: (story) => {
      for (const ask of ['gate-1', 'gate-2'])
        Object.assign(answered(story, ask), { verdict: 'deny', reason: 'replayed_code' })
    },
  },
  {
    breaks: 'the attendance is what the gates let in',
    so: 'one more was counted than came',
    doctor: (story) => Object.assign(gala(story).attendance, { admitted: 2 }),
  },
  {
    breaks:
      'a live code at its own gate is denied only to a ticket that is inside, was passed on, or has something in its way',
    so: 'a genuine code was taken for a forgery',
    doctor: (story) => Object.assign(answered(story, 'gate-3'), { reason: 'bad_code' }),
  },
  {
    breaks: 'nothing answered 500, and no process ended by itself',
    so: 'a request broke, and was answered the second time',
    doctor: (story) => Object.assign(story.exchanges[0]!, { status: 500 }),
  },
  {
    breaks: 'nothing answered 500, and no process ended by itself',
    so: 'a process fell over',
    doctor: (story) => story.faults.push({ fault: 'ended by itself with 1', process: 'counterfoil', at: 0 }),
  },
  {
    breaks: 'everybody who went on asking was answered',
    so: 'Bob was put off for ever',
    doctor: (story) => Object.assign(exchange(story, 'bob-2'), { status: 503 }),
  },
  {
    breaks: 'the same key got the same answer',
    so: 'a repeated order is another order',
    doctor: (story) =>
      story.exchanges.push({ ...exchange(story, 'ann-1'), body: { ...answered(story, 'ann-1'), orderId: 'order-x' } }),
  },
  {
    breaks: 'the same key got the same answer',
    so: 'a repeated order was refused without a word of the first',
    doctor: (story) => Object.assign(answered<{ detail: string }>(story, 'bob-3'), { detail: 'Sold out.' }),
  },
  {
    breaks: 'the same key got the same answer',
    so: 'who was let in is denied when the gate asks again',
    doctor: (story) => Object.assign(answered(story, 'gate-2'), { verdict: 'deny', reason: 'replayed_code' }),
  },
  {
    breaks: 'the same key got the same answer',
    so: 'a venue was registered twice',
    doctor: (story) => Object.assign(answered(story, 'olga-2'), { venueId: 'venue-2' }),
  },
  {
    breaks: 'the same key with another body was refused',
    so: 'it was answered with the first order',
    doctor: (story) => Object.assign(exchange(story, 'ann-2'), { status: 201 }),
  },
  {
    breaks: 'every list says what the ledger says, and knows no order that nobody asked for',
    so: 'an order is listed that nobody placed',
    doctor: (story) => gala(story).orders.push({ ...gala(story).orders[BOBS]!, orderId: 'order-x' }),
  },
  {
    breaks: 'every list says what the ledger says, and knows no order that nobody asked for',
    so: 'a list is behind the ledger for good',
    doctor: (story) => Object.assign(gala(story).orders[BOBS]!, { status: 'reverting' }),
  },
  {
    breaks: 'every list says what the ledger says, and knows no order that nobody asked for',
    so: 'the view of a slot differs',
    doctor: (story) => gala(story).differences.push({ slot: 'pool:GA:2' }),
  },
  {
    breaks: 'every list says what the ledger says, and knows no order that nobody asked for',
    so: 'a reservation was left behind',
    doctor: (story) => story.books.orphans.push({ ticketId: 'ticket-2' }),
  },
  {
    breaks: 'read models that are built anew say the same',
    so: "Ann's ticket is gone",
    doctor: (story) => {
      story.rebuilt.tickets.ann = []
    },
  },
  {
    breaks: 'the chain names the holder and state of every ticket that the ledger does, and no other',
    so: 'somebody else holds her token',
    doctor: (story) => story.mismatches.push({ cause: 'holder_differs', ticketId: 'ticket-1' } as never),
  },
  {
    breaks: 'the chain names the holder and state of every ticket that the ledger does, and no other',
    so: 'her ticket never came there',
    doctor: (story) => Object.assign(story.books.tickets.ann![0]!, { chain: { state: 'pending' } }),
  },
]
