import { createHmac, type KeyObject, randomUUID, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import type { Webhook } from '../../commands/payments.ts'

/** Carries a signed body to whoever calls `receive`. One that fails is a lost webhook. */
export type Send = (rawBody: string, signature: string) => Promise<unknown>

/** How old a signature may be, or how far ahead its clock. */
const TOLERANCE_MS = 5 * 60 * 1_000

/** A timer may fire a millisecond before its time, and what it tells of would not have happened yet. */
const EARLY_MS = 5

const Body = z.object({ webhookId: z.string(), paymentId: z.string() })

/** Sends webhooks, always after the call that caused them has returned. */
export const webhooks = (key: KeyObject, now: () => string, send: Send) => {
  const timers = new Set<NodeJS.Timeout>()

  const deliver = (rawBody: string, copies: number) => {
    const signature = sign(key, rawBody, now())
    // Whoever waits for a webhook looks for itself in the end, so a lost one does no harm.
    for (let copy = 0; copy < copies; copy++) send(rawBody, signature).catch(() => {})
  }

  return {
    /** Copies carry the same id. */
    send: (paymentId: string, { afterMs = 0, copies = 1 } = {}): void => {
      const rawBody = JSON.stringify({ webhookId: randomUUID(), paymentId } satisfies Webhook)
      const timer = setTimeout(
        () => {
          timers.delete(timer)
          deliver(rawBody, copies)
        },
        afterMs && afterMs + EARLY_MS,
      )
      timers.add(timer)
    },
    close: (): void => timers.forEach(clearTimeout),
  }
}

/** As Stripe signs: `t=<seconds>,v1=<hex HMAC-SHA256 of "seconds.body">`. */
export const sign = (key: KeyObject, rawBody: string, at: string): string => {
  const timestamp = Math.floor(Date.parse(at) / 1_000)
  return `t=${timestamp},v1=${hmac(key, timestamp, rawBody).toString('hex')}`
}

/** Undefined unless the signature is right and recent. */
export const readWebhook = (
  key: KeyObject,
  rawBody: string,
  signature: string | undefined,
  now: string,
): Webhook | undefined => {
  const [, timestamp, hex] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(signature ?? '') ?? []
  if (!timestamp || !hex) return undefined
  if (Math.abs(Date.parse(now) - Number(timestamp) * 1_000) > TOLERANCE_MS) return undefined
  if (!timingSafeEqual(Buffer.from(hex, 'hex'), hmac(key, Number(timestamp), rawBody))) return undefined
  return Body.parse(JSON.parse(rawBody))
}

const hmac = (key: KeyObject, timestamp: number, rawBody: string): Buffer =>
  createHmac('sha256', key).update(`${timestamp}.${rawBody}`).digest()
