import type { Known } from '../domain/registry.ts'
import { buildsIn } from '../projections/builds.ts'
import type { ReadModel } from '../projections/read-model.ts'
import { buildBeside, type Workshop } from '../projections/rebuild.ts'
import { showProgress } from './rebuild/progress.ts'
import { atWork } from './rebuild/workshop.ts'

// npm run rebuild -- <model|all>
// Builds read models from the first fact on, beside those that are read; npm run promote then lets everybody read them.
// Run from new code before that is rolled out, it builds the new version in advance.

/** How many facts the ledger has, as far as any build of any model has counted them. */
const factsKnown = async ({ db }: Workshop<Known>): Promise<number> =>
  Math.max(0, ...(await buildsIn(db)).map(({ facts }) => facts))

const rebuild = async (models: readonly ReadModel<Known>[], workshop: Workshop<Known>): Promise<void> => {
  const began = performance.now()
  const done = new Map(models.map(({ name }) => [name, 0]))
  const slowest = () => Math.min(...done.values())
  const progress = showProgress(await factsKnown(workshop))
  const build = (model: ReadModel<Known>) =>
    buildBeside(model, workshop, (facts) => {
      done.set(model.name, facts)
      progress.at(slowest())
    })
  try {
    // At once, for then they share one reading of the ledger.
    const results = await Promise.allSettled(models.map(build))
    const failed = results.filter((result) => result.status === 'rejected')
    if (failed.length > 0) throw new Error(failed.map(({ reason }) => reason.message).join('\n'))
  } finally {
    progress.stop()
  }
  const seconds = ((performance.now() - began) / 1_000).toFixed(1)
  const names = [...done.keys()].join(', ')
  const next = `npm run promote -- ${models.length === 1 ? models[0]!.name : 'all'}`
  console.log(`${names}: built from ${slowest().toLocaleString('en')} facts in ${seconds} s. Now ${next}`)
}

await atWork('rebuild', process.argv.slice(2), rebuild)
