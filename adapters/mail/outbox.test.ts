import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { stepIdOf } from '../../commands/ids.ts'
import type { Mail } from '../../commands/mail/mailer.ts'
import { someFact } from '../../commands/reactors/reactor.world.ts'
import { sqliteLedger } from '../sqlite/ledger.ts'
import { sqliteVault } from '../sqlite/vault.ts'
import { outbox } from './outbox.ts'

const FROM = 'Arena <tickets@arena.example>'
const never = new AbortController().signal

const folder = async () => {
  const made = await mkdtemp(join(tmpdir(), 'outbox-'))
  onTestFinished(() => rm(made, { recursive: true, force: true }))
  return made
}

const mail = (other: Partial<Mail> = {}): Mail => ({
  id: randomUUID(),
  tenant: 'acme',
  to: { name: 'Ann Bøe', address: 'ann@example.org' },
  subject: 'Your tickets: Nächte in Køge',
  text: 'Hello Ann,\n\n2 × Standing: €100.00\n',
  html: '<p>Hello Ann</p>',
  ...other,
})

describe('the outbox', () => {
  it('holds each mail once, as a file that mail programs open, readable by its owner alone', async () => {
    const box = await folder()
    const { send } = outbox(box, FROM)
    const one = mail()
    expect(await send(one, never)).toBe('done')
    const first = await readFile(join(box, 'acme', `${one.id}.eml`), 'utf8')
    expect(await send({ ...one, subject: 'the same again' }, never)).toBe('done')
    expect(await readdir(join(box, 'acme'))).toEqual([`${one.id}.eml`, `${one.id}.json`])
    expect(await readFile(join(box, 'acme', `${one.id}.eml`), 'utf8')).toBe(first)
    expect(first).toMatch(/^From: Arena <tickets@arena\.example>\r$/m)
    expect(first).toMatch(/^To: =\?UTF-8\?.*\?= <ann@example\.org>\r$/m)
    expect(first).toMatch(new RegExp(`^Message-ID: <${one.id}@arena\\.example>\\r$`, 'm'))
    expect(first).toMatch(/^Auto-Submitted: auto-generated\r$/m)
    expect(first).toMatch(/^Content-Type: text\/plain; charset=utf-8\r$/m)
    expect(first).toMatch(/^Content-Type: text\/html; charset=utf-8\r$/m)
    expect((await stat(join(box, 'acme', `${one.id}.eml`))).mode & 0o777).toBe(0o600)
    expect((await stat(join(box, 'acme'))).mode & 0o777).toBe(0o700)
  })

  it('lists a tenant’s own, newest first, from where the last page ended', async () => {
    const box = await folder()
    const { send, newest } = outbox(box, FROM)
    expect(await newest('acme', 10)).toEqual([])
    const mails = [mail(), mail({ subject: 'second' }), mail({ subject: 'third' })]
    for (const [i, one] of mails.entries()) {
      await send(one, never)
      const at = new Date(Date.UTC(2030, 0, 1, 12, 0, Math.min(i, 1)))
      await utimes(join(box, 'acme', `${one.id}.eml`), at, at)
    }
    await send(mail({ tenant: 'other' }), never)
    const all = await newest('acme', 10)
    // Two of one moment: by their ids.
    expect(all.map(({ id }) => id)).toEqual([...[mails[1]!.id, mails[2]!.id].toSorted().toReversed(), mails[0]!.id])
    expect(all.at(-1)).toEqual({
      id: mails[0]!.id,
      to: 'ann@example.org',
      subject: mails[0]!.subject,
      at: '2030-01-01T12:00:00.000Z',
      messageId: `<${mails[0]!.id}@arena.example>`,
      text: mails[0]!.text,
    })
    const [page] = await newest('acme', 1)
    expect(await newest('acme', 10, page)).toEqual(all.slice(1))
  })

  it('takes no header from what people are called', async () => {
    const box = await folder()
    const one = mail({
      to: { name: 'Ann\r\nBcc: eve@example.org', address: 'ann@example.org' },
      subject: 'Tickets\r\nBcc: eve@example.org',
    })
    await outbox(box, FROM).send(one, never)
    expect(await readFile(join(box, 'acme', `${one.id}.eml`), 'utf8')).not.toMatch(/^Bcc:/im)
  })

  it('is not begun under a sender that is none', () => {
    expect(() => outbox('/nowhere', 'Arena')).toThrow('MAIL_FROM is Arena')
  })
})

