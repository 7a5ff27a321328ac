import { constants, platform, setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { embeddedSolana } from './embedded-solana.ts'
import type { ChainInParts } from './in-parts.ts'
import { chainInParts } from './solana-chain.ts'

/** What the thread runs: the client of a cluster, or the embedded chain in a file. */
export type Opening = ({ readonly rpcUrl: string } | { readonly path: string }) & {
  /** The seed of its key, 32 bytes. */
  readonly authority: Uint8Array
  /** What addresses, and the keys of holders without a wallet, are derived from: 32 bytes. */
  readonly key: Uint8Array
  readonly programId?: string | undefined
  /** Micro-lamports for each compute unit, on top of the fee. */
  readonly priorityFee?: number | undefined
}

type Answering = ChainInParts & {
  /** Of the embedded chain alone: JSON-RPC as it is, from a request's body to its answer's. */
  readonly rpc?: (body: string) => Promise<string>
}

export type Call = keyof Answering

export type Question = {
  readonly id: number
  readonly at: string
  readonly call: Call
  readonly args: readonly unknown[]
}

export type Answer = { readonly id: number } & (
  | { readonly value: unknown }
  | { readonly error: { readonly name: string; readonly message: string } }
)

/** When the newest question was asked. */
let told: string | undefined

let opened: Promise<Answering> | undefined

const open = async (opening: Opening): Promise<Answering> => {
  if ('rpcUrl' in opening) return chainInParts({ ...opening, rpc: opening.rpcUrl })
  return embeddedSolana({ ...opening, now: () => told! })
}

const answerTo = async ({ id, at, call, args }: Question): Promise<Answer> => {
  told = at
  opened ??= open(workerData as Opening)
  const chain = await opened
  try {
    const method = chain[call] as (...args: readonly unknown[]) => Promise<unknown>
    return { id, value: await method(...args) }
  } catch (error) {
    const { name, message } = error as Error
    return { id, error: { name, message } }
  }
}

// On Linux each thread has a priority of its own; elsewhere this would be the whole process's.
if (platform() === 'linux') setPriority(constants.priority.PRIORITY_LOW)

const port = parentPort!
// What cannot be opened ends the thread, and whoever asks is told why.
port.on('message', async (question: Question) => {
  port.postMessage(await answerTo(question))
  if (question.call === 'close') port.close()
})
