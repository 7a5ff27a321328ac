import { onTestFinished } from 'vitest'
import { memoryLedger } from '../../adapters/memory-ledger.ts'
import { sandboxPayments } from '../../adapters/payments/sandbox.ts'
import { sqliteVault } from '../../adapters/sqlite/vault.ts'
import { account } from '../../domain/account/account.ts'
import { type Credit, nextOf, statusOf } from '../../domain/account/credit.ts'
import { eventFacts } from '../../domain/event/facts.ts'
import type { Recorded } from '../../domain/fact.ts'
import type { Line, Share } from '../../domain/order/facts.ts'
import { type AnyFact, type Known, known } from '../../domain/registry.ts'
import { poolSlot } from '../../domain/slot.ts'
import { load } from '../../domain/stream.ts'
import { plus } from '../../domain/time.ts'
import { handle, record } from '../handle.ts'
import { accountIdOf, stepIdOf, ticketIdOf } from '../ids.ts'
import type { Payments } from '../payments.ts'
import { type Deps, paySellers } from './paying.ts'
import { payoutReactor } from './payout-reactor.ts'

const ROOT = '7b1c0a52-93f5-4f0e-8d55-2f1f4a3a9c01'
const TENANT = 'acme'
const BEGIN = '2030-01-01T10:00:00.000Z'

export const EVENT_ENDS = '2030-06-01T23:00:00.000Z'
export const SHARE = 9_250
const PRICE = 10_000

export const [SUE, BOB, EVENT, VENUE, TYPE] = ['sue', 'bob', 'event', 'venue', 'type'].map((name) =>
  stepIdOf(ROOT, name),
) as [string, string, string, string, string]

