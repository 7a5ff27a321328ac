import type { EventDetails } from '../event/facts.ts'
import { attributesOf, type ObstacleTo, obstacleTo } from '../ticket/moves.ts'
import type { Admission } from '../ticket/state.ts'
import { hours, localDay, minutes, plus } from '../time.ts'
import { opens } from '../zone.ts'
import { type Case, type Finding, failed, passed, skipped } from './case.ts'
import { earlier, onTheClock, told } from './earlier.ts'
import type { DenialReason } from './verdict.ts'

/** Gates take tickets from 4 hours before the event's start (this moment included) to 2 hours after its end (excluded). */
export const admissionWindow = ({ startsAt, endsAt }: EventDetails): { from: string; until: string } => ({
  from: plus(startsAt, -hours(4)),
  until: plus(endsAt, hours(2)),
})

/** Step 11. */
export const eventTime = ({ event, at }: Case): Finding => {
  if (!event) return skipped('no event')
  const { from, until } = admissionWindow(event.details)
  const note = `${at} in ${from} to ${until}`
  if (from <= at && at < until) return passed(note)
  const detail = `from ${onTheClock(from, event)} to ${onTheClock(until, event)}`
  return failed(at < from ? 'too_early' : 'too_late', note, { detail })
}

/** Step 12. Days are those of the event's own time zone, from midnight to midnight. */
export const validityDates = ({ sale, event, at }: Case): Finding => {
  if (!sale || !event) return skipped('not sold')
  if (!sale.validDates) return passed('every day of the event')
  const today = localDay(at, event.details.timeZone)
  const note = `${today} in ${sale.validDates.join()}`
  if (sale.validDates.includes(today)) return passed(note)
  return failed('not_valid_today', note, { detail: `it admits on ${sale.validDates.join(', ')}` })
}

/** Step 13. */
export const ticketStatus = ({ ticket, isRepeated }: Case): Finding => {
  if (isRepeated) return passed('held')
  switch (ticket.status) {
    case 'available':
      return failed('not_sold', 'available')
    case 'reserved':
      return failed('reserved', 'reserved')
    case 'closed':
      return failed(ticket.closedAs, ticket.closedAs)
    case 'held': {
      const obstacle = obstacleTo('admit', ticket)
      return obstacle ? failed(denials[obstacle], attributesOf(ticket).join()) : passed('held')
    }
  }
}

/** What stands in the way of a ticket at the gate, in its words. */
export const denials: { readonly [R in ObstacleTo<'admit'>]: DenialReason } = {
  TicketIsLocked: 'locked',
  TicketIsReported: 'reported_stolen',
  TicketIsClaimed: 'being_resold',
  TicketIsOffered: 'offered',
  TicketNotCollected: 'not_collected',
}

/** Step 14. How the three rules combine is told at `ScanPolicy`. */
export const accessZone = ({ post, sale, event, policy: { zoneEnforcement } }: Case): Finding => {
  if (!post || !sale || !event) return skipped('no device that asks for a zone')
  const { strict, vipAllAccess } = zoneEnforcement
  const asked = post.zone
  const held = sale.zone
  const note = `${asked} asked, ${held} held`
  if (vipAllAccess && held === 'VIP') return passed(`${note}, VIP goes everywhere`)
  if (strict ? held === asked : opens(event.details.zones, held, asked)) return passed(note)
  return failed('wrong_zone', strict ? `${note}, strict` : note, { detail: note })
}

/** Step 15. Somebody scans twice, or the answer was lost on its way. */
export const duplicateScan = ({ admissions, at, event, policy }: Case): Finding => {
  const last = admissions.at(-1)
  const window = minutes(policy.duplicateWindow.windowMinutes)
  if (!last) return passed('not admitted before')
  if (window === 0) return skipped('no duplicate window')
  const note = `admitted at ${last.happenedAt}, ${window} s of window`
  return at < plus(last.happenedAt, window) ? failed('already_admitted', note, before(last, event)) : passed(note)
}

/** Step 16. A ticket for certain days is admitted anew on each of them. */
export const reentry = ({ admissions, sale, at, event, policy }: Case): Finding => {
  const day = (moment: string): string => localDay(moment, event?.details.timeZone ?? 'UTC')
  const counted = sale?.validDates ? admissions.filter(({ happenedAt }) => day(happenedAt) === day(at)) : admissions
  const last = counted.at(-1)
  if (!last) return passed('first admission')
  const { enabled, cooldownMinutes, maxReentries } = policy.reentry
  if (!enabled) return failed('no_reentry', `admitted at ${last.happenedAt}`, before(last, event))
  const done = counted.length - 1
  const note = `${done} of ${maxReentries ?? 'any number of'} re-entries, last admitted at ${last.happenedAt}`
  if (maxReentries !== null && done >= maxReentries) return failed('reentries_used_up', note, before(last, event))
  if (at >= plus(last.happenedAt, minutes(cooldownMinutes))) return passed(note)
  return failed('reentry_too_soon', `${note}, ${cooldownMinutes} min of cooldown`, before(last, event))
}

const before = (admission: Admission, event: Case['event']) => ({
  detail: told(admission, event),
  admittedBefore: earlier(admission),
})

/** Step 17. The caller records it, and answers only then: `admit` in `domain/ticket/gate.ts`. */
export const admissionRecorded = ({ post }: Case): Finding =>
  post ? passed('recorded before it is answered') : skipped('looked at, not recorded')
