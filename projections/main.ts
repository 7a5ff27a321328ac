import { Gauge } from 'prom-client'
import type { Health } from '../adapters/http/vitals.ts'
import type { Parts } from '../adapters/parts.ts'
import { type Known, known } from '../domain/registry.ts'
import { negatives } from './availability/read.ts'
import { readModels } from './models.ts'
import { type Options, type Projections, startProjections, watchProjections } from './projector.ts'

/** What keeping the read models up, reading them and building them anew rest on. */
export const projectionOptions = ({ readModels: database, ledger, leadership, now }: Parts): Options<Known> => ({
  database,
  ledger,
  leadership,
  models: readModels,
  decode: known,
  now,
})

/** Keeps the read models up with the ledger, and tells of it. */
export const projectionSide = async (parts: Parts): Promise<Projections> => {
  const projections = await startProjections(projectionOptions(parts))
  const { metrics } = parts
  new Gauge({
    name: 'counterfoil_read_model_behind_seconds',
    help: 'For how long the oldest fact that a read model has not applied has been waiting.',
    labelNames: ['model'],
    registers: [metrics],
    async collect() {
      for (const { name, behindSeconds } of await projections.status())
        if (behindSeconds === null) this.remove({ model: name })
        else this.set({ model: name }, behindSeconds)
    },
  })
  new Gauge({
    name: 'counterfoil_negative_inventory',
    help: 'Pools whose view shows fewer than no tickets: must be 0.',
    registers: [metrics],
    async collect() {
      const pools = await negativePools(projections)
      if (pools === null) this.remove()
      else this.set(pools)
    },
  })
  return projections
}

/** For a process that reads the read models while others keep them up. */
export const readingSide = (parts: Parts): Promise<Projections> => watchProjections(projectionOptions(parts))

/** Ready means: every read model gets on, and none shows what cannot be. `others` is what this process has besides. */
export const healthOf = async (projections: Projections, others: () => Promise<Health> = none): Promise<Health> => {
  const { ready, ...rest } = await others()
  const status = await projections.status()
  const negativeInventory = await negativePools(projections)
  return {
    ready:
      ready && negativeInventory === 0 && status.every(({ halted, failure }) => halted === null && failure === null),
    negativeInventory,
    readModels: Object.fromEntries(status.map(({ name, ...rest }) => [name, rest])),
    ...rest,
  }
}

/** Null while the database does not answer. */
const negativePools = (projections: Projections): Promise<number | null> => negatives(projections).catch(() => null)

const none = async (): Promise<Health> => ({ ready: true })
