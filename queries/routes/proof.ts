import { z } from 'zod'
import { minPosition } from '../../adapters/http/positions.ts'
import { problemOf } from '../../adapters/http/problem.ts'
import type { HttpServer } from '../../adapters/http/server.ts'
import { type Recorded, streamOf } from '../../domain/fact.ts'
import { Id } from '../../domain/id.ts'
import { At } from '../../domain/time.ts'
import { hexOf } from '../../projections/log/hashing.ts'
import { type HeadRow, log } from '../../projections/log/model.ts'
import { newestHead, proverOf } from '../../projections/log/read.ts'
import { tickets } from '../../projections/tickets/model.ts'
import { ticketOf } from '../../projections/tickets/read.ts'
import { caughtUp, type Deps } from '../reading.ts'

const Hex = z.string().regex(/^[0-9a-f]{64}$/)

const StoredFact = z
  .object({
    stream: z.string(),
    revision: z.int(),
    id: z.string(),
    type: z.string(),
    data: z.record(z.string(), z.unknown()),
    metadata: z.record(z.string(), z.unknown()),
  })
  .describe('As it was recorded. Its canonical JSON (RFC 8785) is what is hashed.')

const ProofView = z.object({
  ticketId: Id,
  head: z
    .object({
      number: z.int(),
      size: z.int().describe('How many facts of the ledger it covers.'),
      root: Hex,
      address: z.string(),
      authority: z.string(),
      signature: z.string().nullable().describe('Of the transaction that published it, where that is known.'),
      publishedAt: At,
    })
    .describe('The newest head of the transparency log (RFC 9162) on Solana.'),
  facts: z
    .array(
      z.object({
        index: z.int().describe('Which of all facts it is, from 0.'),
        leafHash: Hex,
        path: z.array(Hex).describe('The inclusion proof, from the leaf up.'),
        fact: StoredFact.nullable().describe(
          'Null for what was recorded before it was the holder’s, except to auditors.',
        ),
      }),
    )
    .describe('The oldest first.'),
  notYetAnchored: z.array(StoredFact).describe('What was recorded since; the next head covers it.'),
  asOf: z.string(),
})

/** What proves to anybody, by the chain alone, that the facts of a ticket are those that were recorded. */
export const proofRoutes = (server: HttpServer, deps: Deps): void => {
  server.get(
    '/api/v1/tickets/:ticketId/proof',
    {
      config: { action: 'ticket.proof' },
      schema: {
        tags: ['tickets'],
        description:
          'To its holder, and to auditors and admins: the facts of a ticket with their inclusion proofs, and the head on chain that they ' +
          'lead to. scripts/verify.ts checks it, and needs nothing of this server.',
        params: z.strictObject({ ticketId: Id }),
        querystring: z.strictObject({ minPosition }),
        response: { 200: ProofView },
      },
    },
    async (request) => {
      const { caller, params } = request
      await caughtUp(deps, request, tickets)
      const asOf = await caughtUp(deps, request, log)
      const found = await ticketOf(deps.projections, caller.tenant, params.ticketId)
      const seesAll = caller.role === 'admin' || caller.role === 'auditor'
      // Nobody else learns that there is such a ticket.
      if (!found || (found.ownerId !== caller.actor.id && !seesAll)) throw problemOf('NotFound')

      const head = await newestHead(deps.projections)
      if (!head) throw problemOf('NotAnchoredYet')
      const recorded = await deps.ledger.read(streamOf('ticket', params.ticketId))
      const own = seesAll ? 0 : beginningOf(recorded, found.ticket.order_id)
      const { proven, notYet } = await proofsOf(deps, head, recorded)
      if (proven.length === 0) throw problemOf('NotAnchoredYet')
      return {
        ticketId: params.ticketId,
        head: headView(head),
        facts: proven.map(({ fact, index, leafHash, path }, i) => ({
          ...{ index, leafHash: hexOf(leafHash), path: path.map(hexOf) },
          fact: i >= own ? storedView(fact) : null,
        })),
        notYetAnchored: notYet.filter((_, i) => proven.length + i >= own).map(storedView),
        asOf,
      }
    },
  )
}

/** Throws where what is kept here does not add up to the head: a proof that proves nothing helps nobody. */
const proofsOf = async ({ projections, ledger }: Deps, head: HeadRow, facts: readonly Recorded[]) => {
  const prover = await proverOf(projections, ledger, head)
  if (!(await prover.isSound()))
    throw new Error(`the hashes of the ledger do not add up to head ${head.number} on chain: run npm run audit`)
  const inclusions = await Promise.all(facts.map(async (fact) => ({ fact, inclusion: await prover.prove(fact) })))
  return {
    proven: inclusions.flatMap(({ fact, inclusion }) => (inclusion ? [{ fact, ...inclusion }] : [])),
    notYet: inclusions.flatMap(({ fact, inclusion }) => (inclusion ? [] : [fact])),
  }
}

/** Which fact begins what is the holder's: the first of their order, or the one by which it was given to them. What was before is no business of theirs. */
const beginningOf = (facts: readonly Recorded[], orderId: string): number => {
  const bought = facts.findIndex(({ data }) => (data as { orderId?: string }).orderId === orderId)
  const given = facts.findLastIndex(({ type }) => type === 'TicketTransferred')
  return bought === -1 ? facts.length : Math.max(bought, given)
}

const headView = ({ number, size, root, head_address, authority, signature, published_at }: HeadRow) => ({
  ...{ number, size, root, address: head_address, authority, signature, publishedAt: published_at },
})

const storedView = ({ stream, revision, id, type, data, metadata }: Recorded): z.infer<typeof StoredFact> => ({
  ...{ stream, revision, id, type, data: data as Record<string, unknown>, metadata: { ...metadata } },
})
