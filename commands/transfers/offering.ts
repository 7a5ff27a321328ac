import { isRefused } from '../../domain/decider.ts'
import type { Position } from '../../domain/fact.ts'
import { quota } from '../../domain/quota.ts'
import { load } from '../../domain/stream.ts'
import type { Terms } from '../../domain/ticket/giving.ts'

import type { Addressees, People } from '../../domain/vault.ts'
import { type Context, type Deps as HandleDeps, handle } from '../handle.ts'
import { personStreamIdOf, stepIdOf } from '../ids.ts'
import { forget } from './forgetting.ts'
import { giving } from './giving.ts'
import { because, type Case, type No } from './reasons.ts'
import { isVerified, termsOf } from './terms.ts'

export type Deps = HandleDeps & {
  readonly people: Pick<People, 'withEmail'>
  readonly addressees: Addressees
  /** Whether somebody is a person of a tenant. */
  readonly knows: (tenant: string, personId: string) => Promise<boolean>
}

/** What a holder wants done with a ticket of theirs. */
export type Giving = {
  readonly ticketId: string
  readonly recipient: { readonly personId: string } | { readonly email: string }
  /** Whether it moves only once it is accepted. To an address always. */
  readonly asks: boolean
}

export type Given = { readonly offerId: string; readonly position: Position } | No

/**
 * Gives a ticket away, by one engine whatever the way: at once to a person, or as an offer to a person or an address. What is refused
 * is so before anything is recorded; the day's quota alone is gone where the ticket moves in that very moment. Whether anybody is
 * known by an address shows in nothing that the giver sees.
 */
export const give = async (deps: Deps, wanted: Giving, context: Context): Promise<Given> => {
  const { tenant, actor, commandId, request } = context
  const { ticketId, recipient } = wanted
  // Of another request under the same key it is another one, so that their addresses are never mistaken for each other.
  const offerId = stepIdOf(commandId, `offer/${request}`)
  const found = await load(deps, giving, ticketId)
  const { state } = found
  if (found.tenant !== tenant) return { refused: 'NotTheHolder' }
  const before = found.commands.get(commandId)
  if (before) return before.request === request ? { offerId, position: before.position } : { refused: 'KeyReused' }
  if (!('sale' in state) || state.holderId !== actor.id) return { refused: 'NotTheHolder' }

  const now = deps.now()
  const on: Case = { ticketId, ticket: state, at: now > found.at ? now : found.at }
  if (state.status === 'closed') return because('TicketClosed', on)
  const to = await recipientOf(deps, wanted, context)
  if (to === undefined) return { refused: 'PersonNotFound' }
  const terms = await termsOf(deps, state)
  if ('refused' in terms) return because(terms.refused, on)

  const command = await commandFor(deps, wanted, { offerId, to, terms, context })
  const decision = giving.decide({ ...command, at: on.at }, state)
  if (isRefused(decision)) return because(decision.refused, { ...on, terms })
  const claimed = await claimDay(deps, offerId, terms, context)
  if (claimed) return because(claimed, { ...on, terms })

  // Before the fact, or a mail that is due by it would find nobody to write to.
  if ('email' in recipient) await deps.addressees.save(offerId, recipient.email)
  const outcome = await handle(deps, giving, ticketId, command, context)
  if (outcome.done) return { offerId, position: outcome.position }
  if ('email' in recipient) await forget(deps, offerId)
  const { state: meanwhile } = await load(deps, giving, ticketId)
  return because(outcome.refused === 'NotFound' ? 'NotTheHolder' : outcome.refused, { ...on, ticket: meanwhile, terms })
}

/** Null: an address that no single person is known by. Undefined: nobody is known by this id. */
const recipientOf = async (
  { people, knows }: Deps,
  { recipient }: Giving,
  { tenant, actor }: Context,
): Promise<string | null | undefined> => {
  if ('personId' in recipient) {
    const { personId } = recipient
    return personId === actor.id || (await knows(tenant, personId)) ? personId : undefined
  }
  const known = await people.withEmail(recipient.email)
  if (known.includes(actor.id)) return actor.id
  return known.length === 1 ? known[0]! : null
}

type Offering = {
  readonly offerId: string
  readonly to: string | null
  readonly terms: Terms
  readonly context: Context
}

const commandFor = async (
  deps: Deps,
  { recipient, asks }: Giving,
  { offerId, to, terms, context: { tenant, actor } }: Offering,
) => {
  const isNamed = 'personId' in recipient
  const from = actor.id
  const verified = {
    from: await isVerified(deps, terms, tenant, from),
    // Or a refusal would tell that somebody is known by the address: whoever accepts is asked then.
    to: isNamed && to !== null ? await isVerified(deps, terms, tenant, to) : true,
  }
  const kind = isNamed ? 'transfer' : 'gift'
  const given = { offerId, kind, from, terms, isVerified: verified } as const
  return isNamed && to !== null && !asks
    ? ({ type: 'TransferTicket', to, ...given } as const)
    : ({ type: 'OfferTicket', to, ...given } as const)
}

/** One of what a person may give away on a day, in UTC. It is never given back: or mails could be sent without end, by offering and cancelling. */
const claimDay = async (
  deps: Deps,
  offerId: string,
  { perDay }: Terms,
  context: Context,
): Promise<'TooManyTransfersToday' | 'KeyReused' | undefined> => {
  const { tenant, actor, commandId } = context
  const day = stepIdOf(personStreamIdOf(tenant, actor.id), `transfers/${deps.now().slice(0, 10)}`)
  const claim = { type: 'ClaimQuota', claimId: offerId, amount: 1, limit: perDay } as const
  const claimed = await handle(deps, quota, day, claim, { ...context, commandId: stepIdOf(commandId, 'quota') })
  if (claimed.done) return undefined
  return claimed.refused === 'KeyReused' ? 'KeyReused' : 'TooManyTransfersToday'
}
