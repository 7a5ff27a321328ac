import { z } from 'zod'
import { contextOf } from '../../adapters/http/idempotency.ts'
import { tellPosition } from '../../adapters/http/positions.ts'
import { problemOf } from '../../adapters/http/problem.ts'
import type { HttpServer } from '../../adapters/http/server.ts'
import { Id } from '../../domain/id.ts'
import { IdentityDocument, person } from '../../domain/person.ts'
import { type Deps as HandleDeps, handle } from '../handle.ts'
import { personStreamIdOf } from '../ids.ts'

type Deps = HandleDeps & { readonly knows: (tenant: string, personId: string) => Promise<boolean> }

/** What staff record of people. */
export const peopleRoutes = (server: HttpServer, deps: Deps): void => {
  server.post(
    '/api/v1/admin/people/:personId/identity',
    {
      config: { action: 'identity.verify' },
      schema: {
        tags: ['people'],
        description:
          'Records that a person showed who they are: the kind of document, and never its number. Once is enough; repeated, it changes nothing.',
        params: z.strictObject({ personId: Id }),
        body: z.strictObject({ document: IdentityDocument }),
        response: { 200: z.object({ personId: Id, isVerified: z.literal(true) }) },
      },
    },
    async (request, reply) => {
      const { personId } = request.params
      const { tenant } = request.caller
      if (!(await deps.knows(tenant, personId))) throw problemOf('PersonNotFound')
      const { document } = request.body
      const context = contextOf(request, 'VerifyIdentity', personId)
      const command = { type: 'VerifyIdentity', document } as const
      const outcome = await handle(deps, person, personStreamIdOf(tenant, personId), command, context)
      if (!outcome.done) throw problemOf(outcome.refused)
      tellPosition(reply, outcome.position)
      return { personId, isVerified: true as const }
    },
  )
}
