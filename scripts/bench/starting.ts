import { setTimeout as sleep } from 'node:timers/promises'
import type { Options } from './report.ts'
import { end, makeFolder, memoryOf, start, startServer } from './server.ts'

const npmStart = async (folder: string): Promise<number> => {
  const { child, readyAfter } = await start(folder, 'npm', ['start'])
  await end(child)
  return readyAfter / 1_000
}

/** `npm start` until it is ready, and what it holds when nobody asks. */
export const starting = async ({ report }: Options): Promise<void> => {
  const folder = makeFolder()
  report.figure({
    name: 'npm start to ready, fresh',
    value: await npmStart(folder),
    unit: 's',
    goal: { atMost: 4 },
    note: 'on an empty data folder; the first start after an installation also makes the image of an empty database',
  })
  report.figure({ name: 'npm start to ready, warm', value: await npmStart(folder), unit: 's', goal: { atMost: 1.5 } })
  const server = await startServer(folder)
  await sleep(3_000)
  report.figure({ name: 'memory at rest (RSS)', value: memoryOf(server.pid), unit: 'MB' })
  await server.stop()
}
