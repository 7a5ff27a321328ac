import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { handIn } from '../commands/chain/tampering.world.ts'
import type { Client } from './client.ts'
import { ON_CHAIN, type World, wholeWorld } from './counterfoil.world.ts'

const RECONCILE = fileURLToPath(new URL('reconcile.ts', import.meta.url))
const soon = { timeout: 20_000, interval: 100 }

type OnChain = { ticketId: string; ticketPda: string; mintAddress: string; chain: { state: string } }

let w: World
beforeAll(async () => {
  w = await wholeWorld(ON_CHAIN)
})
afterAll(() => w.close())

/** The command as an operator runs it. */
const reconcile = (
  args: readonly string[] = [],
  folder = w.folder,
): Promise<{ code: number; out: string; err: string }> =>
  new Promise((resolve) => {
    const env = { ...process.env, DATA_DIR: folder }
    execFile(process.execPath, [RECONCILE, ...args], { env }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    )
  })

const ticketOf = async (holder: Client, ticketId: string) =>
  (await holder.call<OnChain>('GET', `/tickets/${ticketId}`)).body

/** Tickets of an event of their own, once they are final on chain. */
const settled = async (subject: string, quantity = 1) => {
  const { eventId, typeId } = await w.onSale()
  const ann = await w.as('attendee', subject)
  const bought = await w.buyTickets(ann, eventId, typeId, quantity)
  const isSettled = async (ticketId: string) => (await ticketOf(ann, ticketId)).chain.state
  for (const { ticketId } of bought) await expect.poll(() => isSettled(ticketId), soon).toBe('settled')
  return { eventId, ann, isSettled, tickets: await Promise.all(bought.map(({ ticketId }) => ticketOf(ann, ticketId))) }
}

describe('npm run reconcile, beside the server that goes on', () => {
  it('says that there is nothing to report where ledger and chain agree, and leaves out what is not on chain', async () => {
    const off = await w.onSale({ chain: 'off' })
    await w.buyTickets(await w.as('attendee', 'ann off'), off.eventId, off.typeId)
    await settled('ann clean', 3)
    expect(await reconcile()).toEqual({ code: 0, out: '3 tickets compared, nothing to report\n', err: '' })
  })

  it('tells cause, age and repair of what differs, and ends with 1 until it is repaired', async () => {
    const { eventId, tickets, isSettled, ann } = await settled('ann tampered', 2)
    const [gone, old] = tickets as [OnChain, OnChain]
    const hand = handIn(join(w.folder, 'chain.db'))
    onTestFinished(hand.close)
    hand.removeToken(gone.mintAddress)
    hand.remove(gone.ticketPda)
    hand.setVersion(old.ticketPda, 0)

    const told = await reconcile(['--event', eventId.toUpperCase()])
    expect(told).toMatchObject({ code: 1, err: '' })
    const lines = told.out.split('\n')
    const expected = [
      [`unknown_on_chain: ticket ${gone.ticketId}`, /^ {2}Its account is gone, .* opens it anew\.$/],
      [`version_behind: ticket ${old.ticketId}`, /^ {2}The chain has fallen back .* sends it anew\.$/],
    ] as const
    for (const [who, advice] of expected) {
      const at = lines.findIndex((line) => line.startsWith(who))
      expect(lines[at]).toMatch(new RegExp(`^${who} of event ${eventId}, for \\d+ s$`))
      expect(lines[at + 1]).toMatch(advice)
    }
    expect(lines.slice(4)).toEqual(['2 tickets compared, 2 differ', ''])

    const parsed = (await reconcile(['--json'])).out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(parsed.slice(0, -1).map(({ kind, cause, ticketId }) => [kind, cause, ticketId])).toEqual(
      expect.arrayContaining([
        ['mismatch', 'unknown_on_chain', gone.ticketId],
        ['mismatch', 'version_behind', old.ticketId],
      ]),
    )
    expect(parsed.at(-1)).toMatchObject({ kind: 'summary', underway: 0, mismatches: 2, repairsOrdered: 0 })

    const repaired = await reconcile(['--repair', '--event', eventId])
    expect(repaired).toMatchObject({ code: 0, err: '' })
    expect(repaired.out).toMatch(/\n2 tickets compared, 2 differ, 2 ordered to be sent anew\n$/)
    for (const { ticketId } of tickets) await expect.poll(() => isSettled(ticketId), soon).toBe('settled')
    expect((await ticketOf(ann, gone.ticketId)).mintAddress).toBe(gone.mintAddress)
    const after = await reconcile(['--event', eventId])
    expect(after).toEqual({ code: 0, out: '2 tickets compared, nothing to report\n', err: '' })
  }, 90_000)

  it('says in one line what is wrong with what it is asked', async () => {
    const lines = [
      [['--event', 'nonsense'], '--event nonsense is no id: events are named by UUIDs, as in GET /api/v1/events\n'],
      [['--mend'], expect.stringMatching(/^Unknown option '--mend'.*\n$/)],
    ] as const
    for (const [args, err] of lines) expect(await reconcile(args)).toEqual({ code: 2, out: '', err })
    expect(await reconcile(['--help'])).toMatchObject({ code: 0, err: '' })
  })
})

it('npm run reconcile says in one line that a folder is no server’s', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'counterfoil-reconcile-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const err = `there is no ledger at ${join(folder, 'ledger.db')}: set DATA_DIR to the server's folder\n`
  expect(await reconcile([], folder)).toEqual({ code: 2, out: '', err })
})
