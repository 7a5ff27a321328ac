import { type Case, type Finding, failed, passed, skipped } from './case.ts'

/** Step 5. */
export const deviceActive = ({ device }: Case): Finding => {
  if (!device) return skipped('no device: somebody looks')
  switch (device.state.status) {
    case 'unknown':
      return failed('unknown_device', 'never registered')
    case 'inactive':
      return failed('device_inactive', 'inactive')
    case 'active':
      return passed('active')
  }
}

/** Step 6. */
export const deviceVenue = ({ post, event }: Case): Finding => {
  if (!post) return skipped('no device')
  if (!event) return skipped('no event to compare with')
  const note = `venue ${post.venueId} of the device, ${event.details.venueId} of the event`
  return post.venueId === event.details.venueId ? passed(note) : failed('device_of_another_venue', note)
}

/** Step 7. Names no tenant: the device may be a stranger's. */
export const deviceTenant = ({ post, event }: Case): Finding => {
  if (!post) return skipped('no device')
  if (!event) return skipped('no event to compare with')
  return post.tenant === event.tenant
    ? passed('device and event of one tenant')
    : failed('device_of_another_tenant', 'device and event of two tenants')
}

/** Step 8. */
export const ticketKnown = ({ known }: Case): Finding =>
  known ? passed('in the ledger') : failed('unknown_ticket', 'not in the ledger')

/** Step 9. A ticket's stream is its first writer's, so it is compared with its event too. */
export const ticketTenant = ({ ticketTenant, event, post, staff }: Case): Finding =>
  [event, post, staff].some((other) => other && other.tenant !== ticketTenant)
    ? failed('ticket_of_another_tenant', 'ticket and gate of two tenants')
    : passed('ticket and gate of one tenant')

/** Step 10. The ticket is for the event, and for the venue, that the device stands at or the staff work at. */
export const ticketVenue = ({ claim, event, post, staff }: Case): Finding => {
  if (!claim) return skipped('neither reserved nor sold')
  const here = post?.eventId ?? event?.eventId ?? 'none'
  const note = `event ${here} here, ${claim.eventId} on the ticket`
  // The second half guards against an event that was gathered for another ticket: steps 6 to 12 rest on it.
  if (claim.eventId !== here || claim.eventId !== event?.eventId) return failed('ticket_of_another_event', note)
  const venues = `venue ${event.details.venueId} here, ${claim.venueId} on the ticket`
  if (claim.venueId !== event.details.venueId) return failed('ticket_of_another_venue', venues)
  const isElsewhere = staff?.venues?.includes(claim.venueId) === false
  return isElsewhere ? failed('ticket_of_another_venue', `not a venue of who asks, ${claim.venueId}`) : passed(venues)
}
