import { parentPort, workerData } from 'node:worker_threads'
import { sandboxPayments } from './sandbox.ts'

export type Race = {
  readonly path: string
  readonly key: Uint8Array
  readonly deed: 'capture' | 'void'
  readonly paymentIds: readonly string[]
  /** How many have come to the start of each heat. */
  readonly starts: Int32Array
}

const { path, key, deed, paymentIds, starts } = workerData as Race
const bank = sandboxPayments({ path, key, now: () => '2030-01-01T10:00:00.000Z', deliver: async () => {} })
const answers: string[] = []
for (const [heat, paymentId] of paymentIds.entries()) {
  Atomics.add(starts, heat, 1)
  while (Atomics.load(starts, heat) < 2);
  const amount = { amount: 5_000, currency: 'EUR' }
  answers.push(await bank[deed]({ paymentId, reference: null, orderId: paymentId, tenant: 'acme', amount }))
}
bank.close()
parentPort!.postMessage(answers)
