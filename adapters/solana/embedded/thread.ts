import { parentPort, workerData } from 'node:worker_threads'
import { type EmbeddedChain, embeddedChain } from './chain.ts'
import { deployed } from './deployed.ts'

export type Opening = {
  /** Of its file. */
  readonly path: string
  /** Where the ledger's own program is; undefined for where it was made for. */
  readonly programId?: string | undefined
}

export type Question = { readonly id: number; readonly at: string; readonly body: string }

export type Answer = { readonly id: number; readonly body: string }

const { path, programId } = workerData as Opening
const port = parentPort!

/** When the newest question was asked. */
let told: string

let chain: EmbeddedChain | undefined

port.on('message', async (message: Question | 'close') => {
  if (message === 'close') {
    chain?.close()
    return port.close()
  }
  const { id, at, body } = message
  told = at
  chain ??= embeddedChain({ path, programs: deployed(programId), now: () => told })
  port.postMessage({ id, body: await chain.answer(body) } satisfies Answer)
})
