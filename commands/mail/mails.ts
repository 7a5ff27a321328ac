import { z } from 'zod'
import type { Reactor } from '../reactors/reactor.ts'
import type { LetterDeps } from './addressed.ts'
import { htmlOf, textOf } from './letter.ts'
import type { Mail, Mailer } from './mailer.ts'
import { OrderWanted, orderMail, orderWants } from './order-mails.ts'
import { TicketWanted, ticketMail, ticketWants } from './ticket-mails.ts'

export type MailDeps = LetterDeps & { readonly mailer: Pick<Mailer, 'send'> }

/** What an intent says. Who it is for is looked up when it is sent. */
const Wanted = z.union([OrderWanted, TicketWanted])

/**
 * Mails people what they need to know, once per fact. It begins with the next fact: whoever switches it on over a ledger that is years
 * old writes to nobody about what is long past.
 */
export const mailReactor = (deps: MailDeps): Reactor => ({
  name: 'mail',
  begins: 'with-the-next-fact',
  withinSeconds: 30,
  wants: { ...orderWants, ...ticketWants },
  together: 1,
  act: async ([intent], signal) => {
    const wanted = Wanted.parse(intent!.data)
    const mail = await mailOf(deps, intent!.id, wanted)
    const outcome = mail ? await deps.mailer.send(mail, signal) : 'done'
    // Whom an offer was made to is not written to any more once its end is told.
    const isOver = outcome === 'done' || 'refused' in outcome
    if (isOver && 'forgets' in wanted && wanted.forgets) await deps.addressees.forget(wanted.forgets)
    return [outcome]
  },
})

/** Undefined where there is nothing to say any more, or nobody to say it to: they told no address, or were erased. */
const mailOf = async (deps: MailDeps, id: string, wanted: z.infer<typeof Wanted>): Promise<Mail | undefined> => {
  const addressed = await ('orderId' in wanted ? orderMail(deps, wanted) : ticketMail(deps, wanted))
  if (!addressed) return undefined
  const { tenant, to, language, letter } = addressed
  return { id, tenant, to, subject: letter.subject, text: textOf(letter), html: htmlOf(letter, language) }
}
