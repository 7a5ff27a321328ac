import type { Reactor } from './reactor.ts'

/**
 * A reactor whose acts are let go of once the signal aborts, so that a process ends in time: for acts that may be cut short anywhere,
 * and go on where they stood when they are begun again.
 */
export const lettingGo = (reactor: Reactor, closing: AbortSignal): Reactor => ({
  ...reactor,
  act: (intents, late) => {
    const signal = AbortSignal.any([late, closing])
    const { promise: letGo, reject } = Promise.withResolvers<never>()
    const end = () => reject(new Error('it was cut short, since the process ends'))
    if (signal.aborted) end()
    signal.addEventListener('abort', end, { once: true })
    return Promise.race([reactor.act(intents, signal), letGo])
  },
})
