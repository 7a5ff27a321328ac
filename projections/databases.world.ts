import { afterAll, beforeAll } from 'vitest'
import { openReadModels } from '../adapters/pglite/read-models.ts'
import { postgresReadModels, type ReadModels } from '../adapters/postgres/read-models.ts'
import { type PostgresServer, postgresServer } from '../adapters/postgres/server.world.ts'

/** Where read models live. Starts with the first test of the block that it is called in, and goes with the last. */
export type Place = {
  readonly name: string
  readonly use: () => {
    /** A database that holds nothing; closed with the place. */
    readonly open: () => Promise<ReadModels>
  }
}

const closing = (open: () => Promise<ReadModels>) => {
  const opened: ReadModels[] = []
  afterAll(async () => {
    await Promise.all(opened.map(({ close }) => close()))
  })
  return async () => {
    const models = await open()
    opened.push(models)
    return models
  }
}

/** The projections' tests run on each. */
export const places: readonly Place[] = [
  { name: 'PGlite', use: () => ({ open: closing(() => openReadModels(':memory:')) }) },
  {
    name: 'PostgreSQL',
    use: () => {
      let server: PostgresServer
      beforeAll(async () => {
        server = await postgresServer()
      })
      afterAll(() => server.stop())
      return { open: closing(async () => postgresReadModels({ url: await server.database() })) }
    },
  },
]
