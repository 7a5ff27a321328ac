import { Unchargeable } from '../../commands/payments.ts'
import { type Money, minorDigits } from '../../domain/money.ts'

/** What one SOL costs, by currency: `{ EUR: '142.50' }`. */
export type Rates = Readonly<Record<string, string>>

/** What was asked for: so many lamports for so many minor units. */
export type Quote = { readonly lamports: bigint; readonly amount: number }

const LAMPORTS_PER_SOL = 1_000_000_000n

/** At today's rate, rounded up. Throws Unchargeable where there is none. */
export const quoteFor = ({ amount, currency }: Money, rates: Rates): Quote => {
  const rate = rates[currency]
  if (!rate) throw new Unchargeable(`there is no rate from ${currency} to SOL`)
  const [whole, fraction = ''] = rate.split('.')
  const price = BigInt(`${whole}${fraction}`) * 10n ** BigInt(minorDigits(currency))
  const due = BigInt(amount) * LAMPORTS_PER_SOL * 10n ** BigInt(fraction.length)
  return { lamports: (due + price - 1n) / price, amount }
}

/** A part of what was asked for, at the rate of then. */
export const lamportsOf = (amount: number, quote: Quote): bigint =>
  (quote.lamports * BigInt(amount)) / BigInt(quote.amount)

/** As the books keep it, so that it is asked once: the address of the payment, lamports, minor units. */
export const referenceText = (address: string, { lamports, amount }: Quote): string =>
  `${address}:${lamports}:${amount}`

export const quoteIn = (reference: string): Quote => {
  const [, lamports, amount] = reference.split(':')
  return { lamports: BigInt(lamports!), amount: Number(amount) }
}

/** `0.175438597` */
export const inSol = (lamports: bigint): string => {
  const fraction = (lamports % LAMPORTS_PER_SOL).toString().padStart(9, '0').replace(/0+$/, '')
  return `${lamports / LAMPORTS_PER_SOL}${fraction && `.${fraction}`}`
}
