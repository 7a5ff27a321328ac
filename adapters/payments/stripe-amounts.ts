import { Unchargeable } from '../../commands/payments.ts'
import { type Money, minorDigits } from '../../domain/money.ts'

/** Where Stripe counts in other units than ISO 4217 does: https://docs.stripe.com/currencies, "Zero-decimal currencies" and "Special cases". */
const DIGITS = new Map([
  ['ISK', 2],
  ['UGX', 2],
  ['MGA', 0],
])

/** Of currencies with three digits Stripe takes only amounts that end in 0. */
const COARSE = { digits: 3, step: 10 }

/** An amount as Stripe counts it: ISK 5 is 500 there. Throws Unchargeable for what it cannot express. */
export const toStripe = ({ amount, currency }: Money): { amount: number; currency: string } => {
  const charged = scaled(amount, shiftOf(currency))
  const step = minorDigits(currency) === COARSE.digits ? COARSE.step : 1
  if (!Number.isSafeInteger(charged) || charged % step !== 0)
    throw new Unchargeable(`Stripe cannot charge ${amount} minor units of ${currency}: round the prices of the event`)
  return { amount: charged, currency: currency.toLowerCase() }
}

/** And back, in minor units. */
export const fromStripe = (amount: number, currency: string): number => scaled(amount, -shiftOf(currency))

const shiftOf = (currency: string): number => (DIGITS.get(currency) ?? minorDigits(currency)) - minorDigits(currency)

/** Divides where it must, for a power of ten below 1 is no exact number. */
const scaled = (amount: number, shift: number): number => (shift < 0 ? amount / 10 ** -shift : amount * 10 ** shift)