/** One ledger, one bank, one vault and one clock, in which Sue sells tickets on to Bob. */
export const payoutWorld = async ({ payableFrom = async () => null }: Partial<Pick<Deps, 'payableFrom'>> = {}) => {
  let clock = BEGIN
  const log: Recorded[] = []
  const untroubled = { ledger: memoryLedger({ log }), now: () => clock, sleep: async () => {} }
  const vault = sqliteVault(':memory:')
  const bank = sandboxPayments({ path: ':memory:', key: new Uint8Array(32), now: () => clock, deliver: async () => {} })
  onTestFinished(async () => {
    bank.close()
    await vault.close()
  })

  /** What came through to the provider, and what is said of it next. */
  const moved: string[] = []
  const silent: (() => Error)[] = []
  const heard = <T>(answer: T): T => {
    const failure = silent.pop()
    if (failure) throw failure()
    return answer
  }
  const payments: Pick<Payments, 'transferToSeller' | 'reverseTransfer'> = {
    transferToSeller: async (transfer) => {
      const answer = await bank.transferToSeller(transfer)
      moved.push(`${transfer.amount} to ${transfer.account}${'refused' in answer ? `: ${answer.refused}` : ''}`)
      return heard(answer)
    },
    reverseTransfer: async (transfer, reversalId, amount) => {
      const answer = await bank.reverseTransfer(transfer, reversalId, amount)
      moved.push(`${amount} back: ${answer}`)
      return heard(answer)
    },
  }

  const credits = async () => (await load(untroubled, account, accountIdOf(TENANT, SUE))).state.credits
  const deps: Deps = {
    ...untroubled,
    providerCalled: (name) => (name === bank.provider ? payments : undefined),
    payoutAccounts: vault.payoutAccounts,
    payableFrom,
    duePayouts: async () =>
      [...(await credits()).values()]
        .filter(nextOf)
        .map(({ sellerId, orderId }) => ({ tenant: TENANT, sellerId, orderId })),
  }

  let told = 0
  const tell = (category: string, id: string, fact: AnyFact) => {
    const commandId = stepIdOf(ROOT, `told/${told++}`)
    const actor = { id: 'teller', role: 'process' } as const
    return record(untroubled, category, id, fact, { commandId, correlationId: id, tenant: TENANT, actor, request: '' })
  }
  await tell('event', EVENT, {
    type: 'EventDrafted',
    data: eventFacts.EventDrafted.parse({
      venueId: VENUE,
      name: 'Night of the Long Queue',
      type: 'single',
      startsAt: '2030-06-01T19:00:00.000Z',
      endsAt: EVENT_ENDS,
      timeZone: 'Europe/Berlin',
      currency: 'EUR',
      zones: ['GA'],
      chain: 'off',
    }),
  })

  const reactor = payoutReactor(deps)
  /** As the reactor would: all that the facts up to now want, from the first on. */
  const follow = async () => {
    for (const fact of log.map(known)) {
      const wants = reactor.wants[fact.type] as ((fact: Known) => readonly object[]) | undefined
      for (const data of wants?.(fact) ?? [])
        await reactor.act([{ id: fact.id, data, attempts: 1 }], new AbortController().signal)
    }
  }

  const paymentOf = (orderId: string) => stepIdOf(orderId, 'payment/1')
  const shares: Share[] = [
    { account: 'platform', amount: 250 },
    { account: `venue:${VENUE}`, amount: 500 },
    { account: `seller:${SUE}`, amount: SHARE },
  ]

  return {
    deps,
    log,
    moved,
    follow,
    credits,
    pay: () => paySellers(deps),
    pass: (to: string) => {
      clock = to
    },
    wait: (seconds: number) => {
      clock = plus(clock, seconds)
    },
    /** Whatever comes through next, its answer is lost. */
    loseAnswer: (failure: () => Error) => silent.push(failure),

    /** Sold, paid for and confirmed. */
    sell: async (name: string, { to = shares } = {}) => {
      const orderId = stepIdOf(ROOT, `order/${name}`)
      const paymentId = paymentOf(orderId)
      const amount = { amount: PRICE, currency: 'EUR' }
      const line: Line = {
        kind: 'ticket',
        typeId: TYPE,
        slot: poolSlot('GA', 1),
        edition: 1,
        holderId: BOB,
        price: PRICE,
        fees: [],
        taxes: [],
        zone: 'GA',
        validDates: null,
        transferable: true,
      }
      const placed = { eventId: EVENT, venueId: VENUE, payerId: BOB, currency: 'EUR', total: PRICE } as const
      await tell('order', orderId, {
        type: 'OrderPlaced',
        data: {
          ...placed,
          kind: 'purchase',
          lines: [line],
          payments: [{ paymentId, amount: PRICE }],
          limits: [],
          delivery: 'digital',
          terms: 0,
          expiresAt: plus(clock, 1_800),
        },
      })
      const request = { paymentId, reference: null, orderId, tenant: TENANT, amount }
      const { clientSecret } = await bank.request(request)
      await bank.confirm(paymentId, clientSecret, 'good', paymentId)
      await bank.capture(request)
      const requested = { orderId, eventId: EVENT, payerId: BOB, amount, provider: 'sandbox', reference: null }
      await tell('payment', paymentId, { type: 'PaymentRequested', data: requested })
      await tell('payment', paymentId, { type: 'PaymentCaptured', data: { orderId, amount } })
      const data = { ...placed, ticketIds: [stepIdOf(orderId, 'ticket')], shares: to }
      await tell('order', orderId, { type: 'OrderConfirmed', data })
      return orderId
    },
    tellAccount: async (name: string) => {
      const destinationId = stepIdOf(ROOT, name)
      await vault.payoutAccounts.save(SUE, destinationId, name)
      const command = { type: 'TellDestination', sellerId: SUE, destinationId, method: 'card' } as const
      const commandId = stepIdOf(destinationId, 'tell')
      const actor = { id: SUE, role: 'attendee' } as const
      const context = { commandId, correlationId: commandId, tenant: TENANT, actor, request: '' }
      await handle(untroubled, account, accountIdOf(TENANT, SUE), command, context)
    },
    forget: () => vault.people.erase(SUE),
    dispute: (orderId: string, disputeId = 'dp_1') =>
      tell('payment', paymentOf(orderId), {
        type: 'PaymentDisputed',
        data: { orderId, disputeId, reason: 'fraudulent' },
      }),
    closeDispute: (orderId: string, won: boolean, disputeId = 'dp_1') =>
      tell('payment', paymentOf(orderId), { type: 'PaymentDisputeClosed', data: { orderId, disputeId, won } }),
    refund: (orderId: string, part = 1) =>
      tell('payment', paymentOf(orderId), {
        type: 'PaymentRefunded',
        data: {
          orderId,
          refundId: stepIdOf(orderId, `refund/${part}`),
          amount: { amount: PRICE * part, currency: 'EUR' },
          shares: shares.map((share) => ({ ...share, amount: share.amount * part })),
        },
      }),
    /** The ticket is closed, and its money has not gone back yet. */
    closeTicket: async (orderId: string) => {
      const ticketId = ticketIdOf(EVENT, poolSlot('GA', 1), 1)
      const money = { amount: PRICE, currency: 'EUR' }
      const of = { eventId: EVENT, typeId: TYPE, orderId, price: money }
      const sold = { payerId: BOB, holderId: BOB, zone: 'GA', validDates: null, delivery: 'digital' } as const
      await tell('ticket', ticketId, {
        type: 'TicketSold',
        data: { ...of, ...sold, venueId: VENUE, generation: 1, transferable: true },
      })
      const refundId = stepIdOf(orderId, `ticket/${ticketId}`)
      const refund = { refundId, orderId, paymentId: paymentOf(orderId), amount: money, shares }
      await tell('ticket', ticketId, { type: 'TicketRefunded', data: { ...of, refunds: [refund] } })
    },
    /** How the credit of an order stands. */
    status: async (orderId: string) => {
      const credit = (await credits()).get(orderId)
      return credit && statusOf(credit)
    },
    creditOf: async (orderId: string): Promise<Credit | undefined> => (await credits()).get(orderId),
    /** The facts of the account, by type. */
    facts: () => log.filter(({ stream }) => stream === `account-${accountIdOf(TENANT, SUE)}`).map(({ type }) => type),
  }
}
