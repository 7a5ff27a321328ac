import { BN } from '@coral-xyz/anchor'
import { z } from 'zod'
import type { PublishedHead, TreeHead } from '../../commands/chain/chain.ts'
import { sayingOf } from './program.ts'
import { RawAccount } from './rpc.ts'
import type { Deps } from './solana-chain.ts'
import type { Part } from './transactions.ts'

const COST = { units: 25_000, calls: 3 }

/** Where a head's account names its log: programs/ticket_ledger/src/state.rs. */
const LOG_AT = 8

const Listed = z.array(z.object({ pubkey: z.string(), account: RawAccount }))

/** Heads of the ledger's log. */
export const headsOnChain = ({ rpc, program, addresses, authority }: Deps) => ({
  /** Undefined where this head is the newest already. */
  publish: async ({ size, root }: TreeHead): Promise<Part | undefined | { readonly refused: string }> => {
    const [account] = await rpc.accounts('show its log', [addresses.log], 'confirmed')
    const log = program.decode('Log', account)
    const newest = log?.size.toNumber() ?? 0
    if (log && newest === size) return hex(log.root) === root ? undefined : { refused: sayingOf('LogForked')! }
    if (newest > size) return { refused: sayingOf('LogCannotShrink')! }
    const instruction = program.instruction(
      'publish_head',
      { size: new BN(size), root: [...Buffer.from(root, 'hex')] },
      { authority, log: addresses.log, head: addresses.head((log?.number ?? 0) + 1) },
    )
    return { id: root, instruction, cost: COST, signers: [] }
  },

  published: async (): Promise<PublishedHead[]> => {
    const filters = [program.ofType('Head'), { memcmp: { offset: LOG_AT, bytes: addresses.log.toBase58() } }]
    const params = [program.id.toBase58(), { commitment: 'finalized', encoding: 'base64', filters }]
    const accounts = await rpc.ask('list the heads of its log', 'getProgramAccounts', params, Listed)
    return accounts
      .map(({ pubkey, account }) => {
        const { number, size, root, published_at } = program.decode('Head', account)!
        return {
          number,
          size: size.toNumber(),
          root: hex(root),
          address: pubkey,
          publishedAt: new Date(published_at.toNumber() * 1_000).toISOString(),
        }
      })
      .sort((a, b) => a.number - b.number)
  },
})

const hex = (bytes: readonly number[]): string => Buffer.from(bytes).toString('hex')
