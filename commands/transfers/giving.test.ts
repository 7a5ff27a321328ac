import { describe, expect, it, onTestFinished } from 'vitest'
import { acceptanceCodes } from '../../adapters/keys/acceptance-codes.ts'
import type { Fault } from '../../adapters/memory-ledger.ts'
import { sqliteVault } from '../../adapters/sqlite/vault.ts'
import { person as personOf } from '../../domain/person.ts'
import { hours } from '../../domain/time.ts'
import { type Context, handle } from '../handle.ts'
import { personStreamIdOf, stepIdOf, ticketIdOf } from '../ids.ts'
import { EVENT, orderWorld } from '../order-process.world.ts'
import { accept, cancel, type Found } from './answering.ts'
import { type Lapsed, lapseOffers } from './lapsing.ts'
import { type Given, give } from './offering.ts'

const ANN = stepIdOf(EVENT, 'ann')
const BEN = stepIdOf(EVENT, 'ben')

/** Ann holds tickets. What befalls the next messages to the ledger is in `faults`, the last one first. */
const world = async (quantity = 1) => {
  const faults: Fault[] = []
  const w = await orderWorld({ faults, cached: true })
  const orderId = await w.buy('ann', quantity)
  await w.settle(orderId)
  const vault = sqliteVault(':memory:')
  onTestFinished(() => vault.close())
  const { people, addressees } = vault
  const found = new Map<string, Found>()
  const codes = acceptanceCodes(await vault.keyFor('acceptance-codes'))
  const deps = {
    ...w.deps,
    people,
    addressees,
    codes,
    knows: async () => true,
    find: async (_: string, id: string) => found.get(id),
  }
  const ticketId = (number: number) => ticketIdOf(EVENT, `pool:GA:${number}`, 1)
  const ask = (actor: string, key: string): Context => {
    const commandId = stepIdOf(actor, key)
    return { commandId, correlationId: commandId, tenant: 'acme', actor: { id: actor, role: 'attendee' }, request: key }
  }
  const offer = async (number = 1, key = `offer ${number}`): Promise<Given> => {
    const wanted = { ticketId: ticketId(number), recipient: { email: 'ben@example.org' }, asks: true }
    const given = await give(deps, wanted, ask(ANN, key))
    if ('offerId' in given) found.set(given.offerId, { ticketId: ticketId(number), kind: 'gift', from: ANN })
    return given
  }
  const offered = async (number = 1) => {
    const given = await offer(number)
    if (!('offerId' in given)) throw new Error(`refused: ${given.refused}`)
    return given.offerId
  }
  const quotaFacts = () => {
    const day = stepIdOf(personStreamIdOf('acme', ANN), `transfers/${w.deps.now().slice(0, 10)}`)
    return w.deps.ledger.read(`quota-${day}`)
  }
  return { ...w, faults, deps, ask, offer, offered, ticketId, quotaFacts, vault }
}

const typesOf = (facts: readonly { type: string }[]) => facts.map(({ type }) => type)

