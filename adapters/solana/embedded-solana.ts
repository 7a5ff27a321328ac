import { z } from 'zod'
import { embeddedChain } from './embedded/chain.ts'
import { deployed } from './embedded/deployed.ts'
import type { ChainInParts } from './in-parts.ts'
import { openRpc } from './rpc.ts'
import { chainInParts, type Options } from './solana-chain.ts'

/** In lamports; they cost nothing. Enough for more tickets than there will be. */
const PURSE = 1_000_000 * 1_000_000_000

type EmbeddedOptions = Omit<Options, 'rpc'> & { readonly path: string; readonly now: () => string }

/** The embedded chain, with the program on it and an authority that has funds. Throws one line where its file cannot be opened. */
export const embeddedSolana = async ({
  path,
  now,
  ...options
}: EmbeddedOptions): Promise<ChainInParts & { readonly rpc: (body: string) => Promise<string> }> => {
  const node = embeddedChain({ path, programs: deployed(options.programId), now })
  const chain = chainInParts({ ...options, rpc: node.fetch })
  const { authority, lamports } = await chain.funds()
  if (lamports < PURSE / 2)
    await openRpc(node.fetch).ask('fund the authority', 'requestAirdrop', [authority, PURSE], z.string())
  return { ...chain, rpc: async (body) => (await node.fetch('', { body })).text(), close: async () => node.close() }
}
