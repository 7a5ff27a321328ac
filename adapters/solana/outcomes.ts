import { LangErrorMessage } from '@coral-xyz/anchor'
import { z } from 'zod'
import { ChainUnavailable, type Outcome } from '../../commands/chain/chain.ts'
import { sayingOf } from './program.ts'
import { pagesOf, type Rpc } from './rpc.ts'

/** As many as nodes answer for in one call. */
const MAX_SIGNATURES = 256

const Epoch = z.object({ absoluteSlot: z.int(), blockHeight: z.int() })
const Status = z.object({ confirmationStatus: z.string().nullish(), err: z.unknown() })
const Statuses = z.object({ context: z.object({ slot: z.int() }), value: z.array(Status.nullable()) })

/**
 * What became of transactions, and a height that they were looked up at or after. The height comes first and is final; a node that
 * has not got as far when it is asked for the outcomes is not believed. So whatever is unknown at a height beyond its last valid one
 * is not on chain, and never will be, even where several nodes answer in turn.
 */
export const outcomesOf = async (
  rpc: Rpc,
  signatures: readonly string[],
): Promise<{ readonly outcomes: readonly Outcome[]; readonly height: number }> => {
  const { absoluteSlot, blockHeight: height } = await rpc.ask(
    'tell its height',
    'getEpochInfo',
    [{ commitment: 'finalized' }],
    Epoch,
  )
  const outcomes: Outcome[] = []
  for (const page of pagesOf(signatures, MAX_SIGNATURES)) {
    const params = [page, { searchTransactionHistory: true }]
    const wish = 'tell what became of transactions'
    const { context, value } = await rpc.ask(wish, 'getSignatureStatuses', params, Statuses)
    if (context.slot < absoluteSlot)
      throw new ChainUnavailable(`Solana could not tell what became of transactions: the node is behind others`)
    outcomes.push(...value.map(outcomeOf))
  }
  return { outcomes, height }
}

const outcomeOf = (status: z.output<typeof Status> | null): Outcome => {
  if (!status) return 'unknown'
  if (status.confirmationStatus !== 'finalized') return 'underway'
  return status.err === null ? 'final' : { failed: failureOf(status.err) }
}

/** Programs that it calls use small numbers of their own; those of Anchor begin at 100, those of the program at 6,000. */
const failureOf = (error: unknown): string => {
  const [, detail] = (error as { InstructionError?: [number, unknown] }).InstructionError ?? []
  const code = (detail as { Custom?: number } | undefined)?.Custom
  if (code === undefined) return JSON.stringify(error)
  return sayingOf(code) ?? LangErrorMessage.get(code) ?? `a program that it calls failed with ${code}`
}
