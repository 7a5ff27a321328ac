import { EventEmitter, once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import type { Position, Recorded } from '../domain/fact.ts'

/** Tells whoever waits that something may have been appended. */
export type News = EventEmitter<{ appended: [] }>

/** Without the warning that eleven listeners would bring. */
export const makeNews = (): News => new EventEmitter<{ appended: [] }>().setMaxListeners(0)

type Tail = {
  readonly page: (after: Position) => readonly Recorded[]
  readonly news: News
  readonly after: Position
  readonly signal: AbortSignal
}

/** `Ledger.tail` for a store that is read without waiting: pages until there are none, then what each news brings. */
export async function* tail({ page, news, after, signal }: Tail): AsyncGenerator<readonly Recorded[], void> {
  while (!signal.aborted) {
    const facts = page(after)
    if (facts.length > 0) {
      after = facts.at(-1)!.position
      yield facts
      // A long backlog must leave the others their turn.
      await setImmediate()
    } else {
      // Listens in the same turn that found nothing, so no news falls in between. It rejects when the signal aborts.
      await once(news, 'appended', { signal }).catch(() => {})
    }
  }
}
