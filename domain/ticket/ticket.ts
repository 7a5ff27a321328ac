import type { Decider } from '../decider.ts'
import { type CopyCommand, type CopyRefusal, doubt, followWallet, leaveChain, repair, settle } from './copying.ts'
import type { TicketFact } from './facts.ts'
import { admit, type GateCommand, type GateRefusal } from './gate.ts'
import { extend, refund, release, reserve, type SaleCommand, type SaleRefusal, sell } from './sale.ts'
import { evolve, initial, type Ticket } from './state.ts'

export type TicketCommand = SaleCommand | GateCommand | CopyCommand
export type TicketRefusal = SaleRefusal | GateRefusal | CopyRefusal

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
      case 'SettleTicket':
        return settle(c, t)
      case 'DoubtTicket':
        return doubt(c, t)
      case 'RepairTicket':
        return repair(c, t)
      case 'FollowWallet':
        return followWallet(c, t)
      case 'LeaveChain':
        return leaveChain(c, t)
    }
  },
}
