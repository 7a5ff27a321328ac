import { isRefused } from '../../domain/decider.ts'
import type { Position } from '../../domain/fact.ts'
import { person } from '../../domain/person.ts'
import { load } from '../../domain/stream.ts'
import type { GivingKind } from '../../domain/ticket/facts.ts'
import {
  type GivingCommand,
  type GivingRefusal,
  MOST_TRIES,
  overWithTicket,
  type Terms,
} from '../../domain/ticket/giving.ts'
import type { Held } from '../../domain/ticket/state.ts'

import type { Addressees, People } from '../../domain/vault.ts'
import { type Context, type Deps as HandleDeps, handle } from '../handle.ts'
import { personStreamIdOf, stepIdOf } from '../ids.ts'
import type { AcceptanceCodes } from './acceptance-codes.ts'
import { giving } from './giving.ts'
import { because, type Case, type No } from './reasons.ts'
import { isVerified, termsOf } from './terms.ts'

/** Where an offer is, as whoever looks for it by its id finds it. */
export type Found = { readonly ticketId: string; readonly kind: GivingKind; readonly from: string }

export type Deps = HandleDeps & {
  readonly people: Pick<People, 'find' | 'save'>
  readonly addressees: Pick<Addressees, 'find'>
  readonly codes: Pick<AcceptanceCodes, 'isCodeOf'>
  readonly find: (tenant: string, offerId: string) => Promise<Found | undefined>
}

/** What somebody who got an offer sends back. */
export type Answer = {
  readonly offerId: string
  readonly code: string | undefined
  /** What whoever is new here wants to be called. */
  readonly name?: string | undefined
}

export type Answered = (Found & { readonly position: Position }) | No

/**
 * Takes the ticket of an offer, as whoever asks: the person it was made to or, of one to an address, whoever has its code. A wrong
 * code counts as a try. Whoever is new here becomes a person by it, under the address that the offer was made to.
 */
export const accept = async (deps: Deps, answer: Answer, context: Context): Promise<Answered> => {
  const { offerId } = answer
  // Read before it is accepted, for it is forgotten soon after.
  const email = await deps.addressees.find(offerId)
  const answered = await answerWith(deps, answer, context, async (state) => {
    const terms = await termsOf(deps, state)
    if ('refused' in terms) return terms
    const { tenant, actor } = context
    const verified = {
      from: await isVerified(deps, terms, tenant, state.holderId),
      to: await isVerified(deps, terms, tenant, actor.id),
    }
    return { command: { type: 'AcceptOffer', offerId, by: actor.id, terms, isVerified: verified }, terms }
  })
  if ('refused' in answered) return answered
  const welcomed = await welcome(deps, { email, name: answer.name }, context)
  return { ...answered, position: welcomed > answered.position ? welcomed : answered.position }
}

/** Gives an offer back. Of one to an address, whoever has its code may. */
export const decline = async (deps: Deps, answer: Answer, context: Context): Promise<Answered> =>
  answerWith(deps, answer, context, async () => ({
    command: { type: 'CloseOffer', offerId: answer.offerId, reason: 'declined', by: context.actor.id },
  }))

/** Takes an offer back, as its giver. Anybody else finds no such offer. */
export const cancel = async (deps: Deps, offerId: string, context: Context): Promise<Answered> => {
  const found = await deps.find(context.tenant, offerId)
  if (!found || found.from !== context.actor.id) return { refused: 'OfferNotFound' }
  const { ticketId } = found
  const command = { type: 'CloseOffer', offerId, reason: 'cancelled', by: context.actor.id } as const
  const outcome = await handle(deps, giving, ticketId, command, context)
  if (outcome.done) return { ...found, position: outcome.position }
  return refusedNow(deps, outcome.refused, { ticketId, offerId, at: deps.now() })
}

type Intended = {
  readonly command: Extract<GivingCommand, { type: 'AcceptOffer' | 'CloseOffer' }>
  readonly terms?: Terms
}

/** What is answered whatever the code: that there is nothing to answer any more, or not for who asks. */
const WITHOUT_CODE: ReadonlySet<GivingRefusal> = new Set([
  'OfferNotFound',
  'OfferClosed',
  'OfferLapsed',
  'SelfTransfer',
])

