import { isDeepStrictEqual } from 'node:util'
import type { Books, EventBooks } from '../books.ts'
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
      ...books.orphans.map(({ ticketId }) => `ticket ${ticketId} is reserved, and no living order stands behind it`),
    ]
  },
}

const PARTS = [
  'orders',
  'availability',
  'settlement',
  'sales',
  'attendance',
  'scans',
  'differences',
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
    ['the orphans', books.orphans],
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
