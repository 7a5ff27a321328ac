import { Gauge } from 'prom-client'
import type { Parts } from '../adapters/parts.ts'
import { known } from '../domain/registry.ts'
import { negatives } from './availability/read.ts'
import { readModels } from './models.ts'
import { type Projections, startProjections } from './projector.ts'

/** Keeps the read models up with the ledger, and tells of it. */
export const projectionSide = async ({ readModels: { db }, ledger, now, metrics }: Parts): Promise<Projections> => {
  const projections = await startProjections({ db, ledger, models: readModels, decode: known, now })
  new Gauge({
    name: 'counterfoil_read_model_behind_seconds',
    help: 'For how long the oldest fact that a read model has not applied has been waiting.',
    labelNames: ['model'],
    registers: [metrics],
    async collect() {
      for (const { name, behindSeconds } of await projections.status()) this.set({ model: name }, behindSeconds)
    },
  })
  new Gauge({
    name: 'counterfoil_negative_inventory',
    help: 'Pools whose view shows fewer than no tickets: must be 0.',
    registers: [metrics],
    async collect() {
      this.set(await negatives(db))
    },
  })
  return projections
}

/** Ready means: every read model gets on, and none shows what cannot be. */
export const healthOf = async (projections: Projections, { readModels: { db } }: Parts) => {
  const status = await projections.status()
  const negativePools = await negatives(db)
  return {
    ready: negativePools === 0 && status.every(({ halted, failure }) => halted === null && failure === null),
    negativeInventory: negativePools,
    readModels: Object.fromEntries(status.map(({ name, ...rest }) => [name, rest])),
  }
}
