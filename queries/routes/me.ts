import { z } from 'zod'
import { ProfileView } from '../../adapters/http/profile-view.ts'
import type { HttpServer } from '../../adapters/http/server.ts'
import { Id } from '../../domain/id.ts'
import { Role } from '../../domain/roles.ts'
import type { Deps as Reading } from '../reading.ts'

const Me = z.object({
  personId: Id.describe('The same in every tenant.'),
  tenant: z.string(),
  role: Role,
  venues: z.array(Id).describe('Where a role that is bound to venues holds.'),
  profile: ProfileView.nullable().describe('Null where nothing was told, or all was erased.'),
  walletAddress: z
    .string()
    .nullable()
    .describe('On Solana, where tickets of the person are; null where none is linked.'),
  isVerified: z.boolean().describe('Whether staff of this tenant saw a document of theirs.'),
})

type Deps = Pick<Reading, 'people' | 'wallets' | 'isVerified'>

/** What is known of whoever asks. */
export const meRoutes = (server: HttpServer, { people, wallets, isVerified }: Deps): void => {
  server.get(
    '/api/v1/me',
    {
      config: { action: 'profile.own' },
      schema: { tags: ['profile'], description: 'Who the token speaks for.', response: { 200: Me } },
    },
    async ({ caller: { tenant, role, venues, actor } }) => {
      const profile = (await people.find(actor.id)) ?? null
      const walletAddress = (await wallets.find([actor.id])).get(actor.id) ?? null
      return {
        personId: actor.id,
        tenant,
        role,
        venues: [...venues],
        profile,
        walletAddress,
        isVerified: await isVerified(tenant, actor.id),
      }
    },
  )
}
