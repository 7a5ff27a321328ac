import { isDeepStrictEqual } from 'node:util'
import type { Books, EventBooks } from '../books.ts'
import { ticketsIn } from './holders.ts'
import type { Invariant } from './invariant.ts'

export const listsAgree: Invariant = {
  name: 'every list says what the ledger says, and knows no order that nobody asked for',
  check: ({ books }) => {
    const byId = new Map(books.orders.map((order) => [order.orderId, order]))
    const listed = new Map(books.events.flatMap(({ orders }) => orders.map((order) => [order.orderId, order])))
    return [
      ...[...listed.keys()]
        .filter((id) => !byId.has(id))
        .map((id) => `order ${id} is listed, and no client was told of it`),
      ...books.orders.flatMap((order) => {
        const inList = listed.get(order.orderId)
        if (!inList) return [`order ${order.orderId} is not in the list of its event`]
        return isDeepStrictEqual(inList, order)
          ? []
          : [`order ${order.orderId} is ${order.status}, and the list has it as ${inList.status} or otherwise`]
      }),
      ...books.events.flatMap(({ eventId, differences }) =>
        differences.map(({ slot }) => `the view of ${slot} of event ${eventId} differs from the ledger`),
      ),
      ...reportsOf(books),
      ...books.orphans.map(({ ticketId }) => `ticket ${ticketId} is reserved, and no living order stands behind it`),
    ]
  },
}

/** Staff are to see of every ticket what its holder does. */
const reportsOf = (books: Books): string[] => {
  const reported = ticketsIn(books).flatMap(({ ticketId, status, report }) =>
    report !== null && HELD.has(status) ? [`${ticketId} as ${report.kind}`] : [],
  )
  const seen = books.reports.map(({ ticketId, kind }) => `${ticketId} as ${kind}`)
  return [
    ...reported.filter((one) => !seen.includes(one)).map((one) => `staff do not see ticket ${one}`),
    ...seen.filter((one) => !reported.includes(one)).map((one) => `its holder does not see ticket ${one}`),
  ]
}

const HELD: ReadonlySet<string> = new Set(['ACTIVE', 'TRANSFERRED', 'CHECKED_IN'])

const PARTS = [
  'orders',
  'availability',
  'settlement',
  'sales',
  'attendance',
  'scans',
  'differences',
  'listings',
  'closing',
] as const satisfies (keyof EventBooks)[]

const byKey = (books: Books): Map<string, unknown> =>
  new Map<string, unknown>([
    ...books.orders.map((order): [string, unknown] => [`order ${order.orderId}`, order]),
    ...books.events.flatMap((event) =>
      PARTS.map((part): [string, unknown] => [`${part} of event ${event.eventId}`, event[part]]),
    ),
    ...books.venues.map((venue): [string, unknown] => [`the books of venue ${venue.venueId}`, venue]),
    ...Object.entries(books.tickets).map(([id, tickets]): [string, unknown] => [
      `the tickets of person ${id}`,
      tickets,
    ]),
    ...Object.entries(books.transfers).map(([id, rows]): [string, unknown] => [`the transfers of person ${id}`, rows]),
    ['the orphans', books.orphans],
    ['the shares of sellers', books.shares],
    ['the reports', books.reports],
  ])

export const rebuildChangesNothing: Invariant = {
  name: 'read models that are built anew say the same',
  check: ({ books, rebuilt }) => {
    const [before, after] = [byKey(books), byKey(rebuilt)]
    return [...new Set([...before.keys(), ...after.keys()])]
      .filter((key) => !isDeepStrictEqual(before.get(key), after.get(key)))
      .map((key) => `${key} changed when the read models were built anew`)
  },
}
