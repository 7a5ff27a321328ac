import { z } from 'zod'
import { LockFields, lockFields, ReportFields, reportFields } from '../adapters/http/care-view.ts'
import { Id } from '../domain/id.ts'
import { format } from '../domain/money.ts'
import { copyStateOf } from '../domain/ticket/copy.ts'
import { GivingKind } from '../domain/ticket/facts.ts'
import { TicketStatus } from '../domain/ticket/status.ts'
import { At, Day } from '../domain/time.ts'
import type { ListedTicket } from '../projections/tickets/read.ts'
import type { HeldStatus } from '../projections/tickets/ticket-row.ts'

/** Of a ticket that is closed, whatever closed it. */
const CLOSED: ReadonlySet<HeldStatus> = new Set(['USED', 'REVOKED', 'REFUNDED', 'EXPIRED', 'CANCELLED'])

/** How the read model calls what a client filters by; none for what no ticket is now. */
export const heldAs = (status: TicketStatus): HeldStatus[] =>
  status === 'AVAILABLE' || status === 'MINTED' ? [] : [status]

const Address = z.string().nullable()

/** What a view says of the copy on Solana. */
const CopyView = z.object({
  mintAddress: Address.describe('Of its token; null until it is final, and again once it is burned.'),
  mintedAt: At.nullable(),
  ticketPda: Address.describe('Of its account; null until it is final, and again once it is closed.'),
  eventPda: Address.describe('Of its event’s account, likewise.'),
  chain: z.object({
    state: z
      .enum(['settled', 'pending', 'failed', 'differs', 'off'])
      .describe(
        'pending: the chain is behind. differs: another holder or state was seen there. off: there is no copy.',
      ),
    asOf: At.nullable().describe('Since when; null where there is none.'),
  }),
})

const copyView = ({ copy, chain: mode, status }: ListedTicket): z.infer<typeof CopyView> => {
  const state = copy ? copyStateOf(copy, mode) : 'off'
  if (!copy || state === 'off')
    return { mintAddress: null, mintedAt: null, ticketPda: null, eventPda: null, chain: { state, asOf: null } }
  return {
    mintAddress: CLOSED.has(status) ? null : copy.mintAddress,
    mintedAt: copy.mintedAt,
    ticketPda: copy.ticketAddress,
    eventPda: copy.eventAddress,
    chain: { state, asOf: copy.since },
  }
}

/** A ticket as every list and the ticket's own page show it. */
export const TicketView = z.object({
  ticketId: Id,
  eventId: Id,
  eventName: z.string(),
  eventDate: At.describe('When the event starts.'),
  eventEndsAt: At,
  timeZone: z.string(),
  venueId: Id,
  typeId: Id,
  typeName: z.string(),
  slot: z.string(),
  edition: z.int(),
  zone: z.string(),
  validDates: z.array(Day).nullable().describe('The event’s local days that it admits on; null for the whole of it.'),
  status: TicketStatus.describe(
    'SOLD: paid, and its order is not confirmed yet. TRANSFERRED: active, with another than its first holder. ' +
      'USED and EXPIRED: its event is over, and it was admitted or was not.',
  ),
  priceCents: z.int().describe('Minor units. What its holder paid, or whoever gave it to them.'),
  currency: z.string(),
  priceFormatted: z.string().describe('In the language of Accept-Language, else English.'),
  orderId: Id,
  holderId: Id.nullable().describe('Null until it is sold.'),
  generation: z.int().nullable().describe('Which credential is the live one; null until it is sold.'),
  inside: z.boolean(),
  admissions: z
    .object({
      count: z.int(),
      firstAt: At,
      lastAt: At,
      deviceName: z.string().describe('Of the last one.'),
      entrance: z.string().nullable(),
    })
    .nullable()
    .describe('Null before the first one.'),
  isTransferable: z.boolean().nullable().describe('Whether it may be given away; null until it is sold.'),
  moves: z.int().describe('How often it changed hands.'),
  ...LockFields,
  offer: z
    .object({ offerId: Id, kind: GivingKind, offeredAt: At, expiresAt: At })
    .nullable()
    .describe('To somebody who has not accepted it yet; null where there is none.'),
  listing: z
    .object({ listingId: Id, priceCents: z.int(), listedAt: At, isClaimed: z.boolean() })
    .nullable()
    .describe('For sale, and whether a buyer is paying for it; null where it is not.'),
  ...ReportFields,
  reservedAt: At,
  purchasedAt: At.nullable(),
  walletAddress: z.string().nullable().describe('The Solana wallet that its holder linked; null for who linked none.'),
  ...CopyView.shape,
})

/** The wallet is its holder's, if they linked one. */
export const ticketView = (
  row: ListedTicket,
  wallet: string | undefined,
  locale: string,
): z.infer<typeof TicketView> => ({
  ticketId: row.ticket_id,
  eventId: row.event_id,
  eventName: row.event_name,
  eventDate: row.starts_at,
  eventEndsAt: row.ends_at,
  timeZone: row.time_zone,
  venueId: row.venue_id,
  typeId: row.type_id,
  typeName: row.type_name,
  slot: row.slot,
  edition: row.edition,
  zone: row.zone,
  validDates: row.valid_dates,
  status: row.status,
  priceCents: row.price,
  currency: row.currency,
  priceFormatted: format({ amount: row.price, currency: row.currency }, locale),
  orderId: row.order_id,
  holderId: row.holder_id,
  generation: row.generation,
  inside: row.status === 'CHECKED_IN',
  admissions: row.admissions,
  isTransferable: row.transferable,
  moves: row.moves,
  ...lockFields(row.locks),
  offer: row.offer && offerView(row.offer),
  listing: row.listing && listingView(row.listing),
  ...reportFields({ report: row.report, lastReport: row.last_report }),
  reservedAt: row.reserved_at,
  purchasedAt: row.sold_at,
  walletAddress: wallet ?? null,
  ...copyView(row),
})

/** Without whom it goes to: whether an address is known here is nobody's business. */
const offerView = ({ to: _, ...offer }: NonNullable<ListedTicket['offer']>) => offer

const listingView = ({ price, claimed, ...listing }: NonNullable<ListedTicket['listing']>) => ({
  ...listing,
  priceCents: price,
  isClaimed: claimed,
})
