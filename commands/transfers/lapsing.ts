import { load } from '../../domain/stream.ts'
import { type Deps as HandleDeps, handle } from '../handle.ts'
import { stepIdOf } from '../ids.ts'
import { inTurns } from '../in-turns.ts'
import { giving } from './giving.ts'

/** An offer that the read model knows to be past its end. It may lag, so the ticket's stream decides. */
export type Lapsed = {
  readonly tenant: string
  readonly offerId: string
  readonly ticketId: string
  readonly expiresAt: string
}

export type Deps = HandleDeps & {
  /** A page of them, those first that lapsed first, after the last one of the page before. */
  readonly lapsed: (now: string, after: Lapsed | undefined) => Promise<readonly Lapsed[]>
}

/**
 * Closes every offer whose time is over: from then on the ticket is its giver's again, to use or to give to somebody else. Of one
 * tenant's, or of all.
 */
export const lapseOffers = async (deps: Deps, tenant?: string): Promise<{ looked: number; lapsed: number }> => {
  const now = deps.now()
  const counts = { looked: 0, lapsed: 0 }
  const broken: unknown[] = []
  for (let page = await deps.lapsed(now, undefined); page.length > 0; page = await deps.lapsed(now, page.at(-1))) {
    const due = page.filter((one) => tenant === undefined || one.tenant === tenant)
    counts.looked += due.length
    await inTurns(due, async (offer) => {
      if (await lapse(deps, offer)) counts.lapsed++
    }).catch((error: unknown) => broken.push(error))
  }
  // Once all pages had their turn, or what breaks would hold up those that come later.
  if (broken.length > 0) throw new AggregateError(broken, `of ${counts.looked} offers some could not be closed`)
  return counts
}

const lapse = async (deps: Deps, { tenant, offerId, ticketId }: Lapsed): Promise<boolean> => {
  const by = 'offer-worker'
  const before = await load(deps, giving, ticketId)
  const outcome = await handle(
    deps,
    giving,
    ticketId,
    { type: 'CloseOffer', offerId, reason: 'lapsed', by },
    {
      commandId: stepIdOf(offerId, 'lapse'),
      correlationId: offerId,
      tenant,
      actor: { id: by, role: 'process' },
      request: '',
    },
  )
  return outcome.done && outcome.position !== before.position
}
