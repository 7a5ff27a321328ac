import { admissionBy, postOf, type Scan } from '../admission/case.ts'
import { type Code, carrierOf } from '../admission/code.ts'
import { judge } from '../admission/judge.ts'
import type { DenialReason } from '../admission/verdict.ts'
import { type Decision, refuse, type Timed } from '../decider.ts'
import type { TicketFact } from './facts.ts'
import { endedBy } from './moves.ts'
import type { Ticket } from './state.ts'

/** A scan by a device, with all that was gathered for it but the ticket's state: that is the stream's own. */
export type AdmitTicket = { type: 'AdmitTicket'; ticketTenant: string } & Omit<
  Scan,
  'at' | 'code' | 'ticket' | 'event' | 'device' | 'staff'
> & {
    readonly code: Code
    readonly event: NonNullable<Scan['event']>
    readonly device: NonNullable<Scan['device']>
  }

export type GateCommand = AdmitTicket

/** What a scan is denied for, it is refused for. */
export type GateRefusal = DenialReason

type Decide<C extends GateCommand['type']> = (
  command: Timed<Extract<GateCommand, { type: C }>>,
  ticket: Ticket,
) => Decision<TicketFact, GateRefusal>

/** The nonce is in the fact, and the fact at an exact revision: of two gates at one instant, one lets the ticket in. */
export const admit: Decide<'AdmitTicket'> = ({ type: _, ticketTenant, ...scan }, t) => {
  const { scanId, at, code, device, event } = scan
  if (admissionBy(scanId, t)) return []
  const verdict = judge({ ...scan, ticket: { tenant: ticketTenant, state: t } })
  if (verdict.verdict === 'deny') return refuse(verdict.reason)
  // Nothing is allowed to a ticket that nobody holds, nor to a device that was never registered.
  const held = t as Extract<Ticket, { status: 'held' }>
  const { deviceName, entrance, zone } = postOf(device)!
  return [
    ...endedBy('admit', held),
    {
      type: 'TicketAdmitted',
      data: {
        eventId: event.eventId,
        scanId,
        generation: held.generation,
        carrier: carrierOf(code),
        nonce: code.nonce,
        source: 'online',
        happenedAt: at,
        seenAt: at,
        deviceId: device.deviceId,
        deviceName,
        entrance,
        zone,
      },
    },
  ]
}
