import { join } from 'node:path'
import type { Role } from '../../domain/roles.ts'
import { type Books, headOf, readBooks } from './books.ts'
import { type Caller, callerOf, type Weather } from './caller.ts'
import { followed, quiet, sellTheRest, settle } from './calm.ts'
import { chanceOf } from './chance.ts'
import { attend, callOff } from './desk.ts'
import { havoc } from './faults.ts'
import { type Recorder, recorder } from './history.ts'
import { type Judgement, judge } from './invariants.ts'
import { promoter } from './programme.ts'
import { serve } from './service.ts'
import type { Setup } from './setup.ts'
import { type Person, shop } from './shopper.ts'
import { emailOf, square as openSquare } from './square.ts'

export type Plan = {
  readonly seed: string
  /** How long there is havoc: until then, and until so many orders were placed, however slow the machine is. */
  readonly milliseconds: number
  readonly orders: number
  readonly clients: number
  /** Milliseconds between two things that a client does, and between two faults. */
  readonly pauseMs: readonly [number, number]
  readonly faultsMs: readonly [number, number]
  /** The most that there are. */
  readonly faults: number
  readonly newEventMs: number
  /**
   * Open orders are given up by their clients, who would otherwise wait until their reservations lapse; and nothing is copied to the
   * chain, where what a killed process had begun waits for more than a minute.
   */
  readonly hurry: boolean
  readonly folder: string
  readonly setUp: (folder: string, died: (process: string, how: string) => void) => Promise<Setup>
  readonly tell: (line: string) => void
}

export type Outcome = { readonly judgements: readonly Judgement[]; readonly history: Recorder; readonly books: Books }

/** Services, one for so many shoppers. */
const SHOPPERS_PER_SERVICE = 4

/** Lets clients and havoc loose on Counterfoil, waits until it is quiet, and judges what the clients were told. */
export const torture = async (plan: Plan): Promise<Outcome> => {
  const history = recorder(join(plan.folder, 'history.jsonl'))
  const setup = await plan.setUp(plan.folder, (process, how) => history.fault(how, process))
  try {
    return await tortureOn(setup, history, plan)
  } finally {
    await setup.stop()
    await history.close()
  }
}

const tortureOn = async (setup: Setup, history: Recorder, plan: Plan): Promise<Outcome> => {
  const { seed, clients, pauseMs, tell } = plan
  const chance = chanceOf(seed)
  const weather: Weather = { calm: true }
  const deps = { setup, recorder: history, weather }
  const withToken = (name: string, token: string): Caller => callerOf(deps, name, token, chance.fork(name))
  const as = async (role: Role, name: string): Promise<Caller> => withToken(name, await setup.tokenOf(role, name))

  const [ada, olga, desk] = [await as('admin', 'ada'), await as('organizer', 'olga'), await as('admin', 'desk')]
  const people: Person[] = []
  for (let number = 1; number <= clients; number++) {
    const caller = await as('attendee', `shopper-${number}`)
    const { personId } = (await caller.ask<{ personId: string }>('GET', '/me')).body
    // Or nobody would be known by the address that a gift is sent to.
    await caller.ask('PUT', '/me', { body: { name: caller.name, email: emailOf(caller.name) } })
    people.push({ caller, chance: chance.fork(`${caller.name}/acts`), personId })
  }
  const services: Caller[] = []
  for (let number = 1; number <= Math.ceil(clients / SHOPPERS_PER_SERVICE); number++)
    services.push(await as('service', `service-${number}`))

  const { programme, openEvent, run } = promoter({
    ...{ olga, chance: chance.fork('programme'), gateOf: withToken },
    chain: plan.hurry ? 'off' : 'token',
  })
  await openEvent()
  await openEvent()

  const over = Date.now() + plan.milliseconds
  const isOver = () => Date.now() >= over && history.placed() >= plan.orders
  weather.calm = false
  const dangers = { chance: chance.fork('faults'), pauseMs: plan.faultsMs, most: plan.faults }
  const square = openSquare()
  const loose = { programme, square, people, isOver, pauseMs }
  const personIds = people.map(({ personId }) => personId)
  const telling = setInterval(() => tell(progressOf(history, over)), 10_000)
  try {
    await Promise.all([
      run(isOver, plan.newEventMs),
      havoc({ ...dangers, setup, recorder: history, isOver }),
      ...people.map((person) => shop(person, loose)),
      ...services.map((caller) =>
        serve({ ...loose, caller, chance: chance.fork(`${caller.name}/acts`), people: personIds }),
      ),
      attend({ ...loose, desk, chance: chance.fork('desk/acts') }),
    ])
  } finally {
    clearInterval(telling)
  }

  // One at least, however short the day was; the orders that it had under way are given up.
  if (programme.cancelled.size === 0) await callOff(desk, programme, programme.events[0]!.eventId)
  weather.calm = true
  tell('calm: waiting until every order has ended')
  const byName = new Map([...people.map(({ caller }) => caller), ...services].map((caller) => [caller.name, caller]))
  await settle({ history, ada, byName, hurry: plan.hurry })
  tell('waiting until everything is closed and paid')
  const quieting = { ada: desk, commandUrl: setup.commandUrls[0]!, programme, disputed: square.disputed, tell }
  await quiet(quieting)
  const lastSales = await sellTheRest(people[0]!.caller, programme, await headOf(ada))
  await quiet({ ...quieting, disputed: [] })
  tell('waiting until the chain has followed')
  await followed(ada)
  tell('reading the books')
  const reading = { ada, olga, people, programme, exchanges: history.exchanges }
  const books = await readBooks(reading)
  tell('building the read models anew')
  await setup.rebuild()
  const rebuilt = await readBooks(reading)
  const mismatches = await setup.mismatches()
  const { exchanges, faults } = history
  const persons = Object.fromEntries(people.map(({ caller: { name }, personId }) => [name, personId]))
  const evidence = { exchanges, faults, people: persons, books, rebuilt, lastSales, mismatches }
  return { judgements: judge(evidence), history, books }
}

const progressOf = ({ exchanges, faults }: Recorder, over: number): string => {
  const lost = exchanges.filter(({ status }) => status === null).length
  const left = Math.max(0, Math.round((over - Date.now()) / 1_000))
  return `${exchanges.length} requests, ${lost} without an answer, ${faults.length} faults, ${left} s left`
}
