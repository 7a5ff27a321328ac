import type { SendMailOptions } from 'nodemailer'
import type { Mail } from '../../commands/mail/mailer.ts'

/** By what a mail is known everywhere: the same each time it is sent, so that whoever compares sees that it is the same one. */
export const messageIdOf = (id: string, from: string): string => `<${id}@${domainOf(from)}>`

/** What nodemailer makes the message of. */
export const messageOf = (mail: Mail, from: string): SendMailOptions => ({
  from,
  to: mail.to,
  subject: mail.subject,
  text: mail.text,
  html: mail.html,
  messageId: messageIdOf(mail.id, from),
  // RFC 3834: nobody is to be told that somebody is on holiday.
  headers: { 'Auto-Submitted': 'auto-generated' },
  disableFileAccess: true,
  disableUrlAccess: true,
})

const domainOf = (from: string): string => {
  const [, domain] = /@([A-Za-z0-9.-]+)>?\s*$/.exec(from) ?? []
  if (!domain)
    throw new Error(
      `MAIL_FROM is ${from}, which is no address: write it as tickets@example.org or Name <tickets@example.org>`,
    )
  return domain
}
