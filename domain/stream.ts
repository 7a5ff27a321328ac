import type { Decider } from './decider.ts'
import { type Fact, type Position, START, streamOf } from './fact.ts'
import type { Ledger } from './ledger.ts'
import { decode } from './registry.ts'

/** A stream up to a revision: its state, and the commands that made it, so that a repeated one is found without the facts. */
export type Folded<S> = {
  readonly state: S
  /** -1 where nobody has written yet. */
  readonly revision: number
  readonly position: Position
  readonly tenant: string | undefined
  /** When it began, by its first fact; '' where nobody has written yet. */
  readonly since: string
  readonly at: string
  readonly commands: ReadonlyMap<string, { readonly request: string; readonly position: Position }>
}

/** A Map or an LRU cache over all streams. An old entry does no harm: it is read forward from, and the ledger checks the revision. */
export type Cache = {
  readonly get: (stream: string) => Folded<unknown> | undefined
  readonly set: (stream: string, folded: Folded<unknown>) => unknown
}

export type Streams = { readonly ledger: Pick<Ledger, 'read'>; readonly cache?: Cache }

/** A stream as it is now: read whole, or forward from what the cache knows. */
export const load = async <C, F extends Fact, S, R extends string>(
  { ledger, cache }: Streams,
  decider: Decider<C, F, S, R>,
  id: string,
): Promise<Folded<S>> => {
  const stream = streamOf(decider.category, id)
  const cached = (cache?.get(stream) as Folded<S> | undefined) ?? nothing(decider.initial)
  const facts = await ledger.read(stream, cached.revision)
  if (facts.length === 0) return cached

  const commands = new Map(cached.commands)
  let { state, revision, position, since, at, tenant } = cached
  for (const fact of facts) {
    const { metadata } = fact
    state = decider.evolve(state, decode(fact.type, metadata.v, fact.data) as F)
    commands.set(metadata.$causationId, { request: metadata.request, position: fact.position })
    revision = fact.revision
    position = fact.position
    since ||= metadata.at
    at = metadata.at
    tenant ??= metadata.tenant
  }
  const folded = { state, revision, position, tenant, since, at, commands }
  cache?.set(stream, folded)
  return folded
}

/** A stream as it was last seen here, if it was: others may have moved it since. An append at its revision finds out. */
export const recall = <C, F extends Fact, S, R extends string>(
  { cache }: Streams,
  { category }: Decider<C, F, S, R>,
  id: string,
): Folded<S> | undefined => cache?.get(streamOf(category, id)) as Folded<S> | undefined

const nothing = <S>(initial: S): Folded<S> => ({
  state: initial,
  revision: -1,
  position: START,
  tenant: undefined,
  since: '',
  at: '',
  commands: new Map(),
})
