import type { Card, Dispute, PaymentSeen } from '../../commands/payments.ts'
import type { Money } from '../../domain/money.ts'
import { closeSqlite, openSqlite, transaction } from '../sqlite/open.ts'

// A payment voided before it was requested has neither amount nor currency.
const SCHEMA = `
  create table if not exists payment (
    payment_id text primary key, amount integer, currency text,
    status text not null, card text, reason text, due_at text,
    dispute_id text, dispute_reason text, dispute_status text
  ) strict, without rowid;
  create table if not exists entry (payment_id text primary key, entry_id text not null) strict, without rowid;
  create table if not exists refund (
    payment_id text, refund_id text, amount integer not null, primary key (payment_id, refund_id)
  ) strict, without rowid;
  create table if not exists transfer (
    transfer_id text primary key, payment_id text not null, account text not null, amount integer not null
  ) strict, without rowid;
  create table if not exists reversal (
    transfer_id text, reversal_id text, amount integer not null, primary key (transfer_id, reversal_id)
  ) strict, without rowid;
  create index if not exists transfer_by_payment on transfer (payment_id);
  create index if not exists payment_to_tell on payment (payment_id) where due_at is not null or dispute_id is not null`

type Status = Exclude<PaymentSeen['status'], 'unknown'>

export type Kept = {
  readonly amount: number | null
  readonly currency: string | null
  readonly status: Status
  readonly card: Card | null
  /** Of the request that the card was entered with. */
  readonly entryId: string | null
  readonly reason: string | null
  /** When the next thing happens of itself: a late authorisation, or a dispute. */
  readonly dueAt: string | null
  readonly disputeId: string | null
  readonly disputeReason: string | null
  readonly disputeStatus: Dispute['status'] | null
  readonly refunded: number
}

export type KeptTransfer = {
  readonly paymentId: string
  readonly account: string
  readonly amount: number
  readonly reversed: number
}

type Entry = {
  readonly entryId: string
  readonly card: Card
  readonly reason: string | null
  readonly status: Status
  readonly dueAt: string | null
}

/** What the sandbox bank remembers, in a file that processes may share. It records what it is told; the rules are the bank's. */
export const sandboxBooks = (path: string) => {
  const db = openSqlite(path, { what: 'the sandbox bank', synchronous: 'normal', schema: SCHEMA })
  const open = db.prepare(
    `insert into payment (payment_id, status, amount, currency) values (?, 'pending', ?, ?) on conflict do nothing`,
  )
  const openVoided = db.prepare(`insert into payment (payment_id, status) values (?, 'voided')`)
  const find = db.prepare(`
    select amount, currency, status, card, reason, due_at as dueAt, dispute_id as disputeId,
      dispute_reason as disputeReason, dispute_status as disputeStatus,
      (select coalesce(sum(amount), 0) from refund where refund.payment_id = payment.payment_id) as refunded,
      (select entry_id from entry where entry.payment_id = payment.payment_id) as entryId
    from payment where payment_id = ?`)
  const move = db.prepare('update payment set status = ?, due_at = ? where payment_id = ?')
  const enter = db.prepare('update payment set status = ?, card = ?, reason = ?, due_at = ? where payment_id = ?')
  const keepEntry = db.prepare('insert into entry (payment_id, entry_id) values (?, ?)')
  const openDispute = db.prepare(
    `update payment set dispute_id = ?, dispute_reason = ?, dispute_status = 'open', due_at = null where payment_id = ?`,
  )
  const closeDispute = db.prepare('update payment set dispute_status = ? where payment_id = ?')
  const toTell = db.prepare(
    'select payment_id as paymentId, due_at as dueAt from payment where due_at is not null or dispute_id is not null',
  )
  const refundOf = db.prepare('select amount from refund where payment_id = ? and refund_id = ?')
  const refund = db.prepare('insert into refund (payment_id, refund_id, amount) values (?, ?, ?)')

  const findTransfer = db.prepare(`
    select payment_id as paymentId, account, amount,
      (select coalesce(sum(amount), 0) from reversal where reversal.transfer_id = transfer.transfer_id) as reversed
    from transfer where transfer_id = ?`)
  const transferred = db.prepare('select coalesce(sum(amount), 0) as amount from transfer where payment_id = ?')
  const transfer = db.prepare('insert into transfer (transfer_id, payment_id, account, amount) values (?, ?, ?, ?)')
  const reversalOf = db.prepare('select amount from reversal where transfer_id = ? and reversal_id = ?')
  const reverse = db.prepare('insert into reversal (transfer_id, reversal_id, amount) values (?, ?, ?)')
  const amountIn = (row: unknown) => (row as { amount: number } | undefined)?.amount

  return {
    /** What is read in it still holds when it writes: no other process comes in between. */
    atomically: <T>(change: () => T): T => transaction(db, change),
    /** Leaves a payment that is there already as it is. */
    open: (paymentId: string, { amount, currency }: Money) => open.run(paymentId, amount, currency),
    openVoided: (paymentId: string) => openVoided.run(paymentId),
    find: (paymentId: string) => find.get(paymentId) as Kept | undefined,
    move: (paymentId: string, status: Status, dueAt: string | null) => move.run(status, dueAt, paymentId),
    enter: (paymentId: string, { entryId, status, card, reason, dueAt }: Entry) => {
      enter.run(status, card, reason, dueAt, paymentId)
      keepEntry.run(paymentId, entryId)
    },
    openDispute: (paymentId: string, id: string, reason: string) => openDispute.run(id, reason, paymentId),
    closeDispute: (paymentId: string, outcome: 'won' | 'lost') => closeDispute.run(outcome, paymentId),
    /** Payments that something will happen to of itself, or that are disputed: whoever missed it hears of it nowhere else. */
    toTell: () => toTell.all() as { paymentId: string; dueAt: string | null }[],
    refundOf: (paymentId: string, refundId: string) => amountIn(refundOf.get(paymentId, refundId)),
    refund: (paymentId: string, refundId: string, amount: number) => refund.run(paymentId, refundId, amount),
    findTransfer: (transferId: string) => findTransfer.get(transferId) as KeptTransfer | undefined,
    /** All transfers of a payment together. */
    transferred: (paymentId: string) => amountIn(transferred.get(paymentId))!,
    transfer: (transferId: string, { paymentId, account, amount }: Omit<KeptTransfer, 'reversed'>) =>
      transfer.run(transferId, paymentId, account, amount),
    reversalOf: (transferId: string, reversalId: string) => amountIn(reversalOf.get(transferId, reversalId)),
    reverse: (transferId: string, reversalId: string, amount: number) => reverse.run(transferId, reversalId, amount),
    close: () => closeSqlite(db),
  }
}
