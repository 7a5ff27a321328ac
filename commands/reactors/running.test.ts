import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { soleLeader } from '../../adapters/leadership.ts'
import { memoryLedger } from '../../adapters/memory-ledger.ts'
import type { Intent } from '../../domain/vault.ts'
import type { Acted } from './reactor.ts'
import { reactorWorld, someFact } from './reactor.world.ts'

const soon = { timeout: 5_000, interval: 20 }

/** Long enough for whatever would happen to have happened. */
const aWhile = () => sleep(700)

describe('a reactor', () => {
  it('acts once on each fact that it wants something from, and on no other', async () => {
    const { start, record, factIds, acted } = reactorWorld()
    const { status } = await start()
    const wanted = await record(someFact(), someFact('PersonErased'), someFact())
    await expect.poll(factIds, soon).toEqual([wanted[0], wanted[2]])
    await expect
      .poll(status, soon)
      .toMatchObject({ leading: true, open: 0, givenUp: 0, failure: null, halted: null, behindSeconds: 0 })
    await aWhile()
    expect(acted).toHaveLength(2)
  })

  it('leaves history alone when it is switched on, or takes all of it: as it is meant to', async () => {
    const { start, record, acted, factIds } = reactorWorld()
    const past = await record(someFact(), someFact())
    await start({ name: 'mail' })
    await start({ name: 'chain', begins: 'with-the-first-fact' })
    const next = await record(someFact())
    await expect.poll(() => acted, soon).toHaveLength(4)
    expect(factIds().toSorted()).toEqual([...past, ...next, ...next].toSorted())
    expect(new Set(acted.map(({ id }) => id)).size).toBe(4)
  })

  it('misses nothing that was recorded after its first start, even if that saw nothing at all', async () => {
    const { start, record, factIds } = reactorWorld()
    await (await start()).stop()
    const missed = await record(someFact())
    await start()
    await expect.poll(factIds, soon).toEqual(missed)
  })

  it('goes on where it was after a restart', async () => {
    const { start, record, factIds } = reactorWorld()
    const first = await start()
    const before = await record(someFact())
    await expect.poll(factIds, soon).toEqual(before)
    await first.stop()
    const meanwhile = await record(someFact())
    await start()
    await expect.poll(factIds, soon).toEqual([...before, ...meanwhile])
  })

  it('works in one of several processes, and in another when that ends', async () => {
    const { start, record, factIds } = reactorWorld()
    const [one, other] = [await start(), await start()]
    const before = await record(someFact(), someFact())
    await expect.poll(factIds, soon).toEqual(before)
    expect(await one.status()).toMatchObject({ leading: true })
    expect(await other.status()).toMatchObject({ leading: false })
    await one.stop()
    const after = await record(someFact())
    await expect.poll(factIds, soon).toEqual([...before, ...after])
    expect(await other.status()).toMatchObject({ leading: true })
  })

  it('acts once even while two processes both believe to lead', async () => {
    const { start, record, factIds } = reactorWorld()
    await Promise.all([1, 2, 3].map(() => start({}, { leadership: soleLeader })))
    const wanted: string[] = []
    for (let i = 0; i < 40; i++) {
      wanted.push(...(await record(someFact())))
      await sleep(10)
    }
    await expect.poll(() => factIds().length, soon).toBeGreaterThanOrEqual(40)
    await aWhile()
    expect(factIds().toSorted()).toEqual(wanted.toSorted())
  })

  it('goes on at the end of a ledger that was restored from an older backup', async () => {
    const { start, record, factIds, log, logged } = reactorWorld()
    const first = await start()
    const before = await record(someFact(), someFact(), someFact())
    await expect.poll(factIds, soon).toEqual(before)
    await first.stop()
    const restored = memoryLedger({ log: log.slice(0, 1) })
    const { status } = await start({}, { ledger: restored })
    await expect.poll(() => logged, soon).toContain('the ledger is shorter than it was: a reactor goes on at its end')
    const fact = someFact()
    await restored.append('person-1', 'none', [fact])
    await expect.poll(factIds, soon).toEqual([...before, fact.id])
    expect(await status()).toMatchObject({ failure: null })
  })
})

