import { z } from 'zod'
import { page, pageOf, paging } from '../../adapters/http/pages.ts'
import type { HttpServer } from '../../adapters/http/server.ts'
import { Id } from '../../domain/id.ts'
import type { Ledger } from '../../domain/ledger.ts'
import { At } from '../../domain/time.ts'

/** A mail that was written down instead of sent. */
export type OutboxMail = {
  readonly id: string
  readonly to: string
  readonly subject: string
  readonly at: string
  readonly messageId: string
  readonly text: string
}

export type Outbox = {
  /** A tenant's mails, newest first; those before the one that is named, if one is. */
  readonly newest: (tenant: string, limit: number, before?: Pick<OutboxMail, 'at' | 'id'>) => Promise<OutboxMail[]>
}

const OutboxMailView = z.object({
  id: Id.describe('Of what wanted it: one mail for each.'),
  to: z.string(),
  subject: z.string(),
  at: At.describe('When it was written.'),
  messageId: z.string(),
  text: z.string().describe('The mail as plain text. The whole of it is in the file <id>.eml.'),
})

/** Where mails are written down instead of sent, they can be read. */
export const outboxRoutes = (
  server: HttpServer,
  deps: { readonly ledger: Pick<Ledger, 'head'>; readonly outbox: Outbox },
): void => {
  server.get(
    '/api/v1/admin/outbox',
    {
      config: { action: 'operations.read' },
      schema: {
        tags: ['operations'],
        description:
          'The mails that were written down instead of sent, newest first. Only where no mail server is set.',
        querystring: z.strictObject(paging(z.tuple([At, Id]))),
        response: { 200: pageOf(OutboxMailView) },
      },
    },
    async (request) => {
      const { limit, cursor } = request.query
      const asOf = await deps.ledger.head()
      const before = cursor && { at: cursor[0], id: cursor[1] }
      const mails = await deps.outbox.newest(request.caller.tenant, limit + 1, before)
      return page(mails, limit, asOf, ({ at, id }) => [at, id])
    },
  )
}
