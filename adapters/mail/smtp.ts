import { createTransport, type NodemailerError } from 'nodemailer'
import type { Mailer } from '../../commands/mail/mailer.ts'
import type { Acted } from '../../commands/reactors/reactor.ts'
import { messageIdOf, messageOf } from './message.ts'

type Settings = {
  /** `smtps://user:password@host:465`, or `smtp://…:587`, which turns to TLS before anything is said. */
  readonly url: string
  /** `Name <tickets@example.org>` */
  readonly from: string
}

/**
 * Mail over SMTP. A crash between the server's yes and our note of it sends a mail twice, which SMTP cannot prevent; both have one
 * Message-ID, by which servers and readers that look for it drop the second. Throws where the settings are none.
 */
export const smtpMailer = ({ url, from }: Settings): Mailer => {
  const { hostname, protocol } = serverOf(url)
  messageIdOf('', from)
  const transport = createTransport({
    pool: true,
    maxConnections: 5,
    // A message whose connection breaks is tried again by whoever asked, who counts.
    maxRequeues: 0,
    dnsTimeout: 10_000,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 20_000,
    // Or whoever sits in between could read along by hiding that the server offers it. The URL may say otherwise: ?requireTLS=false
    requireTLS: protocol === 'smtp:' && !LOOPBACK.test(hostname),
    url,
  })

  return {
    send: (mail, signal) =>
      transport.sendMail({ ...messageOf(mail, from), signal }).then((): Acted => 'done', outcomeOf),
    close: async () => transport.close(),
  }
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/

const serverOf = (url: string): URL => {
  const parsed = URL.parse(url)
  if (parsed?.hostname && /^smtps?:$/.test(parsed.protocol)) return parsed
  // Without the URL, in which there is a password.
  throw new Error('SMTP_URL is no address of a mail server: write it as smtps://user:password@host:465')
}

/**
 * Refused is what the server will never take for this person, or at all. What it says of us (a wrong password, a sender that may not) is
 * for an operator to put right, and no reason to lose a mail. Its words are left out: they often repeat the address.
 */
const outcomeOf = (error: NodemailerError): Acted => {
  const { code, command, responseCode, response, permanent } = error
  if (responseCode === undefined) {
    // No server said so: nodemailer does not know how to write to it.
    if (code === 'EENVELOPE') return { refused: 'the address is not one that mail can be sent to' }
    throw error
  }
  const [, enhanced = ''] = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/.exec(response ?? '') ?? []
  const said = `the mail server answered ${[responseCode, enhanced].filter(Boolean).join(' ')} to ${command}`
  if (permanent && (command === 'RCPT TO' || command === 'DATA')) return { refused: said }
  throw new Error(said)
}
