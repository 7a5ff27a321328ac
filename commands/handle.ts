import { type Decider, isRefused } from '../domain/decider.ts'
import { type Fact, type Metadata, type Position, type Proposed, streamOf } from '../domain/fact.ts'
import { Conflict, type Ledger, Unavailable } from '../domain/ledger.ts'
import type { HandleRefusal } from '../domain/refusals.ts'
import { versionOf } from '../domain/registry.ts'
import type { Actor } from '../domain/roles.ts'
import { type Cache, type Folded, load, recall } from '../domain/stream.ts'
import { factIdOf } from './ids.ts'

/** What one caller asks once. `request` is the hash of what the client sent. */
export type Context = {
  readonly commandId: string
  readonly correlationId: string
  readonly tenant: string
  readonly actor: Actor
  readonly request: string
}

/** NotFound: the stream is another tenant's, and of what there is not the decider says nothing better. KeyReused: the same key came before, with another request. */
export type Outcome<R extends string> =
  | { readonly done: true; readonly position: Position }
  | { readonly done: false; readonly refused: R | HandleRefusal }

export type Deps = {
  readonly ledger: Ledger
  readonly now: () => string
  readonly sleep: (ms: number) => Promise<void>
  readonly cache?: Cache
}

const ATTEMPTS = 5

/**
 * Loads, decides and appends at the exact revision; does it once, however often it is sent.
 * Throws Conflict or Unavailable once it has tried five times.
 */
export const handle = async <C, F extends Fact, S, R extends string>(
  deps: Deps,
  decider: Decider<C, F, S, R>,
  id: string,
  command: C,
  context: Context,
): Promise<Outcome<R>> => {
  for (let attempt = 1; ; attempt++) {
    try {
      // What is recalled may be old, and the append would say so. A decision to append nothing must rest on what is there now.
      const recalled = attempt === 1 ? recall(deps, decider, id) : undefined
      const decided = recalled && decideOn(recalled, decider, command, context, deps.now())
      if (recalled && decided && 'facts' in decided) return await append(deps, decider, id, recalled, decided, context)

      const past = await load(deps, decider, id)
      const current = decideOn(past, decider, command, context, deps.now())
      return 'facts' in current ? await append(deps, decider, id, past, current, context) : current
    } catch (error) {
      const passing = error instanceof Conflict || error instanceof Unavailable
      if (!passing || attempt === ATTEMPTS) throw error
      // Jitter, or those who collided collide again.
      await deps.sleep(Math.random() * 10 * 2 ** attempt)
    }
  }
}

/** What is to be recorded, and from when. */
type Decided<F> = { readonly facts: readonly F[]; readonly at: string }

/** Either facts to append, or the outcome where there are none. */
const decideOn = <C, F extends Fact, S, R extends string>(
  past: Folded<S>,
  decider: Decider<C, F, S, R>,
  command: C,
  context: Context,
  now: string,
): Decided<F> | Outcome<R> => {
  if (past.tenant !== undefined && past.tenant !== context.tenant) return asIfNone(decider, command, now)

  const before = past.commands.get(context.commandId)
  if (before) {
    const same = before.request === context.request
    return same ? { done: true, position: before.position } : { done: false, refused: 'KeyReused' }
  }

  // A clock that lags must not date a fact before the one it follows.
  const at = now > past.at ? now : past.at
  const decision = decider.decide({ ...command, at }, past.state)
  if (isRefused(decision)) return { done: false, refused: decision.refused }
  return decision.length === 0 ? { done: true, position: past.position } : { facts: decision, at }
}

/** What is another tenant's is refused as what there is not: a difference would tell that there is one. */
const asIfNone = <C, F extends Fact, S, R extends string>(
  { decide, initial }: Decider<C, F, S, R>,
  command: C,
  at: string,
): Outcome<R> => {
  const decision = decide({ ...command, at }, initial)
  const isSaid = isRefused(decision) && decision.refused.endsWith('NotFound')
  return { done: false, refused: isSaid ? decision.refused : 'NotFound' }
}

const append = async <C, F extends Fact, S, R extends string>(
  { ledger, cache }: Deps,
  decider: Decider<C, F, S, R>,
  id: string,
  past: Folded<S>,
  { facts, at }: Decided<F>,
  context: Context,
): Promise<Outcome<R>> => {
  const stream = streamOf(decider.category, id)
  const expected = past.revision === -1 ? 'none' : past.revision
  const position = await ledger.append(stream, expected, proposed(stream, facts, context, at))
  cache?.set(stream, advance(decider, past, facts, context, at, position))
  return { done: true, position }
}

/** Records what has no rules: a log of what was seen, appended without reading (`domain/gate.ts`). */
export const record = (deps: Deps, category: string, id: string, fact: Fact, context: Context): Promise<Position> => {
  const stream = streamOf(category, id)
  return deps.ledger.append(stream, 'any', proposed(stream, [fact], context, deps.now()))
}

/** What a reader would fold once these facts are recorded: saves reading them back. */
const advance = <C, F extends Fact, S, R extends string>(
  decider: Decider<C, F, S, R>,
  past: Folded<S>,
  facts: readonly F[],
  { commandId, request, tenant }: Context,
  at: string,
  position: Position,
): Folded<S> => ({
  state: facts.reduce(decider.evolve, past.state),
  revision: past.revision + facts.length,
  position,
  tenant,
  since: past.since || at,
  at,
  commands: new Map(past.commands).set(commandId, { request, position }),
})

const proposed = (stream: string, facts: readonly Fact[], context: Context, at: string): Proposed[] => {
  const { commandId, correlationId, tenant, actor, request } = context
  const metadata = { $correlationId: correlationId, $causationId: commandId, tenant, actor, at, request }
  return facts.map(({ type, data }, i) => ({
    id: factIdOf(commandId, stream, i),
    type,
    data,
    metadata: { ...metadata, v: versionOf(type) } satisfies Metadata,
  }))
}
