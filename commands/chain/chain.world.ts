import { randomBytes, randomUUID } from 'node:crypto'
import { onTestFinished } from 'vitest'
import { memoryLedger } from '../../adapters/memory-ledger.ts'
import { embeddedSolana } from '../../adapters/solana/embedded-solana.ts'
import { inOne } from '../../adapters/solana/in-parts.ts'
import { sqliteVault } from '../../adapters/sqlite/vault.ts'
import type { ChainMode } from '../../domain/event/facts.ts'
import { idOf, type Recorded, streamOf } from '../../domain/fact.ts'
import { type AnyFact, known, versionOf } from '../../domain/registry.ts'
import { load } from '../../domain/stream.ts'
import type { CopyState } from '../../domain/ticket/copy.ts'
import { copyStateOf } from '../../domain/ticket/copy.ts'
import { ticket } from '../../domain/ticket/ticket.ts'
import { plus } from '../../domain/time.ts'
import type { ReactorDeps } from '../reactors/reactor.ts'
import { oneLeader } from '../reactors/reactor.world.ts'
import { startReactor } from '../reactors/running.ts'
import { type ChainSyncDeps, chainSync } from './chain-sync.ts'

export const TENANT = 'acme'

const NIGHT = { startsAt: '2030-06-01T18:00:00.000Z', endsAt: '2030-06-01T22:00:00.000Z' }
const PRICE = { amount: 2_500, currency: 'EUR' }

const QUIET = { warn: () => {}, error: () => {} }

/** The chain of a test file: the real program, in memory unless a path is named, and a clock of its own. */
export const openTestChain = async (path = ':memory:') => {
  let at = '2030-05-01T12:00:00.000Z'
  const options = { path, authority: randomBytes(32), key: randomBytes(32), now: () => at }
  const open = async () => inOne(await embeddedSolana(options))
  const chain = await open()
  return {
    chain,
    /** As another process opens it. */
    again: open,
    now: () => at,
    pass: (seconds: number) => {
      at = plus(at, seconds)
    },
  }
}
export type TestChain = Awaited<ReturnType<typeof openTestChain>>

