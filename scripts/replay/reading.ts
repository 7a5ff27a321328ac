import { type Position, type Recorded, START } from '../../domain/fact.ts'
import type { Ledger } from '../../domain/ledger.ts'
import { isBy, ledgerAt, type Moment } from '../../domain/moment.ts'
import { type Known, known } from '../../domain/registry.ts'

/** No more than this is in memory at once, but for a stream that is longer. */
const PAGE = 1_000

export type Reading = { readonly ledger: Pick<Ledger, 'read' | 'readAll'>; readonly moment: Moment }

/** What counts at the moment, in ledger order, page by page. `passed` hears how far it is. Throws one line on what cannot be read. */
export async function* pagesOf(
  { ledger, moment }: Reading,
  passed: (position: Position) => void,
): AsyncGenerator<readonly Recorded[]> {
  for (let after: Position = START; after < moment.position; ) {
    const page = await readable(`the page after ${after || 'the start'}`, ledger.readAll(after, PAGE))
    const last = page.at(-1)
    if (!last) return
    yield page.filter(isBy(moment))
    after = last.position
    passed(after)
  }
}

/** What counts at the moment in a stream, as it is stored. */
export const recordedIn = ({ ledger, moment }: Reading, stream: string): Promise<readonly Recorded[]> =>
  readable(stream, ledgerAt(ledger, moment).read(stream))

/** The facts of a stream that count at the moment. Throws one line on a fact that cannot be read. */
export const factsOf = async (reading: Reading, stream: string): Promise<Known[]> =>
  (await recordedIn(reading, stream)).map(decoded)

/**
 * Whole streams, each once and in the order in which they began: when its first fact comes by, the rest is read at once.
 * So nothing has to be kept in memory, however many there are.
 */
export const wholeStreams = (
  { ledger, moment }: Reading,
  page: readonly Recorded[],
  isWanted: (first: Recorded) => boolean,
): Promise<Known[][]> => {
  const here = new Map<string, Recorded[]>()
  for (const fact of page) {
    if (fact.revision === 0 && isWanted(fact)) here.set(fact.stream, [fact])
    else here.get(fact.stream)?.push(fact)
  }
  return Promise.all(
    [...here].map(async ([stream, begun]) => {
      const rest = await readable(stream, ledgerAt(ledger, moment).read(stream, begun.length - 1))
      return [...begun, ...rest].map(decoded)
    }),
  )
}

/** A fact in its newest shape. Nothing is guessed: one that cannot be read ends the replay. */
export const decoded = (recorded: Recorded): Known => {
  try {
    return known(recorded)
  } catch (cause) {
    const { id, stream, revision, position } = recorded
    const why = (cause as Error).message
    throw new Error(`fact ${id}, ${stream} at revision ${revision}, position ${position}, cannot be read: ${why}`, {
      cause,
    })
  }
}

const readable = async <T>(what: string, reading: Promise<T>): Promise<T> => {
  try {
    return await reading
  } catch (cause) {
    throw new Error(`${what} of the ledger cannot be read: ${(cause as Error).message}`, { cause })
  }
}
