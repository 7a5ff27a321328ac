import type { PublicKey } from '@solana/web3.js'
import { z } from 'zod'
import type { Chain } from '../../commands/chain/chain.ts'
import type { SignedTransaction } from '../../domain/vault.ts'
import { type Addresses, addresses as addressesFor } from './addresses.ts'
import { eventsOnChain } from './events.ts'
import { lookingUp } from './found.ts'
import { fundsOf } from './funds.ts'
import { headsOnChain } from './heads.ts'
import { type ChainInParts, inOne } from './in-parts.ts'
import { outcomesOf } from './outcomes.ts'
import { type LedgerProgram, ledgerProgram, PROGRAM_ID } from './program.ts'
import { type Fetch, openRpc, type Rpc } from './rpc.ts'
import { ticketsOnChain } from './tickets.ts'
import { type Part, packed, signed, signer } from './transactions.ts'

export type Options = {
  /** Of a node, or what answers in its place. */
  readonly rpc: string | Fetch
  /** The seed of its key, 32 bytes. */
  readonly authority: Uint8Array
  /** What addresses, and the keys of holders without a wallet, are derived from. */
  readonly key: Uint8Array
  readonly programId?: string | undefined
  /** Micro-lamports for each compute unit, on top of the fee. */
  readonly priorityFee?: number | undefined
  readonly timeoutMs?: number | undefined
}

/** What the parts of the adapter share. */
export type Deps = {
  readonly rpc: Rpc
  readonly program: LedgerProgram
  readonly addresses: Addresses
  readonly authority: PublicKey
}

/** Solana by JSON-RPC: a cluster, or the embedded one. Nothing is asked before it is needed. */
export const solanaChain = (options: Options): Chain => inOne(chainInParts(options))

export const chainInParts = (options: Options): ChainInParts => {
  const { priorityFee = 0, programId = PROGRAM_ID } = options
  const authority = signer(options.authority)
  const rpc = openRpc(options.rpc, options.timeoutMs)
  const program = ledgerProgram(programId)
  const addresses = addressesFor(program.id, authority.address, options.key)
  const deps: Deps = { rpc, program, addresses, authority: authority.address }
  const events = eventsOnChain(deps)
  const tickets = ticketsOnChain(deps, events)
  const heads = headsOnChain(deps)

  const sign = async (parts: readonly Part[]): Promise<SignedTransaction[]> => {
    if (parts.length === 0) return []
    const blockhash = await newestBlockhash(rpc)
    return packed(parts, authority).map((pack) => signed(pack, authority, blockhash, priorityFee))
  }
  const signOne = async (part: Part): Promise<SignedTransaction> => (await sign([part]))[0]!

  return {
    signEvent: async (copy) => {
      const part = await events.change(copy)
      return part && signOne(part)
    },
    signTickets: async (copies) => sign(await tickets.changes(copies)),
    signClosing: async (refs) => sign(await tickets.closings(refs)),
    send: ({ bytes }) => send(rpc, bytes),
    look: (signatures) => outcomesOf(rpc, signatures),
    ...lookingUp(deps, events),
    signHead: async (head) => {
      const part = await heads.publish(head)
      return part && 'instruction' in part ? signOne(part) : part
    },
    heads: heads.published,
    funds: () => fundsOf(deps),
    close: async () => {},
  }
}

const Blockhash = z.object({ value: z.object({ blockhash: z.string(), lastValidBlockHeight: z.int() }) })

const newestBlockhash = async (rpc: Rpc) => {
  const params = [{ commitment: 'confirmed' }]
  return (await rpc.ask('tell its newest block', 'getLatestBlockhash', params, Blockhash)).value
}

/** What was carried out before, or is too old, a node may refuse: which of the two, its outcome tells. */
const send = async (rpc: Rpc, bytes: string): Promise<void> => {
  try {
    // Whoever asks sends it again until it is final, so the node need not, and need not try it out either.
    const options = { encoding: 'base64', skipPreflight: true, maxRetries: 0 }
    await rpc.ask('take a transaction', 'sendTransaction', [bytes, options], z.string())
  } catch (error) {
    if (!SETTLED.test((error as Error).message)) throw error
  }
}

const SETTLED = /already been processed|Blockhash not found/
