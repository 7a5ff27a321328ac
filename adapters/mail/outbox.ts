import { access, mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTransport } from 'nodemailer'
import type { Mailer } from '../../commands/mail/mailer.ts'
import type { Outbox, OutboxMail } from '../../queries/routes/outbox.ts'
import { messageIdOf, messageOf } from './message.ts'

/**
 * Mail written down instead of sent: one `.eml` for each, which mail programs open, in a folder for each tenant. It is named after what
 * wanted it, so it is there once however often it is sent. For trying things out: nobody erases people in it.
 */
export const outbox = (folder: string, from: string): Mailer & Outbox => {
  const composer = createTransport({ streamTransport: true, buffer: true, newline: 'windows' })
  messageIdOf('', from)

  return {
    send: async (mail) => {
      const box = join(folder, mail.tenant)
      const file = join(box, `${mail.id}.eml`)
      if (await exists(file)) return 'done'
      const message = messageOf(mail, from)
      const composed = await composer.sendMail(message)
      await mkdir(box, { recursive: true, mode: 0o700 })
      const told: Told = {
        to: mail.to.address,
        subject: mail.subject,
        messageId: messageIdOf(mail.id, from),
        text: mail.text,
      }
      await write(join(box, `${mail.id}.json`), JSON.stringify(told))
      // Last, for it is what makes the mail be there.
      await write(file, composed.message as Buffer)
      return 'done'
    },
    newest: async (tenant, limit, before) => {
      const box = join(folder, tenant)
      const names = await readdir(box).catch(noneYet)
      const all = await Promise.all(
        names
          .filter((name) => name.endsWith('.eml'))
          .map(async (name) => ({ id: name.slice(0, -4), at: (await stat(join(box, name))).mtime.toISOString() })),
      )
      const wanted = all
        .toSorted(newestFirst)
        .filter((mail) => !before || newestFirst(before, mail) < 0)
        .slice(0, limit)
      return Promise.all(
        wanted.map(async ({ id, at }): Promise<OutboxMail> => {
          const told: Told = JSON.parse(await readFile(join(box, `${id}.json`), 'utf8'))
          return { id, at, ...told }
        }),
      )
    },
    close: async () => composer.close(),
  }
}

/** What is kept beside a mail, so that nobody has to take the mail apart to list it. */
type Told = Pick<OutboxMail, 'to' | 'subject' | 'messageId' | 'text'>

type Place = Pick<OutboxMail, 'at' | 'id'>

const newestFirst = (a: Place, b: Place): number => (`${a.at} ${a.id}` > `${b.at} ${b.id}` ? -1 : 1)

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  )

/** Whole or not at all, and durable. */
const write = async (file: string, content: string | Uint8Array): Promise<void> => {
  const part = `${file}.${process.pid}.part`
  await writeFile(part, content, { mode: 0o600, flush: true })
  await rename(part, file)
}

const noneYet = (error: NodeJS.ErrnoException): string[] => {
  if (error.code === 'ENOENT') return []
  throw error
}
