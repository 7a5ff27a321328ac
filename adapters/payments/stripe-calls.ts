import Stripe from 'stripe'
import { Unavailable } from '../../domain/ledger.ts'

/** A request that Stripe understood, and does not do. */
export class StripeRefused extends Error {
  override name = 'StripeRefused'
  /** Stripe's word for it: https://docs.stripe.com/error-codes. Where the payer's bank says no, `card_error`. */
  readonly code: string

  constructor(wish: string, cause: Stripe.errors.StripeError) {
    const code = cause.rawType === 'card_error' ? cause.rawType : (cause.code ?? cause.rawType ?? cause.type)
    super(`Stripe refuses to ${wish}: ${cause.message} (${code}, ${cause.requestId ?? 'no request id'})`, { cause })
    this.code = code
  }
}

/** Connection, API (5xx, and a conflict with a request under way) and rate limit: the SDK has tried again already. */
const PASSING = [
  Stripe.errors.StripeConnectionError,
  Stripe.errors.StripeAPIError,
  Stripe.errors.StripeRateLimitError,
] as const

const BY_KEY = [Stripe.errors.StripeAuthenticationError, Stripe.errors.StripePermissionError] as const

/** Throws StripeRefused for Stripe's "no", and Unavailable where it may or may not have done it. `wish`: "capture payment …". */
export const ask = async <T>(wish: string, call: () => Promise<T>): Promise<T> => {
  try {
    return await call()
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeError)) throw error
    const { message } = error
    if (PASSING.some((passing) => error instanceof passing))
      throw new Unavailable(`Stripe could not be asked to ${wish}: ${message}`, { cause: error })
    if (BY_KEY.some((refused) => error instanceof refused))
      throw new Error(`Stripe does not let this key ${wish}: ${message} Check STRIPE_SECRET_KEY`, { cause: error })
    throw new StripeRefused(wish, error)
  }
}

/** What `call` answers, or undefined where Stripe refuses with one of these codes. */
export const unlessRefused = async <T>(codes: readonly string[], call: Promise<T>): Promise<T | undefined> => {
  try {
    return await call
  } catch (error) {
    if (error instanceof StripeRefused && codes.includes(error.code)) return undefined
    throw error
  }
}
