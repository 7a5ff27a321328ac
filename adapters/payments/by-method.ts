import type { Payments, Providers } from '../../commands/payments.ts'
import type { PayMethod } from '../../domain/order/facts.ts'

export const byMethod = (providers: Readonly<Record<PayMethod, Payments>>): Providers => ({
  by: (method = 'card') => providers[method],
  called: (name) => Object.values(providers).find(({ provider }) => provider === name),
})
