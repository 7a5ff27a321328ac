import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { acceptanceCodes } from '../../adapters/keys/acceptance-codes.ts'
import { soleLeader } from '../../adapters/leadership.ts'
import { outbox } from '../../adapters/mail/outbox.ts'
import { sqliteVault } from '../../adapters/sqlite/vault.ts'
import type { AnyFact } from '../../domain/registry.ts'
import type { Profile } from '../../domain/vault.ts'
import { record } from '../handle.ts'
import { stepIdOf } from '../ids.ts'
import { EVENT, orderWorld } from '../order-process.world.ts'
import { startReactor } from '../reactors/running.ts'
import { mailReactor } from './mails.ts'

export const ANN = stepIdOf(EVENT, 'ann')

export const soon = { timeout: 5_000, interval: 20 }

export const codes = acceptanceCodes(new Uint8Array(32))

/** Orders as they are really placed, and a reactor that mails about them into an outbox. */
export const post = async (profile: Profile | null = { name: 'Ann Bøe', email: 'ann@example.org' }) => {
  const orders = await orderWorld({ size: 10, maxPerPerson: 4 })
  const { ledger } = orders.deps
  const vault = sqliteVault(':memory:')
  const folder = await mkdtemp(join(tmpdir(), 'mails-'))
  const box = outbox(folder, 'Arena <tickets@arena.example>')
  if (profile) await vault.people.save(ANN, profile)

  const put = (category: string, id: string, fact: AnyFact) => {
    const commandId = stepIdOf(id, `${orders.log.length}`)
    const context = {
      commandId,
      correlationId: id,
      tenant: 'acme',
      actor: { id, role: 'process' },
      request: '',
    } as const
    return record(orders.deps, category, id, fact, context)
  }
  const event = orders.log.find(({ type }) => type === 'EventDrafted')!.data as { venueId: string }
  await put('venue', event.venueId, {
    type: 'VenueRegistered',
    data: { name: 'The <Arena>', timeZone: 'Europe/Berlin' },
  })

  const deps = {
    ...{ ledger, people: vault.people, addressees: vault.addressees, mailer: box },
    ...{ acceptanceCodes: codes, publicUrl: 'https://tickets.example/' },
  }
  const log = { warn: () => {}, error: () => {} }
  const start = () =>
    startReactor(
      { ledger, intents: vault.intents, leadership: soleLeader, now: orders.deps.now, log },
      mailReactor(deps),
    )
  let mailing = await start()
  onTestFinished(async () => {
    await mailing.stop()
    await vault.close()
    await rm(folder, { recursive: true })
  })

  return {
    ...orders,
    vault,
    put,
    stop: () => mailing.stop(),
    start: async () => {
      mailing = await start()
    },
    mails: async () => box.newest('acme', 50),
    /** What was mailed once nothing is left to be. */
    settled: async () => {
      await expect.poll(async () => (await vault.intents.positionOf('mail')) === (await ledger.head()), soon).toBe(true)
      await expect
        .poll(() => mailing.status(), soon)
        .toMatchObject({ open: 0, givenUp: 0, behindSeconds: 0, halted: null, failure: null })
      return box.newest('acme', 50)
    },
  }
}

/** With the spaces that Intl sets narrow or unbroken as common ones. */
export const plain = (text: string) => text.replace(/[\u00a0\u2009\u202f]/g, ' ')
