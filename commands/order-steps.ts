import type { Decider } from '../domain/decider.ts'
import type { Fact } from '../domain/fact.ts'
import type { EndReason, Line, Touched } from '../domain/order/facts.ts'
import { type Order, type OrderCommand, order, type Stage } from '../domain/order/order.ts'
import { type PaymentCommand, payment } from '../domain/payment.ts'
import type { MarketCommand } from '../domain/ticket/market.ts'
import type { SaleCommand } from '../domain/ticket/sale.ts'
import { ticket } from '../domain/ticket/ticket.ts'
import { type Context, type Deps as HandleDeps, handle, type Outcome } from './handle.ts'
import { stepIdOf, ticketIdOf } from './ids.ts'
import type { Providers } from './payments.ts'
import type { SlotPool } from './slot-pool.ts'

export type Deps = HandleDeps & { readonly payments: Providers; readonly slots: SlotPool }

type Open = Exclude<Order, { status: 'new' }>

/** `waiting`: the next step is the payer's. */
export type Progress = 'moved' | 'waiting'

export type Steps = ReturnType<typeof stepsOf>

/** The order at hand, and the ways to act for it: every command is named by its step, so a repeated step is the same command. */
export const stepsOf = (deps: Deps, orderId: string, tenant: string, order_: Open) => {
  const run = <C, F extends Fact, S, R extends string>(
    decider: Decider<C, F, S, R>,
    step: string,
    id: string,
    command: C,
  ) => handle(deps, decider, id, command, contextOf(orderId, tenant, step)) as Promise<Outcome<R>>
  const record = async (command: OrderCommand, occasion = ''): Promise<Progress> => {
    await run(order, `${command.type}/${occasion}`, orderId, command)
    return 'moved'
  }
  const onTicket = async (
    step: string,
    { slot, edition }: Touched,
    command: SaleCommand | MarketCommand,
  ): Promise<boolean> => {
    const id = ticketIdOf(order_.placed.eventId, slot, edition)
    return (await run(ticket, `${step}/${id}`, id, command)).done
  }
  return {
    deps,
    orderId,
    tenant,
    order: order_,
    run,
    record,
    onTicket,
    giveUp: (during: Stage, reason: EndReason) => record({ type: 'GiveUp', during, reason }, during),
    onEach: async (step: string, command: (line: Line) => SaleCommand | MarketCommand): Promise<boolean> => {
      const done = await Promise.all(order_.placed.lines.map((line) => onTicket(step, line, command(line))))
      return done.every(Boolean)
    },
    onPayment: (step: string, paymentId: string, command: PaymentCommand) =>
      run(payment, `${step}/${paymentId}`, paymentId, command),
  }
}

const contextOf = (orderId: string, tenant: string, step: string): Context => ({
  commandId: stepIdOf(orderId, step),
  correlationId: orderId,
  tenant,
  actor: { id: 'order-process', role: 'process' },
  request: step,
})
