import { z } from 'zod'
import { problemOf } from '../../adapters/http/problem.ts'
import type { HttpServer } from '../../adapters/http/server.ts'
import { event } from '../../domain/event/event.ts'
import { Id } from '../../domain/id.ts'
import { load, type Streams } from '../../domain/stream.ts'
import { venue } from '../../domain/venue.ts'

type Deps = Streams & {
  readonly isSealOf: (eventId: string, seal: string) => boolean
}

const Metadata = z.object({
  name: z.string(),
  symbol: z.string(),
  description: z.string(),
  attributes: z.array(z.object({ trait_type: z.string(), value: z.string() })),
})

/** What wallets show of a ticket's token: that of its event, and nothing of the ticket or its holder. */
export const tokenRoutes = (server: HttpServer, deps: Deps): void => {
  server.get(
    '/api/v1/tokens/:eventId/:seal',
    {
      config: { action: 'public' },
      schema: {
        tags: ['tickets'],
        description:
          'The metadata that the tokens of an event name as theirs, as the Metaplex token metadata standard words it. ' +
          'The link is signed, so it needs no token.',
        params: z.strictObject({ eventId: Id, seal: z.string() }),
        response: { 200: Metadata },
      },
    },
    async ({ params: { eventId, seal } }, reply) => {
      if (!deps.isSealOf(eventId, seal)) throw problemOf('NotFound')
      const { state } = await load(deps, event, eventId)
      if (state.status === 'unknown') throw problemOf('NotFound')
      const { name, venueId, startsAt, endsAt, timeZone } = state.details
      const place = await load(deps, venue, venueId)
      const venueName = place.state.status === 'unknown' ? '' : place.state.details.name
      reply.header('cache-control', 'public, max-age=300')
      return {
        name,
        symbol: 'TICKET',
        description: `A ticket for ${name}, ${venueName}. It is moved in the ledger that issued it, and admits with its code there.`,
        attributes: [
          { trait_type: 'Venue', value: venueName },
          { trait_type: 'Starts', value: startsAt },
          { trait_type: 'Ends', value: endsAt },
          { trait_type: 'Time zone', value: timeZone },
        ],
      }
    },
  )
}
