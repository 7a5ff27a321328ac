import { type Drafted, event } from '../domain/event/event.ts'
import { poolSlot } from '../domain/slot.ts'
import { load } from '../domain/stream.ts'
import { ticket } from '../domain/ticket/ticket.ts'
import type { Deps as HandleDeps } from './handle.ts'
import { ticketIdOf } from './ids.ts'

/** A slot's newest edition, as the one or the other has it. */
export type SlotState = {
  readonly slot: string
  readonly edition: number
  readonly status: 'free' | 'reserved' | 'sold' | 'closed'
  readonly orderId: string | null
}

export type Difference = { readonly slot: string; readonly ledger: SlotState; readonly view: SlotState | null }

/** The availability view, caught up with the ledger. */
export type AvailabilityView = {
  /** Every slot that was ever touched, with its newest edition. */
  readonly slots: (tenant: string, eventId: string) => Promise<readonly SlotState[]>
  /** Builds the view anew from the ledger. */
  readonly rebuild: () => Promise<void>
}

export type Deps = Pick<HandleDeps, 'ledger' | 'cache'> & { readonly view: AvailabilityView }

export type Reconciliation = {
  readonly compared: number
  readonly differences: readonly Difference[]
  readonly repaired: boolean
}

/** Compares the availability view of an event with its slots' own streams; a view that differs is repaired by rebuilding it. */
export const reconcileInventory = async (
  deps: Deps,
  tenant: string,
  eventId: string,
  repair: boolean,
): Promise<Reconciliation | { refused: 'EventNotFound' }> => {
  const { state, tenant: owner } = await load(deps, event, eventId)
  if (state.status === 'unknown' || owner !== tenant) return { refused: 'EventNotFound' }
  const { compared, differences: apart } = await compare(deps, tenant, eventId, slotsOf(state))
  const differences = await standing(deps, tenant, eventId, apart)
  if (!repair || differences.length === 0) return { compared, differences, repaired: false }
  await deps.view.rebuild()
  return { compared, differences, repaired: true }
}

function* slotsOf({ pools }: Drafted) {
  for (const [pool, size] of pools) for (let number = 1; number <= size; number++) yield poolSlot(pool, number)
}

const compare = async (deps: Deps, tenant: string, eventId: string, slots: Iterable<string>) => {
  const view = new Map((await deps.view.slots(tenant, eventId)).map((slot) => [slot.slot, slot]))
  const differences: Difference[] = []
  let compared = 0
  for (const slot of slots) {
    const ledger = await newest(deps, eventId, slot)
    const seen = view.get(slot) ?? null
    if (!isSame(ledger, seen)) differences.push({ slot, ledger, view: seen })
    if (compared++ % 500 === 0) await new Promise(setImmediate)
  }
  return { compared, differences }
}

/** How often slots that differ are looked at again, should they be sold and released all the time. */
const LOOKS = 5

/** A slot that moves while it is compared differs for a moment. What stands still in the ledger, and differs after that, is wrong. */
const standing = async (deps: Deps, tenant: string, eventId: string, before: readonly Difference[]) => {
  const found: Difference[] = []
  let moving = before
  for (let look = 0; look < LOOKS && moving.length > 0; look++) {
    const earlier = new Map(moving.map(({ slot, ledger }) => [slot, ledger]))
    const { differences } = await compare(deps, tenant, eventId, earlier.keys())
    const isStill = ({ slot, ledger }: Difference) => isSame(ledger, earlier.get(slot)!)
    found.push(...differences.filter(isStill))
    moving = differences.filter((one) => !isStill(one))
  }
  return found
}

/** The newest edition that somebody has touched; the first, if nobody has. */
const newest = async (deps: Deps, eventId: string, slot: string): Promise<SlotState> => {
  for (let edition = 1, last: SlotState | undefined; ; edition++) {
    const { state, revision } = await load({ ledger: deps.ledger }, ticket, ticketIdOf(eventId, slot, edition))
    if (revision === -1) return last ?? { slot, edition, status: 'free', orderId: null }
    switch (state.status) {
      case 'available':
        return { slot, edition, status: 'free', orderId: null }
      case 'reserved':
        return { slot, edition, status: 'reserved', orderId: state.lease.orderId }
      case 'held':
        return { slot, edition, status: 'sold', orderId: state.sale.orderId }
      case 'closed':
        last = { slot, edition, status: 'closed', orderId: state.sale.orderId }
    }
  }
}

/** A slot that nobody has touched is none of the view's. */
const isSame = (ledger: SlotState, view: SlotState | null): boolean =>
  view === null
    ? ledger.status === 'free' && ledger.edition === 1
    : ledger.edition === view.edition && ledger.status === view.status && ledger.orderId === view.orderId
