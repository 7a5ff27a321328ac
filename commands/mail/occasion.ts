import { type Drafted, event } from '../../domain/event/event.ts'
import { load, type Streams } from '../../domain/stream.ts'
import { venue } from '../../domain/venue.ts'

/** An event as it is now, and what the place is called. Throws where either has no stream. */
export const occasionOf = async (
  deps: Streams,
  { eventId, venueId }: { readonly eventId: string; readonly venueId: string },
): Promise<{ event: Drafted; venueName: string }> => {
  const [happening, place] = await Promise.all([load(deps, event, eventId), load(deps, venue, venueId)])
  if (happening.state.status === 'unknown' || place.state.status === 'unknown')
    throw new Error(`a mail is about event ${eventId} at venue ${venueId}: one has no stream`)
  return { event: happening.state, venueName: place.state.details.name }
}
