import { z } from 'zod'

export const Role = z.enum([
  'attendee',
  'venue_staff',
  'scanner',
  'box_office',
  'organizer',
  'admin',
  'auditor',
  'service',
])
export type Role = z.infer<typeof Role>

/** Who did it. `process` is Counterfoil itself: the order process and the workers. */
export type Actor = { readonly id: string; readonly role: Role | 'process' }

/** Roles that hold only at the venues named in their token. The others hold in the whole tenant. */
export const BOUND_TO_VENUES: ReadonlySet<Role> = new Set(['venue_staff', 'box_office', 'scanner'])

const people = ['attendee', 'venue_staff', 'box_office', 'organizer', 'admin', 'auditor'] as const
const everyone = [...people, 'service'] as const
const holders = ['attendee', 'venue_staff', 'box_office', 'organizer', 'admin'] as const
const owners = ['organizer', 'admin'] as const
const readers = ['organizer', 'admin', 'auditor'] as const

/** Who may do what. Every route names its action here, and one that names none does not start. */
export const actions = {
  'profile.own': people,
  'catalogue.read': everyone,
  'venue.manage': owners,
  'event.manage': owners,
  'event.cancel': ['admin'],
  'order.place': ['attendee', 'box_office', 'organizer', 'admin'],
  'order.read': ['attendee', 'box_office', 'organizer', 'admin', 'auditor'],
  'order.cancel': ['attendee', 'box_office', 'organizer', 'admin'],
  'order.refund': ['admin'],
  'payment.confirm': ['attendee', 'box_office', 'organizer', 'admin'],
  'internal.tickets': ['service'],
  'tickets.own': people,
  'payouts.own': people,
  'ticket.read': people,
  'ticket.sell': ['attendee', 'venue_staff', 'box_office', 'organizer', 'admin'],
  'ticket.qr': people,
  'ticket.proof': people,
  'loss.own': people,
  'loss.read': ['venue_staff', 'box_office', 'organizer', 'admin'],
  'ticket.lock': ['admin'],
  'ticket.reissue': ['admin'],
  'transfer.give': holders,
  'transfer.read': people,
  'identity.verify': ['venue_staff', 'box_office', 'organizer', 'admin'],
  'ticket.close': ['admin'],
  'code.validate': ['venue_staff', 'box_office', 'organizer', 'admin'],
  'device.manage': ['venue_staff', 'organizer', 'admin'],
  'gate.scan': ['scanner'],
  'scan-log.read': ['venue_staff', 'organizer', 'admin', 'auditor'],
  'report.read': readers,
  'operations.read': ['admin', 'auditor'],
  'operations.run': ['admin'],
} as const satisfies Record<string, readonly Role[]>
export type Action = keyof typeof actions

export const mayDo = (role: Role, action: Action): boolean => (actions[action] as readonly Role[]).includes(role)

const staff: ReadonlySet<Role> = new Set(['venue_staff', 'box_office', 'organizer', 'admin', 'auditor'])

/** Who sees tickets and orders that are not their own. */
export const seesOthers = (role: Role): boolean => staff.has(role)
