import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import type { Position } from '../../domain/fact.ts'
import { Problem } from './problem.ts'

/** Resolves to whether a read model reached the position within the time. */
export type WaitFor = (position: Position, milliseconds: number) => Promise<boolean>

const PATIENCE = 2_000

/** Read your own writes: what a command answered in `Ledger-Position`, and nothing older, is what a query shows. */
export const minPosition = z
  .string()
  .regex(/^[0-9a-f/-]{0,64}$/, 'is not a position as the Ledger-Position header carries it')
  .optional()
  .describe('Answer only once everything up to this Ledger-Position is visible.')

export const tellPosition = (reply: FastifyReply, position: Position): FastifyReply =>
  reply.header('ledger-position', position)

/** Waits for the route's read models, 2 s at most; throws read_model_behind after that. */
export const atLeast = async (
  { query }: { readonly query: { readonly minPosition?: Position | undefined } },
  ...waits: readonly WaitFor[]
): Promise<void> => {
  const { minPosition: position } = query
  if (!position) return
  const reached = await Promise.all(waits.map((wait) => wait(position, PATIENCE)))
  if (reached.includes(false)) throw new Problem('read_model_behind', { headers: { 'retry-after': '1' } })
}
