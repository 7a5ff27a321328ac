import type { Known } from '../domain/registry.ts'
import { buildsIn, isOf } from '../projections/builds.ts'
import type { ReadModel } from '../projections/read-model.ts'
import { promote, type Workshop } from '../projections/rebuild.ts'
import { atWork } from './rebuild/workshop.ts'

// npm run promote -- <model|all>
// Lets everybody read what npm run rebuild has built, without a request failing; `all`: whatever was built.

const promoteBuilt = async (models: readonly ReadModel<Known>[], workshop: Workshop<Known>): Promise<void> => {
  const ready = (await buildsIn(workshop.db)).filter(({ state }) => state === 'ready')
  const built = models.filter((model) => ready.some(isOf(model)))
  if (built.length === 0) {
    const name = models.length === 1 ? models[0]!.name : 'all'
    throw new Error(`nothing was built to promote: run npm run rebuild -- ${name} first`)
  }
  for (const model of built) {
    await promote(model, workshop)
    console.log(`${model.name}: everybody reads what was built`)
  }
}

await atWork('promote', process.argv.slice(2), promoteBuilt)
