import type { Leadership } from '../domain/leadership.ts'

/** For the only process there is: it leads at once, until it is told to stop. */
export const soleLeader: Leadership = {
  lead: async (_work, signal) => {
    signal.throwIfAborted()
    return signal
  },
  close: async () => {},
}
