import { describe, expect, it } from 'vitest'
import { type Action, actions, BOUND_TO_VENUES, mayDo, Role, seesOthers } from './roles.ts'

const all = Object.keys(actions) as Action[]
const rolesFor = (action: Action) => Role.options.filter((role) => mayDo(role, action))
const allowed = (role: Role) => all.filter((action) => mayDo(role, action))

it.each(all)('%s is for somebody', (action) => expect(rolesFor(action)).not.toEqual([]))

it('every role may do something', () => {
  for (const role of Role.options) expect(allowed(role), role).not.toEqual([])
})

describe('an attendee', () => {
  it('buys, reads and shows what is their own, and nothing else', () =>
    expect(allowed('attendee')).toEqual([
      'profile.own',
      'catalogue.read',
      'order.place',
      'order.read',
      'order.cancel',
      'payment.confirm',
      'tickets.own',
      'payouts.own',
      'ticket.read',
      'ticket.sell',
      'ticket.qr',
      'ticket.proof',
      'loss.own',
      'transfer.give',
      'transfer.read',
    ]))

  it('sees nobody else’s', () => expect(seesOthers('attendee')).toBe(false))

  it('neither scans nor validates (F20.3)', () => {
    expect(mayDo('attendee', 'gate.scan')).toBe(false)
    expect(mayDo('attendee', 'code.validate')).toBe(false)
  })
})

it('the internal routes are for services alone, and services for nothing else of customers (F07.8)', () => {
  expect(rolesFor('internal.tickets')).toEqual(['service'])
  expect(allowed('service')).toEqual(['catalogue.read', 'internal.tickets'])
  expect(seesOthers('service')).toBe(false)
})

it('a scanner scans, and does nothing else', () => expect(allowed('scanner')).toEqual(['gate.scan']))

it('scanning is for devices: no person admits anybody without one', () =>
  expect(rolesFor('gate.scan')).toEqual(['scanner']))

it('an auditor changes nothing', () =>
  expect(allowed('auditor').filter((action) => !/\.(read|own|qr|proof)$/.test(action))).toEqual([]))

it('operations are run by admins alone', () => expect(rolesFor('operations.run')).toEqual(['admin']))

it('staff at the door and at the window are bound to their venues', () =>
  expect([...BOUND_TO_VENUES].toSorted()).toEqual(['box_office', 'scanner', 'venue_staff']))
