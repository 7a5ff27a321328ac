import { setTimeout as sleep } from 'node:timers/promises'
import { type Position, type Recorded, START } from '../../domain/fact.ts'
import { factTypes, type Known, known } from '../../domain/registry.ts'
import type { Intent } from '../../domain/vault.ts'
import { stepIdOf } from '../ids.ts'
import { messageOf, type Reactor, type Working } from './reactor.ts'

const PAGE = 1_000

/** Milliseconds between pages that are not full, so that a busy ledger makes few changes to the vault rather than many. */
const REST = 250

/** Turns facts into kept intents until the signal aborts, or another process reads on. Throws at a fact that it cannot get past. */
export const read = async (working: Working, signal: AbortSignal, moved: () => void): Promise<void> => {
  const { reactor, ledger, intents, halted, now } = working
  let position = await whereItStands(working)
  // Not where it halted before: it has yet to get past that.
  if (halted.by === null) moved()

  for await (const facts of ledger.tail(position, PAGE, signal)) {
    const { wanted, to, poison } = whatFollows(reactor, facts)
    if (to !== undefined) {
      if (!(await intents.keep(reactor.name, position, to, wanted))) return
      position = to
      halted.by = null
      moved()
    }
    if (poison) {
      const { id: factId, type, position } = poison.fact
      halted.by = { factId, type, position, error: messageOf(poison.error), at: now() }
      throw new Error(`${reactor.name} halts at ${type} ${factId}: ${halted.by.error}`, { cause: poison.error })
    }
    if (facts.length < PAGE) await sleep(REST, undefined, { signal }).catch(() => {})
  }
  if (!signal.aborted) throw new Error('the ledger told no more: it is read again from where it was')
}

/** In a ledger that was restored from an older backup that is its end: what it lost has been acted on, what comes next has not. */
const whereItStands = async ({ reactor, ledger, intents, log }: Working): Promise<Position> => {
  const position = (await intents.positionOf(reactor.name)) ?? START
  const head = await ledger.head()
  if (position <= head) return position
  log.warn({ reactor: reactor.name, position, head }, 'the ledger is shorter than it was: a reactor goes on at its end')
  await intents.keep(reactor.name, position, head, [])
  return head
}

type Following = {
  readonly wanted: readonly Pick<Intent, 'id' | 'data'>[]
  /** The last fact that could be read; undefined if there is none. */
  readonly to: Position | undefined
  readonly poison?: { readonly fact: Recorded; readonly error: unknown }
}

const whatFollows = ({ name, wants }: Reactor, facts: readonly Recorded[]): Following => {
  const wanted: Pick<Intent, 'id' | 'data'>[] = []
  let to: Position | undefined
  for (const fact of facts) {
    try {
      if (concerns(wants, fact.type)) {
        const follow = wants[fact.type] as (fact: Known) => readonly object[]
        for (const [i, data] of follow(known(fact)).entries())
          wanted.push({ id: stepIdOf(fact.id, `${name}/${i}`), data })
      }
    } catch (error) {
      return { wanted, to, poison: { fact, error } }
    }
    to = fact.position
  }
  return { wanted, to }
}

const types: ReadonlySet<string> = new Set(factTypes)

/** A type that nobody here knows may be one that it should act on, so it is not passed over. */
const concerns = (wants: Reactor['wants'], type: string): type is keyof Reactor['wants'] => {
  if (!types.has(type)) throw new Error(`${type} is not in the registry: deploy readers before writers`)
  return Object.hasOwn(wants, type)
}
