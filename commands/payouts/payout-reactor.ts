import { z } from 'zod'
import { idOf } from '../../domain/fact.ts'
import { Id } from '../../domain/id.ts'
import type { Share } from '../../domain/order/facts.ts'
import type { Reactor } from '../reactors/reactor.ts'
import { type Deps, followSale } from './following.ts'
import { sellerOf } from './sale.ts'

/** Which sale to look at; how it stands is looked up. */
const Wanted = z.object({ orderId: Id })

/** Keeps the accounts of sellers up with what is sold, refunded and disputed. */
export const payoutReactor = (deps: Deps): Reactor => ({
  name: 'payouts',
  begins: 'with-the-first-fact',
  withinSeconds: 30,
  wants: {
    OrderConfirmed: ({ data, stream }) => (isSellers(data.shares) ? [look(idOf(stream))] : []),
    PaymentRefunded: ({ data }) => (isSellers(data.shares) ? [look(data.orderId)] : []),
    PaymentDisputed: ({ data }) => [look(data.orderId)],
    PaymentDisputeClosed: ({ data }) => [look(data.orderId)],
  },
  together: 1,
  act: async ([intent]) => {
    await followSale(deps, Wanted.parse(intent!.data).orderId)
    return ['done']
  },
})

const look = (orderId: string): z.infer<typeof Wanted> => ({ orderId })

const isSellers = (shares: readonly Share[]): boolean => shares.some(({ account }) => sellerOf(account) !== undefined)