describe('an act', () => {
  it('that fails is tried again after 5 s, then 10 s, and at last every hour; until then it is seen why', async () => {
    const { start, record, pass } = reactorWorld()
    const tries: number[] = []
    const act = async ([intent]: readonly Intent[]): Promise<Acted[]> => {
      tries.push(intent!.attempts)
      throw new Error('the mail server is away')
    }
    const { status } = await start({ act })
    await record(someFact())
    for (const [i, seconds] of [5, 10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 3_600, 3_600].entries()) {
      await expect.poll(() => tries.length, soon).toBe(i + 1)
      await expect.poll(status, soon).toMatchObject({ open: 1, failing: 1, why: 'the mail server is away' })
      if (seconds === 10) {
        pass(seconds - 1)
        await aWhile()
        expect(tries).toHaveLength(i + 1)
        pass(1)
      } else pass(seconds)
    }
    await expect.poll(() => tries, soon).toEqual(Array.from({ length: 13 }, (_, i) => i + 1))
  })

  it('that will never be done is given up, and counted', async () => {
    const { start, record, acted, pass } = reactorWorld()
    const { status } = await start({
      act: async (intents) => {
        acted.push(...intents)
        return [{ refused: 'no such mailbox' }]
      },
    })
    await record(someFact())
    await expect.poll(status, soon).toMatchObject({ open: 0, failing: 0, givenUp: 1, why: 'no such mailbox' })
    pass(100_000)
    await aWhile()
    expect(acted).toHaveLength(1)
  })

  it('that takes too long is told so, and holds up no other', async () => {
    const { start, record, factIds, acted } = reactorWorld()
    const told: boolean[] = []
    const { status } = await start({
      withinSeconds: 0.3,
      act: (intents, signal) => {
        acted.push(...intents)
        if (acted.length > 1) return Promise.resolve(['done'])
        signal.addEventListener('abort', () => told.push(true))
        return new Promise(() => {})
      },
    })
    const [slow] = await record(someFact())
    await expect.poll(factIds, soon).toEqual([slow])
    await record(someFact())
    await expect.poll(status, soon).toMatchObject({ open: 1, failing: 1, why: 'it took longer than 0.3 s' })
    expect(acted).toHaveLength(2)
    expect(told).toEqual([true])
  })

  it('of several at once is told apart: done, refused, or tried again', async () => {
    const { start, record, acted, pass } = reactorWorld()
    const outcomes: Acted[][] = [['done', { refused: 'never' }, { failed: 'not yet' }], ['done']]
    const { status } = await start({
      together: 10,
      wants: { PersonRegistered: () => [{ part: 1 }, { part: 2 }, { part: 3 }] },
      act: async (intents) => {
        acted.push(...intents)
        return outcomes.shift()!
      },
    })
    await record(someFact())
    await expect.poll(status, soon).toMatchObject({ open: 1, failing: 1, givenUp: 1, why: 'not yet' })
    pass(5)
    await expect.poll(status, soon).toMatchObject({ open: 0, failing: 0, givenUp: 1, why: 'never' })
    expect(acted.map(({ data }) => data)).toEqual([{ part: 1 }, { part: 2 }, { part: 3 }, { part: 3 }])
  })

  it('that nobody could be told of is begun again under the same id, once its time is over', async () => {
    const { deps, start, record, acted, pass } = reactorWorld()
    const deaf = { ...deps.intents, done: () => Promise.reject(new Error('the vault is away')) }
    const first = await start({}, { intents: deaf })
    await record(someFact())
    await expect.poll(() => acted, soon).toHaveLength(1)
    await first.stop()
    await start()
    await aWhile()
    expect(acted).toHaveLength(1)
    pass(60)
    await expect.poll(() => acted.map(({ attempts }) => attempts), soon).toEqual([1, 2])
    expect(acted[1]!.id).toBe(acted[0]!.id)
  })

  it('is not made twice because the vault was away for a moment', async () => {
    const { deps, start, record, acted } = reactorWorld()
    const failures = [new Error('the vault is away'), new Error('still')]
    const shaky = {
      ...deps.intents,
      done: async (reactor: string, id: string) => {
        const failure = failures.pop()
        if (failure) throw failure
        return deps.intents.done(reactor, id)
      },
    }
    const { status } = await start({}, { intents: shaky })
    await record(someFact())
    await expect.poll(() => failures, soon).toEqual([])
    await expect.poll(status, soon).toMatchObject({ open: 0 })
    expect(acted).toHaveLength(1)
  })

  it('in hand is finished before the reactor has stopped, and no other is begun', async () => {
    const { start, record, factIds, acted } = reactorWorld()
    let finish = () => {}
    const { stop } = await start({
      act: async (intents) => {
        await new Promise<void>((resolve) => {
          finish = resolve
        })
        acted.push(...intents)
        return ['done']
      },
    })
    const [first] = await record(someFact())
    await aWhile()
    const stopping = stop()
    await record(someFact())
    expect(acted).toEqual([])
    finish()
    await stopping
    expect(factIds()).toEqual([first])
  })
})

