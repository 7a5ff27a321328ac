import type { MoveRefusal } from './moves.ts'
import type { Held, Ticket } from './state.ts'

/** A sentence that names a ticket and what is so of it; undefined where the refusal is about something else. */
export const toldOf = (refused: string, ticketId: string, t: Ticket): string | undefined => {
  if (t.status === 'closed') return refused === 'TicketClosed' ? `Ticket ${ticketId} is ${t.closedAs}.` : undefined
  if (t.status !== 'held' && refused === 'TicketNotHeld') return `Ticket ${ticketId} is ${t.status}.`
  const told =
    t.status === 'held' && Object.hasOwn(sentences, refused) && sentences[refused as keyof typeof sentences](t)
  return told ? `Ticket ${ticketId} ${told}.` : undefined
}

const sentences: { readonly [R in MoveRefusal | 'IdentityNotChecked']: (t: Held) => string } = {
  TicketIsAdmitted: ({ admissions }) => `was admitted at ${admissions[0]?.happenedAt}`,
  TicketIsLocked: ({ locks }) => `is locked: ${locks.map(({ reason }) => reason).join(', ')}`,
  TicketIsReported: ({ report }) => `was reported ${report?.kind}`,
  TicketIsClaimed: ({ claim }) => `is kept for a buyer who pays for it until ${claim?.expiresAt}`,
  TicketIsListed: () => 'is listed for sale',
  TicketIsOffered: ({ offer }) => `is offered to somebody until ${offer?.expiresAt}`,
  TicketNotCollected: () => 'waits at the box office',
  IdentityNotChecked: ({ identity }) =>
    identity ? 'is held by somebody whose document differed' : 'is held by somebody whose identity nobody has checked',
}
