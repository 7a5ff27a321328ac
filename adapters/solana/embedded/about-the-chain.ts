import bs58 from 'bs58'
import { z } from 'zod'
import { BLOCKHASH_LIVES, BLOCKS_PER_EPOCH } from './blocks.ts'
import { asOf, type Methods, method, type Node, options } from './methods.ts'

/** Of the engine, whose rules these are. */
const VERSION = '1.4.1'

/** What an account holds at most, in bytes. */
const MAX_DATA = 10 * 1024 * 1024

/** The height, the blockhashes, and what things cost. */
export const aboutTheChain = ({ engine, blocks, moment }: Node): Methods => {
  const height = method(z.tuple([options({})]), (asked) => moment(asked?.commitment ?? 'finalized').height)

  return {
    getHealth: () => 'ok',
    getVersion: () => ({ 'solana-core': VERSION, 'feature-set': 0 }),
    getGenesisHash: () => blocks.genesisHash,
    getSlot: height,
    getBlockHeight: height,
    getEpochInfo: method(z.tuple([options({})]), (asked) => {
      const { height, epoch } = moment(asked?.commitment ?? 'finalized')
      const slotIndex = height - epoch * BLOCKS_PER_EPOCH
      return { absoluteSlot: height, blockHeight: height, epoch, slotIndex, slotsInEpoch: BLOCKS_PER_EPOCH }
    }),
    getLatestBlockhash: method(z.tuple([options({})]), (asked) => {
      const at = moment(asked?.commitment ?? 'finalized')
      return asOf(at, { blockhash: blocks.blockhash(at.height), lastValidBlockHeight: at.height + BLOCKHASH_LIVES })
    }),
    isBlockhashValid: method(z.tuple([z.string().max(64), options({})]), (blockhash) =>
      asOf(moment(), blocks.isValid(Buffer.from(bs58.decodeUnsafe(blockhash) ?? []), moment().height)),
    ),
    getMinimumBalanceForRentExemption: method(z.tuple([z.int().min(0).max(MAX_DATA), options({})]), (bytes) =>
      Number(engine.rentFor(bytes)),
    ),
  }
}
