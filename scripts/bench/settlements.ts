import { setTimeout as sleep } from 'node:timers/promises'
import bs58 from 'bs58'
import native from 'litesvm/dist/internal.js'
import { soleLeader } from '../../adapters/leadership.ts'
import { publicOf } from '../../adapters/solana/ed25519.ts'
import { deployed } from '../../adapters/solana/embedded/deployed.ts'
import { chainSync } from '../../commands/chain/chain-sync.ts'
import { givingWay } from '../../commands/reactors/giving-way.ts'
import { startReactor } from '../../commands/reactors/running.ts'
import { ChainMode } from '../../domain/event/facts.ts'
import type { SignedTransaction } from '../../domain/vault.ts'
import { openCopying } from './copying.ts'
import { middle } from './load.ts'
import { draftEvent, record, soldTicket } from './sold.ts'

// node scripts/bench/settlements.ts <token or record> <how many tickets a turn> <how many turns>
// Settles tickets that were sold, and in turn sends the same transactions straight to LiteSVM. Prints one line of JSON.

/** Tickets per second, the middle of all turns. */
export type SettlementRun = { readonly settled: number; readonly bare: number; readonly perTransaction: number }

const WARM_UP = 300

const mode = ChainMode.parse(process.argv[2])
const [count, turns] = process.argv.slice(3).map(Number) as [number, number]
const { deps, vault, close } = await openCopying()
const { ledger, chain, now } = deps
const log = { warn: console.error, error: console.error }

const sent: SignedTransaction['bytes'][] = []
const recording: typeof chain = {
  ...chain,
  send: (transaction) => {
    sent.push(transaction.bytes)
    return chain.send(transaction)
  },
}

/** From the first look at the ledger to the last record in it. Returns tickets per second. */
const settle = async (eventId: string, tickets: number): Promise<number> => {
  await record(
    ledger,
    Array.from({ length: tickets }, () => soldTicket(eventId)),
  )
  const head = await ledger.head()
  const began = performance.now()
  const reactor = await startReactor(
    { ledger, intents: vault.intents, leadership: soleLeader, now, log },
    givingWay(chainSync({ ...deps, chain: recording })),
  )
  const isLevel = async () =>
    (await vault.intents.positionOf('chain-sync'))! >= head && (await vault.intents.backlog('chain-sync')).open === 0
  while (!(await isLevel())) await sleep(10)
  const seconds = (performance.now() - began) / 1_000
  await reactor.stop()
  return tickets / seconds
}

/** What has the program and a rich authority, and nothing around it. */
const bareChain = async (): Promise<native.LiteSvm> => {
  const svm = new native.LiteSvm()
  svm.setBlockhashCheck(false)
  svm.setTransactionHistory(0n)
  svm.setClock(new native.Clock(1n, 0n, 0n, 1n, BigInt(Math.floor(Date.now() / 1_000))))
  for (const { address, elf } of deployed()) svm.addProgram(bs58.decode(address), elf)
  const purse = new native.Account(10n ** 15n, new Uint8Array(), new Uint8Array(32), false, 0n)
  svm.setAccount(publicOf(await vault.keyFor('chain-authority')), purse)
  return svm
}

const sendBare = (svm: native.LiteSvm, transactions: readonly Uint8Array[]): number => {
  const began = performance.now()
  for (const bytes of transactions) {
    const result = svm.sendVersionedTransaction(bytes)
    if (result instanceof native.FailedTransactionMetadata) throw new Error(result.toString())
  }
  return (performance.now() - began) / 1_000
}

const svm = await bareChain()
const eventId = await draftEvent(ledger, mode)
const settled: number[] = []
const bare: number[] = []
let perTransaction = 0
// The first turn is a warm-up that is not counted.
for (let turn = 0; turn <= turns; turn++) {
  const tickets = turn === 0 ? WARM_UP : count
  const perSecond = await settle(eventId, tickets)
  const transactions = sent.splice(0).map((bytes) => Buffer.from(bytes, 'base64'))
  const seconds = sendBare(svm, transactions)
  perTransaction = tickets / transactions.length
  if (turn === 0) continue
  settled.push(perSecond)
  bare.push(tickets / seconds)
}
console.log(JSON.stringify({ settled: middle(settled), bare: middle(bare), perTransaction } satisfies SettlementRun))
await close()
