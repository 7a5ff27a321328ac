import type { z } from 'zod'
import { accountFacts } from './account/facts.ts'
import { anchorFacts } from './anchor.ts'
import { deviceFacts } from './device.ts'
import { eventFacts } from './event/facts.ts'
import type { FactOf, Recorded } from './fact.ts'
import { gateFacts } from './gate.ts'
import { orderFacts } from './order/facts.ts'
import { paymentFacts } from './payment.ts'
import { personFacts } from './person.ts'
import { quotaFacts } from './quota.ts'
import { ticketFacts } from './ticket/facts.ts'
import { venueFacts } from './venue.ts'

/** Every fact ever recorded, as it is written today. Nothing is ever removed. */
const schemas = {
  ...ticketFacts,
  ...orderFacts,
  ...paymentFacts,
  ...accountFacts,
  ...quotaFacts,
  ...eventFacts,
  ...venueFacts,
  ...deviceFacts,
  ...gateFacts,
  ...personFacts,
  ...anchorFacts,
}

/** Any fact, in its newest shape. */
export type AnyFact = FactOf<typeof schemas>

/** A recorded fact in its newest shape: what projections read. */
export type Known = Omit<Recorded, 'type' | 'data'> & AnyFact

/** How an older version becomes the next one. */
type Lift = (old: Record<string, unknown>) => Record<string, unknown>

/** The first lifts v1 to v2, and so on; nothing here is ever removed. */
const upcasters: { readonly [type: string]: readonly Lift[] } = {
  // What was drafted before there was a chain has no copy on it.
  EventDrafted: [(old) => ({ ...old, chain: 'off' })],
  // Before rules could be set there was one version of them, and every ticket could be given away.
  OrderPlaced: [
    (old) => ({
      ...old,
      terms: 0,
      lines: (old.lines as object[]).map((line) => ({ ...line, transferable: true })),
    }),
  ],
  EventTicketTypeSet: [(old) => ({ ...old, transferable: true })],
  PaymentRefunded: [(old) => ({ ...old, shares: [] })],
  // Only orders that did not come to their end gave anything back.
  TicketRefunded: [(old) => ({ ...old, refunds: [] })],
}

export class UnreadableFact extends Error {
  override name = 'UnreadableFact'
}

export const factTypes = Object.keys(schemas)

/** The version that is written today. */
export const versionOf = (type: string): number => (upcasters[type]?.length ?? 0) + 1

/** Apart from `decode`, so that lifting is tested before the first fact needs it. */
export const decoderOver =
  (schemas: { readonly [type: string]: z.ZodType }, upcasters: { readonly [type: string]: readonly Lift[] }) =>
  (type: string, version: number, data: unknown) => {
    const schema = Object.hasOwn(schemas, type) ? schemas[type] : undefined
    if (!schema) throw new UnreadableFact(`${type} is not in the registry: deploy readers before writers`)
    if (!Number.isInteger(version) || version < 1) throw new UnreadableFact(`${type} has no version ${version}`)
    const lifts = upcasters[type] ?? []
    const newest = lifts.length + 1
    if (version > newest) throw new UnreadableFact(`${type} v${version} is newer than this reader (v${newest})`)
    const lifted = lifts.slice(version - 1).reduce((old, lift) => lift(old), data as Record<string, unknown>)
    const parsed = schema.safeParse(lifted)
    if (!parsed.success)
      throw new UnreadableFact(`${type} v${version} does not fit its schema`, { cause: parsed.error })
    return { type, data: parsed.data }
  }

const read = decoderOver(schemas, upcasters)

/**
 * A stored fact in its newest shape.
 * Throws UnreadableFact rather than skip what it does not know: a reader that halts can be mended, one that guesses cannot.
 */
export const decode = (type: string, version: number, data: unknown): AnyFact => read(type, version, data) as AnyFact

export const known = (recorded: Recorded): Known =>
  ({ ...recorded, ...decode(recorded.type, recorded.metadata.v, recorded.data) }) as Known
