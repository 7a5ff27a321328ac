import type { Decider } from '../decider.ts'
import type { TicketFact } from './facts.ts'
import { admit, type GateCommand, type GateRefusal } from './gate.ts'
import { extend, refund, release, reserve, type SaleCommand, type SaleRefusal, sell } from './sale.ts'
import { evolve, initial, type Ticket } from './state.ts'

export type TicketCommand = SaleCommand | GateCommand
export type TicketRefusal = SaleRefusal | GateRefusal

export const ticket: Decider<TicketCommand, TicketFact, Ticket, TicketRefusal> = {
  category: 'ticket',
  initial,
  evolve,
  decide: (c, t) => {
    switch (c.type) {
      case 'ReserveTicket':
        return reserve(c, t)
      case 'ExtendReservation':
        return extend(c, t)
      case 'ReleaseReservation':
        return release(c, t)
      case 'SellTicket':
        return sell(c, t)
      case 'RefundTicket':
        return refund(c, t)
      case 'AdmitTicket':
        return admit(c, t)
    }
  },
}