describe('a reactor that cannot get on', () => {
  it('stands still at a fact that it does not know, loudly, while what came before is done', async () => {
    const { start, record, factIds, logged } = reactorWorld()
    const { status } = await start()
    const [before, poison] = await record(someFact(), someFact('PersonDreamt'), someFact())
    await expect.poll(factIds, soon).toEqual([before])
    await expect.poll(status, soon).toMatchObject({
      halted: { factId: poison, type: 'PersonDreamt', error: expect.stringContaining('not in the registry') },
      open: 0,
    })
    await sleep(1_500)
    expect(factIds()).toEqual([before])
    expect((await status()).halted).not.toBeNull()
    expect(logged.filter((message) => message.includes('stands still'))).not.toEqual([])
  })

  it('stands still at a fact of the right type and the wrong shape', async () => {
    const { start, record } = reactorWorld()
    const { status } = await start({ wants: { VenueRegistered: () => [{}] } })
    const [poison] = await record(someFact('VenueRegistered', { name: 7 }))
    await expect.poll(status, soon).toMatchObject({ halted: { factId: poison, type: 'VenueRegistered' } })
  })

  it('looks again when the ledger, the vault or the leadership did not answer', async () => {
    const { deps, start, record, factIds } = reactorWorld()
    let troubles = 4
    const shaky =
      <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
      async (...args: A): Promise<R> => {
        if (isTroubled && troubles-- > 0) throw new Error('no answer')
        return call(...args)
      }
    let isTroubled = false
    const { status } = await start(
      {},
      {
        ledger: { ...deps.ledger, head: shaky(deps.ledger.head) },
        intents: { ...deps.intents, keep: shaky(deps.intents.keep), begin: shaky(deps.intents.begin) },
        leadership: { ...deps.leadership, lead: shaky(deps.leadership.lead) },
      },
    )
    isTroubled = true
    const wanted = await record(someFact())
    await expect.poll(async () => (await status()).failure, soon).toBe('no answer')
    await expect.poll(factIds, { timeout: 20_000 }).toEqual(wanted)
    await expect.poll(async () => (await status()).failure, soon).toBeNull()
  })

  it('reads on when a ledger ends its tail, from where it was', async () => {
    const { deps, start, record, factIds } = reactorWorld()
    let ends = 2
    const { status } = await start(
      {},
      {
        ledger: {
          ...deps.ledger,
          tail: async function* (after, limit, signal) {
            for await (const page of deps.ledger.tail(after, limit, signal)) {
              yield page
              if (ends-- > 0) return
            }
          },
        },
      },
    )
    const wanted: string[] = []
    for (let i = 0; i < 3; i++) {
      wanted.push(...(await record(someFact())))
      await expect.poll(factIds, soon).toEqual(wanted)
    }
    expect(await status()).toMatchObject({ failure: null })
  })
})
