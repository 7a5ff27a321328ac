import type { Decider } from '../decider.ts'
import { type ClosingCommand, type ClosingRefusal, cancel, expire, refund, reschedule, revoke } from './closing.ts'
import { type CopyCommand, type CopyRefusal, doubt, followWallet, leaveChain, repair, settle } from './copying.ts'
import type { TicketFact } from './facts.ts'
import { admit, type GateCommand, type GateRefusal } from './gate.ts'
import { accept, closeOffer, type GivingCommand, type GivingRefusal, offer, transfer, tryOffer } from './giving.ts'
import { type LockCommand, type LockRefusal, lock, unlock } from './locking.ts'
import {
  claim,
  delist,
  extendClaim,
  list,
  type MarketCommand,
  type MarketRefusal,
  releaseClaim,
  reprice,
  resell,
} from './market.ts'
import {
  checkIdentity,
  type ReissueCommand,
  type ReissueRefusal,
  reissue,
  rejectReport,
  report,
  withdrawReport,
} from './reissuing.ts'
import { extend, release, reserve, type SaleCommand, type SaleRefusal, sell, undoSale } from './sale.ts'
import { evolve, initial, type Ticket } from './state.ts'

export type TicketCommand =
  | SaleCommand
  | GateCommand
  | CopyCommand
  | GivingCommand
  | MarketCommand
  | LockCommand
  | ReissueCommand
  | ClosingCommand

export type TicketRefusal =
  | SaleRefusal
  | GateRefusal
  | CopyRefusal
  | GivingRefusal
  | MarketRefusal
  | LockRefusal
  | ReissueRefusal
  | ClosingRefusal

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
      case 'UndoSale':
        return undoSale(c, t)
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
      case 'OfferTicket':
        return offer(c, t)
      case 'TransferTicket':
        return transfer(c, t)
      case 'AcceptOffer':
        return accept(c, t)
      case 'TryOffer':
        return tryOffer(c, t)
      case 'CloseOffer':
        return closeOffer(c, t)
      case 'ListTicket':
        return list(c, t)
      case 'RepriceListing':
        return reprice(c, t)
      case 'DelistTicket':
        return delist(c, t)
      case 'ClaimTicket':
        return claim(c, t)
      case 'ExtendClaim':
        return extendClaim(c, t)
      case 'ReleaseClaim':
        return releaseClaim(c, t)
      case 'ResellTicket':
        return resell(c, t)
      case 'LockTicket':
        return lock(c, t)
      case 'UnlockTicket':
        return unlock(c, t)
      case 'ReportTicket':
        return report(c, t)
      case 'WithdrawReport':
        return withdrawReport(c, t)
      case 'RejectReport':
        return rejectReport(c, t)
      case 'CheckIdentity':
        return checkIdentity(c, t)
      case 'ReissueTicket':
        return reissue(c, t)
      case 'RefundTicket':
        return refund(c, t)
      case 'RevokeTicket':
        return revoke(c, t)
      case 'CancelTicket':
        return cancel(c, t)
      case 'ExpireTicket':
        return expire(c, t)
      case 'RescheduleTicket':
        return reschedule(c, t)
    }
  },
}
