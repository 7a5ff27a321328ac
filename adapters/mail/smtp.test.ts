import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Mail } from '../../commands/mail/mailer.ts'
import { reactorWorld, someFact } from '../../commands/reactors/reactor.world.ts'
import type { Intent } from '../../domain/vault.ts'
import { smtpMailer } from './smtp.ts'

const FROM = 'Arena <tickets@arena.example>'
const soon = { timeout: 5_000, interval: 20 }

const mail = (address = 'ann@example.org', id: string = randomUUID()): Mail => ({
  id,
  tenant: 'acme',
  to: { name: 'Ann Bøe', address },
  subject: 'Your tickets: Nächte in Køge',
  text: 'Hello Ann,\n',
  html: '<p>Hello Ann</p>',
})

/** A mail server, and what it took. */
const post = async (options: SMTPServerOptions = {}) => {
  const taken: { to: string[]; source: string; secure: boolean }[] = []
  const server = new SMTPServer({
    authOptional: true,
    hideENHANCEDSTATUSCODES: false,
    logger: false,
    onData: (stream, session, callback) => {
      void text(stream).then((source) => {
        const to = session.envelope.rcptTo.map(({ address }) => address)
        taken.push({ to, source, secure: session.secure })
        callback()
      })
    },
    ...options,
  })
  server.on('error', () => {})
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())))
  const { port } = server.server.address() as AddressInfo
  return { taken, port }
}

const mailerTo = (url: string) => {
  const mailer = smtpMailer({ url, from: FROM })
  onTestFinished(() => mailer.close())
  return (one: Mail, signal = new AbortController().signal) => mailer.send(one, signal)
}

/** What a server says no with. */
const no = (responseCode: number, message: string) => Object.assign(new Error(message), { responseCode })

describe('mail over SMTP', () => {
  it('reaches the server whole, with a Message-ID that is the same whenever it is sent', async () => {
    const { taken, port } = await post()
    const send = mailerTo(`smtp://127.0.0.1:${port}?ignoreTLS=true`)
    const one = mail()
    expect([await send(one), await send(one)]).toEqual(['done', 'done'])
    const ids = taken.map(({ source }) => /^Message-ID: (.*)\r$/m.exec(source)?.[1])
    expect(ids).toEqual([`<${one.id}@arena.example>`, `<${one.id}@arena.example>`])
    expect(taken[0]!.to).toEqual(['ann@example.org'])
    expect(taken[0]!.source).toMatch(/^From: Arena <tickets@arena\.example>\r$/m)
  })

  it.each([
    ['RCPT TO', { onRcptTo: (_, __, callback) => callback(no(550, '5.1.1 <ann@example.org>: user ann unknown')) }],
    [
      'DATA',
      {
        onData: (stream, _, callback) => {
          stream.resume().on('end', () => callback(no(554, '5.6.0 ann@example.org does not want this')))
        },
      },
    ],
  ] satisfies [string, SMTPServerOptions][])(
    'that the server refuses for good at %s is refused, without a word about whom',
    async (command, options) => {
      const { port } = await post(options)
      const outcome = await mailerTo(`smtp://127.0.0.1:${port}?ignoreTLS=true`)(mail())
      expect(outcome).toEqual({
        refused: expect.stringMatching(new RegExp(`^the mail server answered 55[04]( 5\\.\\d\\.\\d)? to ${command}$`)),
      })
    },
  )

  it.each([
    ['greylisted', { onRcptTo: (_, __, callback) => callback(no(451, '4.7.1 <ann@example.org> later')) }],
    [
      'busy',
      { onData: (stream, _, callback) => void stream.resume().on('end', () => callback(no(452, 'no room for ann'))) },
    ],
    ['of a sender that may not', { onMailFrom: (_, __, callback) => callback(no(550, 'not you')) }],
    ['closed', { onConnect: (_, callback) => callback(no(554, 'no service here')) }],
  ] satisfies [string, SMTPServerOptions][])(
    'that meets a server that is %s is to be tried again, and names nobody',
    async (_, options) => {
      const { port } = await post(options)
      const error: Error = await mailerTo(`smtp://127.0.0.1:${port}?ignoreTLS=true`)(mail()).then(
        () => new Error('it was taken'),
        (error) => error,
      )
      expect(error.message).toMatch(/^the mail server answered \d{3}( \d\.\d\.\d)? to /)
      expect(error.message).not.toContain('ann')
    },
  )

  it('that meets no server is to be tried again', async () => {
    const closed = createServer().listen(0, '127.0.0.1')
    await once(closed, 'listening')
    const { port } = closed.address() as AddressInfo
    await new Promise((resolve) => closed.close(resolve))
    await expect(mailerTo(`smtp://127.0.0.1:${port}`)(mail())).rejects.toThrow('ECONNREFUSED')
  })

  it('that a silent server holds up ends when nobody waits any more', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    onTestFinished(() => void silent.close())
    const { port } = silent.address() as AddressInfo
    await expect(mailerTo(`smtp://127.0.0.1:${port}`)(mail(), AbortSignal.timeout(200))).rejects.toThrow()
  })

  it.each([
    ['ann', 'the mail server answered 501 5.1.3 to RCPT TO'],
    ['', 'the address is not one that mail can be sent to'],
  ])('to "%s", where it cannot go, is refused', async (address, why) => {
    const { port, taken } = await post()
    expect(await mailerTo(`smtp://127.0.0.1:${port}?ignoreTLS=true`)(mail(address))).toEqual({ refused: why })
    expect(taken).toEqual([])
  })

  it.each(['smtps', 'smtp'])('is not handed to a server that cannot prove who it is, over %s', async (protocol) => {
    const { port, taken } = await post({ secure: protocol === 'smtps' })
    await expect(mailerTo(`${protocol}://127.0.0.1:${port}`)(mail())).rejects.toThrow(/certificate/)
    expect(taken).toEqual([])
  })

  it('is not handed in clear to a server elsewhere that offers no TLS', async () => {
    const { port, taken } = await post({ hideSTARTTLS: true, disabledCommands: ['STARTTLS'] })
    // The name of another host, which leads here.
    const send = mailerTo(`smtp://[::ffff:127.0.0.1]:${port}`)
    await expect(send(mail())).rejects.toThrow(/TLS/)
    expect(taken).toEqual([])
    expect(await mailerTo(`smtp://[::ffff:127.0.0.1]:${port}?requireTLS=false`)(mail())).toBe('done')
  })

  it('signs in as the address says, and a wrong password loses no mail', async () => {
    const { port, taken } = await post({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: ({ username, password }, _, callback) =>
        username === 'arena' && password === 'p@ss' ? callback(null, { user: 1 }) : callback(no(535, 'wrong')),
    })
    expect(await mailerTo(`smtp://arena:p%40ss@127.0.0.1:${port}?ignoreTLS=true`)(mail())).toBe('done')
    await expect(mailerTo(`smtp://arena:wrong@127.0.0.1:${port}?ignoreTLS=true`)(mail())).rejects.toThrow('535')
    expect(taken).toHaveLength(1)
  })

  it.each(['mail.example.org', 'http://mail.example.org', 'smtps://'])(
    'is not begun with the server %s, of which nothing is told',
    (url) => {
      expect(() => smtpMailer({ url, from: FROM })).toThrow(/^SMTP_URL is no address of a mail server/)
    },
  )
})

