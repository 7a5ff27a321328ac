import type { Decider } from '../../domain/decider.ts'
import type { TicketFact } from '../../domain/ticket/facts.ts'
import type { GivingCommand, GivingRefusal } from '../../domain/ticket/giving.ts'
import type { Ticket } from '../../domain/ticket/state.ts'
import { ticket } from '../../domain/ticket/ticket.ts'

/** The ticket, asked for nothing but to change hands without money: so it refuses nothing else either. */
export const giving = ticket as Decider<GivingCommand, TicketFact, Ticket, GivingRefusal>