describe('a process that mails', () => {
  const FACTS = 300

  /** Mails for each fact of a ledger, beside others that do the same, until it is killed. */
  const program = `
    import { soleLeader } from ${JSON.stringify(new URL('../leadership.ts', import.meta.url))}
    import { outbox } from ${JSON.stringify(new URL('./outbox.ts', import.meta.url))}
    import { sqliteLedger } from ${JSON.stringify(new URL('../sqlite/ledger.ts', import.meta.url))}
    import { sqliteVault } from ${JSON.stringify(new URL('../sqlite/vault.ts', import.meta.url))}
    import { startReactor } from ${JSON.stringify(new URL('../../commands/reactors/running.ts', import.meta.url))}
    const [folder, behind] = process.argv.slice(1)
    const log = { warn: console.error, error: console.error }
    const box = outbox(folder + '/outbox', 'tickets@arena.example')
    await startReactor({
      ledger: sqliteLedger(folder + '/ledger.db'),
      intents: sqliteVault(folder + '/vault.db').intents,
      leadership: soleLeader,
      now: () => new Date(Date.now() + Number(behind)).toISOString(),
      log,
    }, {
      name: 'mail',
      begins: 'with-the-first-fact',
      together: 1,
      withinSeconds: 30,
      wants: { PersonRegistered: ({ id }) => [{ id }] },
      act: async ([{ id }], signal) => [
        await box.send({ id, tenant: 'acme', to: { name: 'Ann', address: 'ann@example.org' }, subject: id, text: id, html: id }, signal),
      ],
    })
    console.log('started')`

  it('may be killed at any moment, and leaves one mail for each fact', async () => {
    const home = await folder()
    const ledger = sqliteLedger(join(home, 'ledger.db'))
    const vault = sqliteVault(join(home, 'vault.db'))
    onTestFinished(async () => {
      await ledger.close()
      await vault.close()
    })
    const facts = Array.from({ length: FACTS }, () => someFact())
    await Promise.all(facts.map((fact) => ledger.append(`person-${fact.id}`, 'none', [fact])))

    const start = async (round: number): Promise<ChildProcess> => {
      // Their clocks run ahead by turns, so that what was begun by the killed is due at once.
      const argv = ['--input-type=module', '-e', program, home, String(round * 120_000)]
      const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] })
      onTestFinished(() => void child.kill('SIGKILL'))
      await once(child.stdout!, 'data')
      return child
    }
    const kill = async (child: ChildProcess) => {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    const mails = async () =>
      (await readdir(join(home, 'outbox/acme')).catch(() => [])).filter((n) => n.endsWith('.eml'))

    let round = 0
    let killedAmid = 0
    for (; round < 4; round++) {
      const children = await Promise.all([start(round), start(round)])
      await sleep(Math.random() * 40)
      await Promise.all(children.map(kill))
      const { open } = await vault.intents.backlog('mail')
      if (open > 0) killedAmid++
    }
    expect(killedAmid).toBeGreaterThan(0)
    await start(round)
    await expect.poll(() => vault.intents.backlog('mail'), { timeout: 20_000 }).toMatchObject({ open: 0, givenUp: 0 })
    expect((await mails()).toSorted()).toEqual(facts.map(({ id }) => `${stepIdOf(id, 'mail/0')}.eml`).toSorted())
  }, 90_000)
})