const answerWith = async (
  deps: Deps,
  { offerId, code }: Answer,
  context: Context,
  intend: (state: Held) => Promise<Intended | { readonly refused: No['refused'] }>,
): Promise<Answered> => {
  const found = await deps.find(context.tenant, offerId)
  if (!found) return { refused: 'OfferNotFound' }
  const { ticketId } = found
  const { state, at: last, commands } = await load(deps, giving, ticketId)
  const before = commands.get(context.commandId)
  if (before?.request === context.request) return { ...found, position: before.position }
  if (before) return { refused: 'KeyReused' }

  const now = deps.now()
  const on: Case = { ticketId, ticket: state, at: now > last ? now : last, offerId }
  if (state.status === 'closed') return because(overWithTicket(state, offerId), on)
  if (state.status !== 'held') return because('OfferNotFound', on)
  const intended = await intend(state)
  if ('refused' in intended) return because(intended.refused, on)
  const { command, terms } = intended
  const decision = giving.decide({ ...command, at: on.at }, state)
  const refused = isRefused(decision) ? decision.refused : undefined
  if (refused && WITHOUT_CODE.has(refused)) return because(refused, { ...on, terms })
  // Whom it was made to by name needs none to decline it.
  const isNamed = command.type === 'CloseOffer' && state.offer?.to === context.actor.id
  if (!isNamed && (code === undefined || !deps.codes.isCodeOf(offerId, code))) {
    // What is over takes no tries any more.
    if (state.offer?.offerId !== offerId) return because('OfferClosed', on)
    return wrongCode(deps, { ticketId, offerId, code }, context)
  }
  if (refused) return because(refused, { ...on, terms })
  const outcome = await handle(deps, giving, ticketId, command, context)
  if (outcome.done) return { ...found, position: outcome.position }
  return refusedNow(deps, outcome.refused, { ...on, terms })
}

/** Counts it, by what was asked: the same under its key is the same try, another code under the same key is another one. */
const wrongCode = async (
  deps: Deps,
  { ticketId, offerId, code }: { ticketId: string; offerId: string; code: string | undefined },
  context: Context,
): Promise<No> => {
  const refused = 'AcceptanceCodeWrong'
  if (code === undefined)
    return { refused, why: `Ticket ${ticketId} is offered to an address: declining it takes its code.` }
  const tryId = stepIdOf(context.commandId, `try/${context.request}`)
  const tried = await handle(
    deps,
    giving,
    ticketId,
    { type: 'TryOffer', offerId, tryId },
    { ...context, commandId: tryId },
  )
  const { state, at } = await load(deps, giving, ticketId)
  if (!tried.done) return refusedNow(deps, tried.refused, { ticketId, at, offerId })
  const isPending = state.status === 'held' && state.offer?.offerId === offerId
  const left = isPending ? MOST_TRIES - state.offer.tries.length : 0
  const why = left > 0 ? `is still offered; ${left} more and it is not` : 'is not offered any more'
  return { refused, why: `Ticket ${ticketId} ${why}.` }
}

/** What was refused at the last moment, as things are by now. */
const refusedNow = async (deps: Deps, refused: No['refused'], on: Omit<Case, 'ticket'>): Promise<No> => {
  const { state } = await load(deps, giving, on.ticketId)
  return because(refused === 'NotFound' ? 'OfferNotFound' : refused, { ...on, ticket: state })
}

/** Somebody who takes a ticket is a person from then on; who told nothing of themselves yet has the address that it was offered to. */
const welcome = async (
  deps: Deps,
  { email, name }: { email: string | undefined; name: string | undefined },
  context: Context,
): Promise<Position> => {
  const { tenant, actor, commandId } = context
  const streamId = personStreamIdOf(tenant, actor.id)
  const registering = { ...context, commandId: stepIdOf(commandId, 'register') }
  const outcome = await handle(deps, person, streamId, { type: 'RegisterPerson' }, registering)
  const { state, position } = await load(deps, person, streamId)
  // A repetition that comes after the erasure must not bring back what was erased.
  if (outcome.done && email !== undefined && state.status === 'registered' && !(await deps.people.find(actor.id)))
    await deps.people.save(actor.id, { name: name ?? email.slice(0, email.lastIndexOf('@')), email })
  return position
}
