import { addAbortSignal } from 'node:stream'
import { type StreamingRead, StreamNotFoundError, WrongExpectedVersionError } from '@eventstore/db-client'
import { Conflict, Unavailable } from '../../domain/ledger.ts'

/** gRPC's invalid argument, permission denied, failed precondition, unimplemented, unauthenticated: waiting helps with none. */
const FINAL: ReadonlySet<number | undefined> = new Set([3, 7, 9, 12, 16])

/**
 * What the client threw, in the ledger's words. Only a wrong revision says that nothing was written; whatever is not known to be
 * final may pass, and may have been done all the same: a time-out, another leader, a broken connection, an answer not understood.
 */
export const failureOf = (what: string, cause: unknown): Error => {
  if (cause instanceof Unavailable) return cause
  if (cause instanceof WrongExpectedVersionError)
    return new Conflict(`EventStoreDB could not ${what}: it is at ${cause.actualVersion}`)
  const { code, message } = cause as Error & { code?: number }
  const text = `EventStoreDB could not ${what}: ${message}`
  return FINAL.has(code) ? new Error(text, { cause }) : new Unavailable(text, { cause })
}

const silent = (what: string, ms: number) => new Unavailable(`EventStoreDB did not ${what} within ${ms} ms`)

/** The client's own deadlines do not end every call to a peer that went silent. */
export const within = async <T>(ms: number, what: string, call: Promise<T>): Promise<T> => {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(silent(what, ms)), ms)
  try {
    return await Promise.race([call, late])
  } catch (error) {
    throw failureOf(what, error)
  } finally {
    clearTimeout(timer)
  }
}

/** All that a read brings. It may take its time, but not be silent for longer than `ms`. */
export const collect = async <E>(
  ms: number,
  what: string,
  reading: StreamingRead<E>,
  signal?: AbortSignal,
): Promise<E[]> => {
  // The client may report more errors than the one that ended it, after nobody listens any more.
  reading.on('error', () => {})
  if (signal) addAbortSignal(signal, reading)
  const timer = setTimeout(() => reading.destroy(silent(what, ms)), ms)
  const events: E[] = []
  try {
    for await (const event of reading) {
      events.push(event)
      timer.refresh()
    }
    return events
  } catch (error) {
    if (error instanceof StreamNotFoundError) return []
    reading.cancel().catch(() => {})
    throw failureOf(what, error)
  } finally {
    clearTimeout(timer)
  }
}
