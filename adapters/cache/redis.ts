import { Redis } from 'ioredis'

/** A Redis that several processes share, and that each can do without: it holds nothing that cannot be lost. */
export type SharedRedis = {
  /**
   * What a Lua script answers, run as one. Throws `RedisFailed` where Redis is gone or slow, which takes a quarter of a second
   * once and then no time at all until it is back; and where the script meets what it did not expect under its keys.
   */
  readonly run: (
    script: string,
    keys: readonly string[],
    args?: readonly (string | number)[],
  ) => Promise<string | number | null | readonly (string | number)[]>
  readonly close: () => void
}

type Options = {
  readonly url: string
  /** What all keys begin with. */
  readonly prefix?: string
  /** Is told once when Redis goes and once when it is back. */
  readonly warn: (message: string) => void
}

export class RedisFailed extends Error {
  override readonly name = 'RedisFailed'
}

/** What is slower is as good as gone: without Redis, a sale takes less. */
const TIMEOUT_MS = 250
const CONNECT_MS = 1_000

/** How soon it is tried again: twice as long each time, up to the most, and from the least after a connection that held. */
const LEAST_PAUSE_MS = 100
const MOST_PAUSE_MS = 5_000
const HELD_MS = 30_000

/** Connects in the background; what is asked before that fails at once. */
export const connectRedis = ({ url, prefix = 'counterfoil:', warn }: Options): SharedRedis => {
  let failures = 0
  let readySince = Number.POSITIVE_INFINITY
  const client = new Redis(url, {
    keyPrefix: prefix,
    connectionName: 'counterfoil',
    connectTimeout: CONNECT_MS,
    commandTimeout: TIMEOUT_MS,
    disconnectTimeout: LEAST_PAUSE_MS,
    // Nothing waits for Redis to come back: neither what was asked before it went, nor what is asked while it is gone.
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    retryStrategy: () => {
      if (Date.now() - readySince > HELD_MS) failures = 0
      readySince = Number.POSITIVE_INFINITY
      return Math.min(LEAST_PAUSE_MS * 2 ** failures++, MOST_PAUSE_MS)
    },
  })

  let isUp = true
  let isHangingUp = false
  let isClosed = false
  let reason = 'the connection was lost'
  client.on('error', (error: NodeJS.ErrnoException) => {
    reason = error.message || error.code || error.name
  })
  client.on('close', () => {
    if (isUp && !isClosed) warn(`Redis is out of reach (${reason}): until it is back, each process goes on by itself`)
    isUp = false
    isHangingUp = false
  })
  client.on('ready', () => {
    readySince = Date.now()
    if (!isUp) warn('Redis is back')
    isUp = true
  })

  return {
    run: async (script, keys, args = []) => {
      try {
        return (await client.eval(script, keys.length, ...keys, ...args)) as Awaited<ReturnType<SharedRedis['run']>>
      } catch (error) {
        const { message } = error as Error
        // Or all that follows would wait in line behind it. Connecting again is how we find out whether it has recovered.
        if (message === TIMED_OUT && !isHangingUp) {
          isHangingUp = true
          reason = `no answer within ${TIMEOUT_MS} ms`
          client.disconnect(true)
        }
        throw new RedisFailed(message, { cause: error })
      }
    },
    close: () => {
      isClosed = true
      client.disconnect()
    },
  }
}

/** As ioredis words it, which has no class or code for it. */
const TIMED_OUT = 'Command timed out'
