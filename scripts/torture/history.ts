import { createWriteStream } from 'node:fs'

/** What a client wants when it asks; the other asks are `other`. */
export type Wish =
  | 'place'
  | 'pay'
  | 'cancel'
  | 'order'
  | 'reserve'
  | 'confirm'
  | 'release'
  | 'code'
  | 'scan'
  | 'give'
  | 'answer'
  | 'list'
  | 'report'
  | 'desk'
  | 'set-up'
  | 'other'

/** One attempt of a client to be answered. Times are milliseconds since 1970. */
export type Exchange = {
  /** The same for all attempts at one thing. */
  readonly ask: string
  readonly client: string
  readonly wish: Wish
  readonly method: string
  readonly path: string
  /** The Idempotency-Key; null for a read. */
  readonly key: string | null
  readonly request: unknown
  readonly sent: number
  readonly received: number
  /** Null where no answer came. */
  readonly status: number | null
  readonly body: unknown
}

/** What was done to the processes, or what they did. */
export type Fault = { readonly fault: string; readonly process: string; readonly at: number }

export type Recorder = {
  readonly exchanges: readonly Exchange[]
  readonly faults: readonly Fault[]
  /** How often an order was placed and the client told so. */
  readonly placed: () => number
  readonly exchange: (exchange: Exchange) => void
  readonly fault: (fault: string, process: string) => void
  readonly close: () => Promise<void>
}

/** Keeps the history in memory for the invariants, and in a file of JSON lines for people. */
export const recorder = (path: string): Recorder => {
  const file = createWriteStream(path)
  const exchanges: Exchange[] = []
  const faults: Fault[] = []
  let placed = 0
  const write = (entry: object) => file.write(`${JSON.stringify(entry)}\n`)
  return {
    exchanges,
    faults,
    placed: () => placed,
    exchange: (exchange) => {
      exchanges.push(exchange)
      if (exchange.wish === 'place' && isAccepted(exchange)) placed++
      write(exchange)
    },
    fault: (fault, process) => {
      const entry = { fault, process, at: Date.now() }
      faults.push(entry)
      write(entry)
    },
    close: () => new Promise((resolve) => file.end(resolve)),
  }
}

export const isAccepted = ({ status }: Exchange): boolean => status !== null && status >= 200 && status < 300

export type Money = { readonly amount: number; readonly currency: string }

/** An order as every route shows it; some routes tell more. */
export type OrderAnswer = {
  readonly orderId: string
  readonly kind: 'purchase' | 'external' | 'resale'
  readonly eventId: string
  readonly venueId: string
  readonly payerId: string
  readonly status: Status
  readonly reason: string | null
  readonly expiresAt: string
  readonly total: Money
  readonly lines: readonly LineAnswer[]
  /** To who placed it. */
  readonly payment?: { readonly id: string; readonly clientSecret: string } | null
  readonly ticketIds?: readonly string[] | null
  readonly payments?: readonly PaymentAnswer[]
  readonly changedAt?: string
}

/** What was given away, as whoever gave it is told. */
export type GivenAnswer = {
  readonly offerId: string
  readonly ticketId: string
  /** Null where nothing is pending. */
  readonly acceptanceCode: string | null
}

export type ListingAnswer = {
  readonly listingId: string
  readonly ticketId: string
  /** Null to its seller, where it has ended. */
  readonly price: Money | null
}

export type LineAnswer = {
  readonly typeId: string
  readonly slot: string
  readonly edition: number
  readonly priceCents: number
  readonly fees: readonly { readonly amount: number; readonly paidBy: string }[]
  readonly taxes: readonly { readonly amount: number; readonly inclusive: boolean }[]
}

export type PaymentAnswer = {
  readonly paymentId: string
  readonly amount: number
  readonly refunded: number
  readonly status: 'new' | 'requested' | 'authorised' | 'declined' | 'captured' | 'voided'
  /** Its payer's bank has not decided yet. */
  readonly disputed: boolean
}

export type Status =
  | 'limiting'
  | 'reserving'
  | 'authorising'
  | 'capturing'
  | 'selling'
  | 'confirmed'
  | 'reverting'
  | 'cancelled'
  | 'refunding'
  | 'refunded'

export const hasEnded = ({ status }: { readonly status: Status }): boolean =>
  status === 'confirmed' || status === 'cancelled' || status === 'refunded'

/** Somebody was told how an order stands; it was so at some moment between `sent` and `received`. */
export type Sighting = { readonly exchange: Exchange; readonly order: OrderAnswer }

const TELLS_OF_AN_ORDER: ReadonlySet<Wish> = new Set(['place', 'cancel', 'order', 'reserve', 'confirm', 'release'])

export const sightingsIn = (exchanges: readonly Exchange[]): Sighting[] =>
  exchanges
    .filter((exchange) => TELLS_OF_AN_ORDER.has(exchange.wish) && isAccepted(exchange))
    .map((exchange) => ({ exchange, order: exchange.body as OrderAnswer }))

export type ScanAnswer = {
  readonly scanId: string
  readonly verdict: 'allow' | 'deny'
  readonly reason: string | null
  readonly ticket: { readonly ticketId: string } | null
  readonly admission: { readonly at: string; readonly deviceName: string } | null
}

export const scansIn = (exchanges: readonly Exchange[]): { exchange: Exchange; scan: ScanAnswer }[] =>
  exchanges
    .filter((exchange) => exchange.wish === 'scan' && isAccepted(exchange))
    .map((exchange) => ({ exchange, scan: exchange.body as ScanAnswer }))

type Outcome = 'won' | 'lost'

/** How the disputes of payments may have been settled, and whether one that settled them was told so. */
export const disputesIn = (
  exchanges: readonly Exchange[],
): Map<string, { readonly mayBe: ReadonlySet<Outcome>; readonly isTold: boolean }> => {
  const settled = exchanges.filter(
    ({ wish, path, status }) => wish === 'desk' && path.endsWith('/dispute') && (status === null || status === 202),
  )
  return new Map(
    [...Map.groupBy(settled, ({ path }) => path.split('/')[3]!)].map(([paymentId, asked]) => [
      paymentId,
      {
        mayBe: new Set(asked.map(({ request }) => (request as { outcome: Outcome }).outcome)),
        isTold: asked.some(isAccepted),
      },
    ]),
  )
}

export const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0)
