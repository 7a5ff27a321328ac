import { z } from 'zod'
import { Id } from '../../domain/id.ts'
import type { Addressees } from '../../domain/vault.ts'
import type { Reactor } from '../reactors/reactor.ts'

type Deps = { readonly addressees: Pick<Addressees, 'forget'> }

/** Forgets the address of an offer that came to nothing. Twice where a backup was reading the vault just then. */
export const forget = ({ addressees }: Deps, offerId: string): Promise<void> =>
  addressees.forget(offerId).catch(() => addressees.forget(offerId))

const Wanted = z.object({ offerId: Id })

/** Forgets where to write to whom an offer was made to, once it is over: accepted, declined, cancelled, lapsed, or ended with its ticket. */
export const addresseeReactor = (deps: Deps): Reactor => ({
  name: 'addressees',
  begins: 'with-the-next-fact',
  withinSeconds: 10,
  wants: {
    TicketOfferClosed: ({ data: { offerId } }) => [{ offerId }],
    TicketTransferred: ({ data: { offerId, kind } }) => (kind === 'gift' ? [{ offerId }] : []),
  },
  together: 1,
  act: async ([intent]) => {
    await deps.addressees.forget(Wanted.parse(intent!.data).offerId)
    return ['done']
  },
})