describe('a mail that a reactor sends', () => {
  const sending = async (options: SMTPServerOptions = {}) => {
    const server = await post(options)
    const world = reactorWorld()
    const send = mailerTo(`smtp://127.0.0.1:${server.port}?ignoreTLS=true`)
    const act = {
      act: async ([intent]: readonly Intent[], signal: AbortSignal) => [
        await send(mail('ann@example.org', intent!.id), signal),
      ],
    }
    const messageIds = () => server.taken.map(({ source }) => /^Message-ID: (.*)\r$/m.exec(source)?.[1])
    return { ...server, ...world, act, messageIds }
  }

  it('is the same mail again, by its Message-ID, after a crash between the server’s yes and our note of it', async () => {
    const { deps, start, record, act, pass, messageIds } = await sending()
    const deaf = { ...deps.intents, done: () => Promise.reject(new Error('killed')) }
    const first = await start(act, { intents: deaf })
    await record(someFact())
    await expect.poll(messageIds, soon).toHaveLength(1)
    await first.stop()
    const { status } = await start(act)
    pass(60)
    await expect.poll(messageIds, soon).toHaveLength(2)
    expect(new Set(messageIds()).size).toBe(1)
    await expect.poll(status, soon).toMatchObject({ open: 0 })
  })

  it('is sent in the end where the server was busy, and given up where there is no such person', async () => {
    const answers = [no(550, 'nobody here'), no(450, 'busy')]
    const { start, record, act, pass, messageIds } = await sending({
      onRcptTo: (_, __, callback) => callback(answers.pop()),
    })
    const { status } = await start(act)
    await record(someFact())
    await expect.poll(status, soon).toMatchObject({ open: 1, failing: 1, why: expect.stringContaining('450') })
    await record(someFact())
    await expect.poll(status, soon).toMatchObject({ open: 1, givenUp: 1, why: expect.stringContaining('450') })
    pass(5)
    await expect.poll(messageIds, soon).toHaveLength(1)
    await expect.poll(status, soon).toMatchObject({ open: 0, givenUp: 1, why: expect.stringContaining('550') })
  })
})
