import { z } from 'zod'
import { contextOf } from '../../adapters/http/idempotency.ts'
import { tellPosition } from '../../adapters/http/positions.ts'
import { problemOf } from '../../adapters/http/problem.ts'
import { ProfileView } from '../../adapters/http/profile-view.ts'
import type { HttpServer } from '../../adapters/http/server.ts'
import { person } from '../../domain/person.ts'
import { load } from '../../domain/stream.ts'
import type { People, Wallets } from '../../domain/vault.ts'
import { type Deps as HandleDeps, handle } from '../handle.ts'
import { personStreamIdOf } from '../ids.ts'
import { tellOfWallet } from '../wallets.ts'

type Deps = HandleDeps & { readonly people: People; readonly wallets: Wallets }

const tags = ['profile']
const config = { action: 'profile.own' } as const

/** What people tell of themselves. It is in the vault alone; the ledger knows only that they did, and that it was erased. */
export const profileRoutes = (server: HttpServer, deps: Deps): void => {
  server.put(
    '/api/v1/me',
    {
      config,
      schema: {
        tags,
        description: 'Sets the name, e-mail address and language of the person.',
        body: z.strictObject(ProfileView.shape),
        response: { 200: ProfileView.nullable() },
      },
    },
    async (request, reply) => {
      const { tenant, actor } = request.caller
      const streamId = personStreamIdOf(tenant, actor.id)
      const outcome = await handle(deps, person, streamId, { type: 'RegisterPerson' }, contextOf(request, 'SetProfile'))
      if (!outcome.done) throw problemOf(outcome.refused)
      // A repetition that comes after the erasure must not bring back what was erased.
      const { state } = await load(deps, person, streamId)
      if (state.status === 'registered') await deps.people.save(actor.id, request.body)
      return tellPosition(reply, outcome.position).send((await deps.people.find(actor.id)) ?? null)
    },
  )

  server.delete(
    '/api/v1/me',
    {
      config,
      schema: {
        tags,
        description:
          'Erases name, e-mail address, wallet and payout accounts for good, in every tenant. Tickets, orders and what is owed stay.',
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { tenant, actor } = request.caller
      const streamId = personStreamIdOf(tenant, actor.id)
      const context = contextOf(request, 'ErasePerson')
      const { commands } = await load(deps, person, streamId)
      // First, since the ledger may not say so of what is still there; once, or a repetition would erase what was told since.
      if (!commands.has(context.commandId)) {
        await tellOfWallet(deps, context)
        await erase(deps.people, actor.id)
      }
      const outcome = await handle(deps, person, streamId, { type: 'ErasePerson' }, context)
      if (!outcome.done) throw problemOf(outcome.refused)
      return tellPosition(reply, outcome.position).code(204).send(null)
    },
  )
}

/** Twice where a backup was reading the vault just then. */
const erase = (people: People, personId: string): Promise<void> =>
  people.erase(personId).catch(() => people.erase(personId))