describe('an offer', () => {
  it.each(['lost-request', 'lost-reply', 'conflict', 'late'] as const)(
    'F16.2 F16.9 is one, of which one is counted, though the ledger fails it at any of its steps: %s',
    async (fault) => {
      for (const healthy of [0, 1, 2]) {
        const { faults, offer, quotaFacts, ticketFacts, deps } = await world()
        faults.push(fault, ...Array.from({ length: healthy }, () => 'none' as const))
        const first = await offer()
        const again = await offer()
        expect(again).toEqual(first)
        expect(typesOf(await quotaFacts())).toEqual(['QuotaClaimed'])
        expect(typesOf(await ticketFacts(1)).filter((type) => type === 'TicketOffered')).toHaveLength(1)
        expect(await deps.addressees.find((first as { offerId: string }).offerId)).toBe('ben@example.org')
      }
    },
  )

  it('F16.9 that was refused has left nothing: no claim on the day, and no address', async () => {
    const { offered, offer, quotaFacts, deps, ask } = await world()
    await offered()
    const claims = await quotaFacts()
    expect(await offer(1, 'another')).toMatchObject({ refused: 'TicketIsOffered' })
    expect(await quotaFacts()).toEqual(claims)
    const { commandId } = ask(ANN, 'another')
    expect(await deps.addressees.find(stepIdOf(commandId, 'offer/another'))).toBeUndefined()
  })

  it('F16.5 that was accepted makes a person, whatever the ledger fails at, and none again who was erased since', async () => {
    for (const fault of ['lost-request', 'lost-reply', 'conflict'] as const) {
      const { faults, offered, deps, ask } = await world()
      const offerId = await offered()
      const answer = { offerId, code: deps.codes.codeOf(offerId) }
      faults.push(fault, 'none', fault)
      const accepted = await accept(deps, answer, ask(BEN, 'accept'))
      expect(accepted).toMatchObject({ position: expect.any(String) })
      expect(await deps.people.find(BEN)).toEqual({ name: 'ben', email: 'ben@example.org' })
      const person = await deps.ledger.read(`person-${personStreamIdOf('acme', BEN)}`)
      expect(typesOf(person)).toEqual(['PersonRegistered'])

      await handle(deps, personOf, personStreamIdOf('acme', BEN), { type: 'ErasePerson' }, ask(BEN, 'erase'))
      await deps.people.erase(BEN)
      await accept(deps, answer, ask(BEN, 'accept'))
      expect(await deps.people.find(BEN)).toBeUndefined()
    }
  })
})

describe('the worker that closes what has lapsed', () => {
  const lapsedBy = async (
    { deps }: Pick<Awaited<ReturnType<typeof world>>, 'deps'>,
    offers: readonly Lapsed[],
    page = 100,
  ) => {
    const lapsed = async (_: string, after: Lapsed | undefined) => {
      const from = after ? offers.indexOf(after) + 1 : 0
      return offers.slice(from, from + page)
    }
    return lapseOffers({ ...deps, lapsed })
  }
  const due = (offerId: string, ticketId: string): Lapsed => ({
    ...{ tenant: 'acme', offerId, ticketId },
    expiresAt: '2030-01-03T10:00:00.000Z',
  })

  it('F16.4 believes the ticket, not the view: what still stands, was accepted or taken back is left as it is', async () => {
    const w = await world(4)
    const offers = [await w.offered(1), await w.offered(2), await w.offered(3), await w.offered(4)]
    const [accepted, cancelled, standing] = offers as [string, string, string]
    await accept(w.deps, { offerId: accepted, code: w.deps.codes.codeOf(accepted) }, w.ask(BEN, 'accept'))
    await cancel(w.deps, cancelled, w.ask(ANN, 'cancel'))
    const recorded = w.log.length
    const told = offers.map((offerId, i) => due(offerId, w.ticketId(i + 1)))
    expect(await lapsedBy(w, told)).toEqual({ looked: 4, lapsed: 0 })
    expect(w.log.length).toBe(recorded)
    w.pass(hours(48))
    expect(await lapsedBy(w, told, 1)).toEqual({ looked: 4, lapsed: 2 })
    expect(w.log.length).toBe(recorded + 2)
    expect(await cancel(w.deps, standing, w.ask(ANN, 'too late'))).toMatchObject({ refused: 'OfferClosed' })
  })

  it('F16.4 goes on after a failure, with all the others first', async () => {
    const w = await world(2)
    const told = [due(await w.offered(1), w.ticketId(1)), due(await w.offered(2), w.ticketId(2))]
    w.pass(hours(48))
    w.faults.push(...Array.from({ length: 12 }, () => 'lost-request' as const))
    await lapsedBy(w, told).catch(() => {})
    w.faults.length = 0
    await lapsedBy(w, told)
    for (const number of [1, 2])
      expect(typesOf(await w.ticketFacts(number)).slice(-2)).toEqual(['TicketOffered', 'TicketOfferClosed'])
  })
})
