import { anchor, OF_ALL } from '../../domain/anchor.ts'
import { rootAt } from '../../domain/log/tree.ts'
import { load } from '../../domain/stream.ts'
import type { SignedTransactions } from '../../domain/vault.ts'
import { type Deps as HandleDeps, handle } from '../handle.ts'
import { anchorIdOf, stepIdOf } from '../ids.ts'
import { type Carried, carry, carryOn } from './carrying.ts'
import type { Chain, PublishedHead, TreeHead } from './chain.ts'
import { type CopyDeps, extendCopy, tilesOf } from './log-copy.ts'

export type AnchorDeps = HandleDeps &
  CopyDeps & {
    readonly chain: Pick<Chain, 'signHead' | 'heads' | 'send' | 'look' | 'funds'>
    readonly signed: SignedTransactions
  }

export type Anchored = {
  /** Facts that the newest head on chain covers. */
  readonly size: number
  /** Whether that head is new. */
  readonly published: boolean
  /** How many heads were recorded that had not been. */
  readonly recorded: number
}

/** What every transaction that publishes a head is kept under. */
const HEADS = 'transparency-log'

/** How long a head may take to become final, in milliseconds. What does not by then is found by the next run. */
const AT_MOST = 120_000

/** How often a head is signed that expires, or that another run's comes before. */
const ATTEMPTS = 3

/**
 * Publishes the head of the log on chain and records it; nothing where no fact came since the last one but its own record. What an
 * earlier run left on the way is settled first, and whatever the chain has is recorded once, by whomever it was published. Throws
 * ChainUnavailable; where the last fact that was hashed before is another now; and where what was hashed is not what the newest head
 * says. A fact before them that was changed since it was hashed is for an audit to find: the head is over what it was.
 */
export const anchorLedger = async (deps: AnchorDeps): Promise<Anchored> => {
  const signal = AbortSignal.timeout(AT_MOST)
  const { authority } = await deps.chain.funds()
  let recorded = await recordHeads(deps, authority, await carryOn(deps, [HEADS], signal))

  const { size, position } = await extendCopy(deps)
  const newest = (await deps.chain.heads()).at(-1)
  if (newest) await requireSame(deps, newest, size)
  const covered = newest?.size ?? 0
  const own = await load(deps, anchor, anchorIdOf(authority))
  const isNew = size > covered + 1 || (size === covered + 1 && own.position !== position)
  if (!isNew) return { size: covered, published: false, recorded }

  const head = { size, root: await rootOfCopy(deps, size) }
  recorded += await recordHeads(deps, authority, await publish(deps, head, signal))
  return { size, published: true, recorded }
}

/** Throws where what was hashed of the ledger, then or now, is not what a head covers. */
const requireSame = async (deps: AnchorDeps, { number, size, root }: PublishedHead, copied: number): Promise<void> => {
  if (copied >= size && (await rootOfCopy(deps, size, copied)) === root) return
  throw new Error(
    `the ledger is not what head ${number} on chain says of its first ${size} facts, so nothing was published: npm run audit says which fact differs`,
  )
}

/** In hex: of the first facts of a copy. */
const rootOfCopy = async ({ copy, hashing }: AnchorDeps, size: number, copied = size): Promise<string> =>
  hexOf(await rootAt(size, tilesOf(copy, copied), hashing.join))

const hexOf = (hash: string): string => Buffer.from(hash, 'latin1').toString('hex')

/** What was sent for it, which is to be forgotten once it is recorded. Another run may be faster, with this head or a larger one. */
const publish = async (deps: AnchorDeps, head: TreeHead, signal: AbortSignal): Promise<readonly Carried[]> => {
  const carried: Carried[] = []
  for (let attempt = 1; ; attempt++) {
    const signed = await deps.chain.signHead(head)
    if (signed && !('refused' in signed))
      carried.push(...(await carry(deps, [{ ...signed, ids: [...signed.ids, HEADS] }], signal)))
    const newest = (await deps.chain.heads()).at(-1)
    if (newest && newest.size >= head.size) return carried
    if (attempt === ATTEMPTS) {
      const why = signed && 'refused' in signed ? signed.refused : reasonOf(carried.at(-1))
      throw new Error(`the head of ${head.size} facts was not published: ${why}. Run npm run anchor again`)
    }
  }
}

const reasonOf = (carried: Carried | undefined): string =>
  typeof carried?.outcome === 'object' ? carried.outcome.failed : 'it was not carried out in time'

/** Records what the chain has and the ledger has not; how many that were. */
const recordHeads = async (deps: AnchorDeps, authority: string, carried: readonly Carried[]): Promise<number> => {
  const id = anchorIdOf(authority)
  const commandOf = ({ number, size, root }: PublishedHead) => stepIdOf(id, `head/${number}/${size}/${root}`)
  const { commands } = await load(deps, anchor, id)
  const missing = (await deps.chain.heads()).filter((head) => !commands.has(commandOf(head)))
  for (const head of missing) {
    const { address, ...rest } = head
    const by = carried.find(({ outcome, transaction }) => outcome === 'final' && transaction.ids.includes(head.root))
    const context = {
      commandId: commandOf(head),
      correlationId: id,
      tenant: OF_ALL,
      actor: { id: 'anchoring', role: 'process' } as const,
      request: '',
    }
    const signature = by?.transaction.signature ?? null
    await handle(deps, anchor, id, { type: 'RecordHead', authority, ...rest, headAddress: address, signature }, context)
  }
  await deps.signed.forget(carried.map(({ transaction }) => transaction.signature))
  return missing.length
}
