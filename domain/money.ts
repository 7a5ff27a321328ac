import { z } from 'zod'

const CURRENCIES = new Set(Intl.supportedValuesOf('currency'))

export const Currency = z.string().refine((code) => CURRENCIES.has(code), 'is not an ISO 4217 currency such as EUR')

/** An integer of minor units: EUR 2500 is €25.00, JPY 5000 is ¥5,000. */
export const Amount = z.int().nonnegative().max(100_000_000_000)

export const Money = z.object({ amount: Amount, currency: Currency })
export type Money = z.infer<typeof Money>

/** Hundredths of a percent: 1900 is 19 %. */
export const BasisPoints = z.int().min(0).max(10_000)

/** Rounded half up, in integers all the way. */
export const share = (amount: number, basisPoints: number): number =>
  Math.floor((amount * basisPoints + 5_000) / 10_000)

/** The part of a price that is tax already in it, rounded half up. */
export const shareWithin = (amount: number, basisPoints: number): number =>
  Math.floor((2 * amount * basisPoints + 10_000 + basisPoints) / (2 * (10_000 + basisPoints)))

export const sum = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0)

/** How many digits a currency's minor unit has: 2 for EUR, 0 for JPY, 3 for KWD. */
export const minorDigits = (currency: string): number =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2

/** For people: `€25.00`, `¥5,000`. */
export const format = ({ amount, currency }: Money, locale = 'en'): string =>
  new Intl.NumberFormat(locale, { style: 'currency', currency }).format(amount / 10 ** minorDigits(currency))
