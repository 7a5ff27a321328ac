import { readConfig } from '../../adapters/config.ts'
import { openParts } from '../../adapters/parts.ts'
import type { Known } from '../../domain/registry.ts'
import { projectionOptions } from '../../projections/main.ts'
import { migrate } from '../../projections/migrations.ts'
import { readModels } from '../../projections/models.ts'
import { workshopOf } from '../../projections/projector.ts'
import type { ReadModel } from '../../projections/read-model.ts'
import type { Workshop } from '../../projections/rebuild.ts'

type Work = (models: readonly ReadModel<Known>[], workshop: Workshop<Known>) => Promise<void>

/**
 * Does the work of a command on the models that are named, on the parts that the settings name: shared ones while everything runs,
 * embedded ones when nothing else has their folder. Ends with one line on stderr where it fails.
 */
export const atWork = async (command: string, args: readonly string[], work: Work): Promise<void> => {
  try {
    const models = chosen(command, args)
    const parts = await openParts(readConfig(process.env))
    const done = new AbortController()
    try {
      await migrate(parts.readModels.db)
      await work(models, workshopOf(projectionOptions(parts), done.signal))
    } finally {
      done.abort()
      await parts.close()
    }
  } catch (error) {
    console.error((error as Error).message)
    process.exitCode = 1
  }
}

const chosen = (command: string, [name, ...more]: readonly string[]): readonly ReadModel<Known>[] => {
  const names = readModels.map((model) => model.name).join(', ')
  if (name === undefined || more.length > 0) throw new Error(`which one? npm run ${command} -- <${names} or all>`)
  const models = name === 'all' ? readModels : readModels.filter((model) => model.name === name)
  if (models.length === 0) throw new Error(`there is no read model ${name}: it is one of ${names}, or all`)
  return models
}
