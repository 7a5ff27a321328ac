import { addAbortSignal } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { type EventStoreDBClient, excludeSystemEvents } from '@eventstore/db-client'
import type { Position, Recorded } from '../../domain/fact.ts'
import { Unavailable } from '../../domain/ledger.ts'
import { failureOf } from './calls.ts'
import { isSystem, placeOf, recordedOf, type StoredEvent } from './recorded.ts'

type Source = {
  /** For this subscription alone. */
  readonly client: EventStoreDBClient
  readonly page: (after: Position, limit: number, signal: AbortSignal) => Promise<readonly Recorded[]>
  readonly head: () => Promise<Position>
  /** How long the server may take to confirm a subscription, in milliseconds. */
  readonly timeoutMs: number
  /** How often a subscription that brings nothing is checked against the head, in milliseconds. */
  readonly quietMs: number
}

/** Milliseconds until a subscription that has ended is made anew: the first time, and at most. */
const PAUSE = { first: 100, longest: 10_000 }

/** `Ledger.tail`: goes on behind the last page given out, however the reading or the subscription ended. Throws what waiting does not mend. */
export async function* tail(
  source: Source,
  after: Position,
  limit: number,
  signal: AbortSignal,
): AsyncGenerator<readonly Recorded[], void> {
  let at = after
  let pause = PAUSE.first
  while (!signal.aborted) {
    const began = performance.now()
    try {
      for await (const page of follow(source, at, limit, signal)) {
        at = page.at(-1)!.position
        pause = PAUSE.first
        yield page
        if (signal.aborted) return
      }
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof Unavailable)) throw error
    }
    if (performance.now() - began > PAUSE.longest) pause = PAUSE.first
    await sleep(pause, undefined, { signal }).catch(() => {})
    pause = Math.min(2 * pause, PAUSE.longest)
  }
}

/** The backlog by reading, which fills pages, and what comes after it by subscription, until that ends. */
async function* follow(source: Source, after: Position, limit: number, signal: AbortSignal) {
  let at = after
  for (;;) {
    const page = await source.page(at, limit, signal)
    at = page.at(-1)?.position ?? at
    if (page.length > 0) yield page
    if (page.length < limit) break
  }
  yield* subscribe(source, at, limit, signal)
}

async function* subscribe(
  { client, head, timeoutMs, quietMs }: Source,
  after: Position,
  limit: number,
  signal: AbortSignal,
) {
  let at = after
  // No checkpointReached: it speaks of what the client has buffered, not of what anybody has been given.
  const subscription = client.subscribeToAll(
    { fromPosition: placeOf(after), filter: excludeSystemEvents() },
    { highWaterMark: limit },
  )
  const drop = (why: string) => subscription.destroy(new Unavailable(`EventStoreDB ${why}`))
  subscription.on('error', () => {})
  addAbortSignal(signal, subscription)
  const unconfirmed = setTimeout(() => drop(`did not confirm a subscription within ${timeoutMs} ms`), timeoutMs)
  subscription.once('confirmation', () => clearTimeout(unconfirmed))

  // Keep-alive finds a broken connection; this finds a server that answers pings and sends no events.
  let newest = after
  const watch = setInterval(async () => {
    if (subscription.readableLength > 0) return
    if (newest > at) drop(`has not sent a subscription what was recorded ${quietMs} ms ago`)
    else newest = await head().catch(() => at)
  }, quietMs)
  // Destroyed, it still holds its call; and it may be while nobody asks for more.
  subscription.once('close', () => {
    clearTimeout(unconfirmed)
    clearInterval(watch)
    subscription.unsubscribe().catch(() => {})
  })

  try {
    for await (const first of subscription) {
      const page: Recorded[] = []
      // Whatever else has arrived comes along, so that a slow reader is given longer pages.
      for (let next: typeof first | null = first; next; next = page.length < limit ? subscription.read() : null) {
        const event = next.event as StoredEvent
        const fact = recordedOf(event)
        if (fact.position > at && !isSystem(event)) page.push(fact)
      }
      if (page.length === 0) continue
      at = page.at(-1)!.position
      yield page
    }
  } catch (error) {
    throw failureOf('be followed', error)
  }
}
