import { z } from 'zod'

const CURRENCIES = new Set(Intl.supportedValuesOf('currency'))

export const Currency = z.string().refine((code) => CURRENCIES.has(code), 'is not an ISO 4217 currency such as EUR')

/** An integer of minor units: EUR 2500 is €25.00, JPY 5000 is ¥5,000. Bounded so that a share of it is exact. */
export const Amount = z.int().nonnegative().max(100_000_000_000)

/** What amounts add up to, over a whole order: more than one of them may be. */
export const Total = z.int().nonnegative()

export const Money = z.object({ amount: Amount, currency: Currency })
export type Money = z.infer<typeof Money>

/** Hundredths of a percent: 1900 is 19 %. */
export const BasisPoints = z.int().min(0).max(10_000)

/** Rounded half up, in integers all the way. */
export const share = (amount: number, basisPoints: number): number =>
  Math.floor((amount * basisPoints + 5_000) / 10_000)

/** The part of a price that is a tax already in it, rounded half up. `together`: all taxes that are in it, this one included. */
export const shareWithin = (amount: number, basisPoints: number, together = basisPoints): number =>
  Math.floor((2 * amount * basisPoints + 10_000 + together) / (2 * (10_000 + together)))

export const sum = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0)

/** ISO 4217's, and so the banks'. Not Intl's, which has none for HUF, IDR and others that ISO gives two: a price would show a hundredfold. */
const DIGITS = new Map([
  ...['BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG'].map((code) => [code, 0] as const),
  ...['RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF'].map((code) => [code, 0] as const),
  ...['BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'].map((code) => [code, 3] as const),
])

/** How many digits a currency's minor unit has: 2 for EUR, 0 for JPY, 3 for KWD. */
export const minorDigits = (currency: string): number => DIGITS.get(currency) ?? 2

/** For people: `€25.00`, `¥5,000`. */
export const format = ({ amount, currency }: Money, locale = 'en'): string =>
  formatter(locale, currency).format(amount / 10 ** minorDigits(currency))

const formatters = new Map<string, Intl.NumberFormat>()

/** What clients may ask for is endless. */
const FORMATTERS_KEPT = 1_000

/** Kept, for making one costs a hundred times what using it does. */
const formatter = (locale: string, currency: string): Intl.NumberFormat => {
  const key = `${locale} ${currency}`
  const known = formatters.get(key)
  if (known) return known
  const digits = minorDigits(currency)
  const options = { style: 'currency', currency, minimumFractionDigits: digits, maximumFractionDigits: digits } as const
  const made = new Intl.NumberFormat(locale, options)
  if (formatters.size >= FORMATTERS_KEPT) formatters.clear()
  formatters.set(key, made)
  return made
}
