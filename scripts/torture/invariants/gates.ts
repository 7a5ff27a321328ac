import { type Exchange, scansIn } from '../history.ts'
import { changesIn, codesIn, type Shown } from './credentials.ts'
import { ticketsIn } from './holders.ts'
import type { Invariant } from './invariant.ts'
import { obstacles } from './standing.ts'

/** What a gate says of a ticket that is already inside. */
const INSIDE: ReadonlySet<string> = new Set(['already_admitted', 'no_reentry', 'replayed_code'])

/** The policy of the house is the standard one: no re-entry. */
export const admittedOnce: Invariant = {
  name: 'a ticket was admitted once, and the gates, the log and the ticket say the same',
  check: ({ exchanges, books }) => {
    const scans = scansIn(exchanges)
    const allowed = scans.filter(({ scan }) => scan.verdict === 'allow')
    const byTicket = Map.groupBy(allowed, ({ scan }) => scan.ticket!.ticketId)
    const admissionsOf = (ticketId: string) => new Set((byTicket.get(ticketId) ?? []).map(({ scan }) => scan.scanId))
    const logged = books.events.flatMap(({ scans }) => scans).filter(({ verdict }) => verdict === 'allow')

    const twice = [...byTicket.keys()].filter((ticketId) => admissionsOf(ticketId).size > 1)
    const counted = Object.values(books.tickets)
      .flat()
      .filter(({ ticketId, admissions }) => (admissions?.count ?? 0) !== admissionsOf(ticketId).size)
    const known = new Set(logged.map(({ scanId }) => scanId))
    const unknown = allowed.filter(({ scan }) => !known.has(scan.scanId))
    const turnedAway = scans.filter(
      ({ scan }) => scan.ticket && INSIDE.has(scan.reason ?? '') && !byTicket.has(scan.ticket.ticketId),
    )
    return [
      ...twice.map(
        (ticketId) => `ticket ${ticketId} was admitted by scans ${[...admissionsOf(ticketId)].join(' and ')}`,
      ),
      ...counted.map(
        ({ ticketId, admissions }) =>
          `ticket ${ticketId} counts ${admissions?.count ?? 0} admissions, and the gates made ${admissionsOf(ticketId).size}`,
      ),
      ...unknown.map(
        ({ scan }) => `scan ${scan.scanId} admitted ticket ${scan.ticket!.ticketId}, and the log does not know it`,
      ),
      ...turnedAway.map(
        ({ scan }) => `ticket ${scan.ticket!.ticketId} was denied as ${scan.reason}, and no gate let it in`,
      ),
    ]
  },
}

/** The log may hold more denials than answers: those whose answer was lost. */
export const attendanceAddsUp: Invariant = {
  name: 'the attendance is what the gates let in',
  check: ({ books }) =>
    books.events.flatMap(({ eventId, attendance, scans }) => {
      const allowed = scans.filter(({ verdict }) => verdict === 'allow')
      const tickets = new Set(allowed.map(({ ticketId }) => ticketId))
      const isSame = attendance.admissions === allowed.length && attendance.admitted === tickets.size
      return isSame
        ? []
        : [
            `event ${eventId} tells of ${attendance.admitted} admitted in ${attendance.admissions}, and its log of ${tickets.size} in ${allowed.length}`,
          ]
    }),
}

/** At which event each gate stands: the organizer stationed it there, and its client is named as its device is. */
const stationsIn = (exchanges: readonly Exchange[]): Map<string, string> =>
  new Map(
    exchanges
      .filter(({ wish, path }) => wish === 'set-up' && path.endsWith('/assign'))
      .map(({ path, request }) => [path.split('/')[2]!, (request as { eventId: string }).eventId]),
  )

/** Why a code that was genuine when it was shown is denied as another's, or as an older one. */
const SUPERSEDED: ReadonlySet<string> = new Set(['transferred_code', 'reissued_code', 'superseded_code'])

/** Garbage, old codes and those for another gate are denied for what they are; a live one lets in, or its ticket is in already. */
export const liveCodesOpen: Invariant = {
  name: 'a live code at its own gate is denied only to a ticket that is inside, was passed on, or has something in its way',
  check: (evidence) => {
    const { exchanges, books } = evidence
    const stations = stationsIn(exchanges)
    const events = new Map(ticketsIn(books).map(({ ticketId, eventId }) => [ticketId, eventId]))
    const codes = codesIn(exchanges)
    const changes = Map.groupBy(changesIn(evidence), ({ ticketId }) => ticketId)
    const mayStand = obstacles(evidence)

    const isExplained = (shown: Shown, reason: string, exchange: Exchange): boolean => {
      if (INSIDE.has(reason)) return true
      if (!SUPERSEDED.has(reason)) return mayStand(shown.ticketId, reason, exchange)
      const own = changes.get(shown.ticketId) ?? []
      return own.some(({ asked, told }) => told > shown.sent && asked < exchange.received)
    }

    return scansIn(exchanges).flatMap(({ exchange, scan: { scanId, verdict, reason } }) => {
      const shown = codes.get((exchange.request as { code: string }).code)
      const isGood =
        shown !== undefined &&
        exchange.received < shown.until &&
        events.get(shown.ticketId) === stations.get(exchange.client)
      return isGood && verdict === 'deny' && !isExplained(shown, reason!, exchange)
        ? [`scan ${scanId} of ${exchange.client} denied a live code of ticket ${shown.ticketId} as ${reason}`]
        : []
    })
  },
}
