import type { Words } from './words.ts'

export const english: Words = {
  hello: (name) => (name === null ? 'Hello,' : `Hello ${name},`),
  orderNumber: (id) => `Order number: ${id}`,
  ticketNumber: (id) => `Ticket number: ${id}`,
  offerNumber: (id) => `Offer number: ${id}`,
  somebody: 'Somebody',
  total: 'Total',
  included: (tax) => `including ${tax}`,
  toYourTickets: 'To your tickets',
  confirmed: {
    subject: (event) => `Your tickets: ${event}`,
    intro: 'Your order is confirmed. You have tickets for:',
  },
  cancelled: {
    subject: (event) => `Your order was cancelled: ${event}`,
    intro: (event) => `Your order of tickets for ${event} was cancelled, and you have no tickets from it.`,
  },
  refunded: {
    subject: (event) => `Your order was refunded: ${event}`,
    intro: (event) => `We could not give you the tickets for ${event} that you paid for. We are sorry.`,
  },
  reason: {
    limit_reached: 'It would have been more tickets than one person may buy.',
    tickets_taken: 'The tickets went to somebody else.',
    lapsed: 'The payment did not arrive while the tickets were kept for you.',
    cancelled: 'This was done at your request, or by the organizer.',
    not_chargeable: 'The payment provider does not charge this amount.',
    payment_declined: 'The payment was declined.',
    capture_refused: 'The payment could not be collected.',
    reservation_lost: 'The tickets could not be kept for you until the payment was complete.',
    event_cancelled: 'The event was cancelled.',
  },
  moneyBack: (amount) => `${amount} is on its way back to you, by the means you paid with. This can take a few days.`,
  notCharged:
    'You were not charged. Should your bank show the amount as reserved, it sets it free again within a few days.',

  offered: {
    subject: (event) => `A ticket is offered to you: ${event}`,
    intro: (giver) => `${giver} wants to give you a ticket. It is yours once you accept it. It is for:`,
    code: 'To accept it, show this code. It is for you alone:',
    until: (time) => `The offer stands until ${time}. You need not do anything if you do not want the ticket.`,
    link: 'To the offer',
  },
  offerEnded: {
    subject: (event) => `Your offer has ended: ${event}`,
    reason: {
      lapsed: 'The ticket that you offered was not accepted in time.',
      declined: 'The ticket that you offered was declined.',
      too_many_tries: 'The ticket that you offered was not given away: a wrong code was shown too often.',
      locked: 'The ticket that you offered was locked, and so could not be given away.',
    },
    yours: 'It is still yours.',
  },
  offerGone: {
    subject: (event) => `An offer to you has ended: ${event}`,
    intro:
      'A ticket that was offered to you is not on offer any more, and the code that you were sent no longer works.',
  },
  handedOver: {
    subject: (event) => `Your ticket has changed hands: ${event}`,
    intro: 'The ticket that you gave away now belongs to whom you gave it to. Your code for it no longer works.',
  },
  received: {
    subject: (event) => `You have a ticket: ${event}`,
    intro: (giver) => `${giver} gave you a ticket, and it is yours now. It is for:`,
    code: 'You find its code with your tickets. No other code for it works any more.',
  },
  sold: {
    subject: (event) => `Your ticket is sold: ${event}`,
    intro: 'The ticket that you listed has found a buyer and belongs to them now. Your code for it no longer works.',
    price: 'Price',
    yours: 'Your share',
    paidAfterTheEvent: 'Your share is paid out to you after the event.',
    paidFrom: (day) => `Your share is paid out to you from ${day} on.`,
  },

  locked: {
    subject: (event) => `Your ticket is locked: ${event}`,
    intro: 'Your ticket is locked. As long as it is, it does not admit anybody, and it cannot be given away or sold.',
    reason: {
      fraud_investigation: 'It is being looked into whether everything about it is in order.',
      chargeback_pending:
        'A payment that was made for it is in question with the bank. This says nothing about you; it is settled between the bank and whoever paid.',
      dispute: 'There is a dispute about it, which is being settled.',
      admin_request: 'The organizer asked for this.',
      event_policy: 'The rules of the event require this.',
      legal_hold: 'The law requires this.',
    },
  },
  unlocked: {
    subject: (event) => `Your ticket is unlocked: ${event}`,
    intro: 'Your ticket is not locked any more and is good again.',
  },
  reported: {
    subject: (event) => `We have your report: ${event}`,
    intro: {
      lost: 'You reported this ticket lost.',
      stolen: 'You reported this ticket stolen. It does not admit anybody while we look into it.',
    },
    next: 'We will check who you are and tell you what comes of it. If you find it again, withdraw your report.',
  },
  reportRejected: {
    subject: (event) => `Your report was rejected: ${event}`,
    intro: 'We looked into your report that this ticket was lost or stolen, and it gets no new code.',
    next: 'The ticket is as it was before: it is yours, and its code works. Please turn to the organizer if this is a mistake.',
  },
  reissued: {
    subject: (event) => `Your ticket has a new code: ${event}`,
    intro: 'Your ticket was issued anew. The code that it had before no longer works, wherever it is.',
    next: 'You find the new code with your tickets. Printouts and passes with the old one are of no use any more.',
  },

  ticketRefunded: {
    subject: (event) => `A ticket was refunded: ${event}`,
    intro: {
      holder: 'Your ticket was refunded and is not valid any more.',
      payer: 'A ticket that you once paid for was refunded and is not valid any more.',
      seller: 'A ticket that you once sold was refunded to its buyer.',
    },
  },
  eventCancelled: {
    subject: (event) => `Cancelled: ${event}`,
    intro: {
      holder: 'The event does not take place, and your ticket is not valid any more. We are sorry.',
      payer: 'The event does not take place, and a ticket that you once paid for is not valid any more. We are sorry.',
      seller: 'The event does not take place, and a ticket that you once sold is refunded to its buyer.',
    },
    reason: {
      organizer: 'The organizer had to cancel it.',
      performer: 'Those who were to perform cannot.',
      weather: 'The weather does not allow it.',
      safety: 'It would not be safe.',
      authorities: 'The authorities do not allow it.',
      other: 'There is no more to say about why.',
    },
  },
  shareTakenBack: (amount) => `You sold it on: ${amount}, your share of that sale, goes back to the buyer.`,
  revoked: {
    subject: (event) => `Your ticket was withdrawn: ${event}`,
    intro: 'Your ticket was withdrawn and is not valid any more.',
    reason: {
      fraud: 'It was found that it had not come about honestly.',
      terms_violated: 'The terms that it was sold under were not kept.',
      chargeback: 'A payment that was made for it was taken back.',
      admin_request: 'The organizer asked for this.',
    },
  },
  rescheduled: {
    subject: (event) => `New time: ${event}`,
    intro: 'The event that you have a ticket for takes place at another time. Your ticket is good for the new one:',
    before: (time) => `Before, it was to be: ${time}`,
    refundsUntil: (time) => `If you cannot come, you can give the ticket back, fees included, until ${time}.`,
  },
}