/** A ledger, a vault and a chain, and as many processes of chain-sync as a test starts. */
export const chainWorld = ({ chain, now, pass }: TestChain) => {
  const log: Recorded[] = []
  let ahead = 0
  const ledger = memoryLedger({ log })
  const vault = sqliteVault(':memory:')
  onTestFinished(() => vault.close())
  const deps = {
    ...{ ledger, now, chain, wallets: vault.wallets, signed: vault.signedTransactions, intents: vault.intents },
    sleep: async () => {},
    tokenUri: (eventId: string) => `https://tickets.example.com/api/v1/tokens/${eventId}`,
    heldBy: async (personId: string) => {
      const sold = log.map(known).filter((fact) => fact.type === 'TicketSold' && fact.data.holderId === personId)
      return sold.map(({ stream, metadata }) => ({ tenant: metadata.tenant, ticketId: idOf(stream) }))
    },
  } satisfies ChainSyncDeps
  const reacting: Omit<ReactorDeps, 'leadership'> = {
    ...{ ledger, intents: vault.intents, now: () => plus(now(), ahead) },
    log: QUIET,
  }

  const put = async (category: string, id: string, fact: AnyFact, actor: string = randomUUID()): Promise<void> => {
    const stream = streamOf(category, id)
    const before = await ledger.read(stream)
    await ledger.append(stream, before.length === 0 ? 'none' : before.length - 1, [
      {
        ...{ id: randomUUID(), type: fact.type, data: fact.data },
        metadata: {
          ...{ $correlationId: id, $causationId: randomUUID(), tenant: TENANT, at: now(), request: '' },
          ...{ actor: { id: actor, role: 'process' as const }, v: versionOf(fact.type) },
        },
      },
    ])
  }

  const draft = async (mode: ChainMode = 'token', times: { startsAt: string; endsAt: string } = NIGHT) => {
    const eventId = randomUUID()
    const about = { name: 'Midsummer on the Quay', type: 'single' as const, timeZone: 'Europe/Berlin', currency: 'EUR' }
    const data = { venueId: randomUUID(), ...about, ...times, zones: ['GA'], chain: mode }
    await put('event', eventId, { type: 'EventDrafted', data })
    return eventId
  }

  const sell = async (eventId: string, holderId: string = randomUUID()) => {
    const ticketId = randomUUID()
    const orderId = randomUUID()
    const sale = { eventId, venueId: randomUUID(), typeId: randomUUID(), orderId, price: PRICE }
    const expiresAt = plus(now(), 1_800)
    await put('ticket', ticketId, {
      type: 'TicketReserved',
      data: { ...sale, slot: 'pool:GA:7', edition: 1, expiresAt },
    })
    const { payerId, zone } = { payerId: holderId, zone: 'GA' }
    await put('ticket', ticketId, {
      type: 'TicketSold',
      data: {
        ...{ ...sale, payerId, holderId, generation: 1, zone },
        ...{ validDates: null, delivery: 'digital', transferable: true },
      },
    })
    return ticketId
  }

  const refund = async (ticketId: string) => {
    const { state } = await load({ ledger }, ticket, ticketId)
    if (!('sale' in state)) throw new Error('only what was sold is refunded')
    const { eventId, typeId, orderId, price } = state.sale
    await put('ticket', ticketId, { type: 'TicketRefunded', data: { eventId, typeId, orderId, price, refunds: [] } })
  }

  /** Links a wallet to a person, or another. */
  const link = async (personId: string, address: string) => {
    await vault.wallets.save(personId, address)
    await put('person', randomUUID(), { type: 'PersonWalletLinked', data: {} }, personId)
  }

  const unlink = async (personId: string) => {
    await vault.wallets.remove(personId)
    await put('person', randomUUID(), { type: 'PersonWalletUnlinked', data: {} }, personId)
  }

  const leadership = oneLeader()
  const start = async (other: Partial<ChainSyncDeps> = {}, otherReacting: Partial<ReactorDeps> = {}) => {
    const started = await startReactor({ ...reacting, leadership, ...otherReacting }, chainSync({ ...deps, ...other }))
    onTestFinished(() => started.stop())
    return started
  }

  /** A process that is never stopped, for it will not answer. */
  const startDoomed = (ports: ReturnType<typeof mortal>['ports']) => {
    const doomed = { chain: ports(chain), ledger: ports(ledger), wallets: ports(vault.wallets) }
    const reacting = { ledger: ports(ledger), intents: ports(vault.intents), leadership: oneLeader() }
    const signed = ports(vault.signedTransactions)
    void startReactor({ ...deps, ...reacting, log: QUIET }, chainSync({ ...deps, ...doomed, signed }))
  }

  const copyOf = async (ticketId: string) => {
    const { state } = await load({ ledger }, ticket, ticketId)
    if (!('copy' in state)) throw new Error(`ticket ${ticketId} was never sold`)
    return { ...state.copy, status: state.status, sale: state.sale }
  }

  return {
    ...{ deps, vault, log, chain, now, pass, put, draft, sell, refund, link, unlink, start, startDoomed, copyOf },
    /** The clock of the processes alone: no block goes by. */
    passForProcesses: (seconds: number) => {
      ahead += seconds
    },
    stateOf: async (ticketId: string, mode: ChainMode = 'token'): Promise<CopyState> =>
      copyStateOf(await copyOf(ticketId), mode),
    /** What the chain says of a ticket. */
    onChain: async (ticketId: string, wallet: string | null = null) => {
      const { sale, heldSince } = await copyOf(ticketId)
      return (await chain.find([{ ticketId, eventId: sale.eventId, wallet, heldSince }]))[0]!
    },
    factsOf: (ticketId: string) => log.filter(({ stream }) => stream === streamOf('ticket', ticketId)).map(known),
  }
}
export type ChainWorld = ReturnType<typeof chainWorld>

/** Whether a call of a process that is about to be killed still takes effect. */
export type Death = 'before' | 'after'

/**
 * The ports of a process that is killed at its nth call of them: from then on nothing it does takes effect, and nothing ever answers.
 * `calls` tells how many there were.
 */
export const mortal = (fatal: number, death: Death) => {
  const calls: string[] = []
  const never = new Promise<never>(() => {})
  const ports = <P extends object>(port: P): P =>
    new Proxy(port, {
      get: (target, name) => {
        const method = Reflect.get(target, name)
        if (typeof method !== 'function') return method
        return (...args: unknown[]) => {
          if (calls.length >= fatal) return never
          calls.push(String(name))
          if (calls.length < fatal) return method.apply(target, args)
          if (death === 'before') return never
          return Promise.resolve(method.apply(target, args)).then(() => never)
        }
      },
    })
  return { calls, ports, isDead: () => calls.length >= fatal }
}
