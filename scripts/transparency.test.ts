import { execFile, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { Client } from './client.ts'
import { ON_CHAIN, type World, wholeWorld } from './counterfoil.world.ts'

type Stored = { type: string; data: Record<string, unknown> }
type Proof = {
  head: { number: number; size: number; root: string; address: string; authority: string; signature: string | null }
  facts: { index: number; leafHash: string; path: string[]; fact: Stored | null }[]
  notYetAnchored: Stored[]
}

type Told = { code: number; out: string; err: string }

/** A command as a person runs it, beside the server. */
const run = (folder: string, script: string, ...args: string[]): Promise<Told> =>
  new Promise((resolve) => {
    const path = fileURLToPath(new URL(`${script}.ts`, import.meta.url))
    const env = { ...process.env, DATA_DIR: folder }
    execFile(process.execPath, [path, ...args], { env }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out: out.trim(), err: err.trim() }),
    )
  })

describe('the transparency log', () => {
  let w: World
  let ann: Client
  let auditor: Client
  let ticketId: string
  let ben: Client
  /** Which ann has given to ben. */
  let givenId: string
  beforeAll(async () => {
    w = await wholeWorld(ON_CHAIN)
    const { eventId, typeId } = await w.onSale({ size: 1 })
    const bob = await w.as('attendee', 'bob')
    const items = [{ typeId, quantity: 1 }]
    const { orderId } = (await bob.call<{ orderId: string }>('POST', '/orders', { eventId, items })).body
    await bob.call('POST', `/orders/${orderId}/cancel`)
    ann = await w.as('attendee', 'ann')
    auditor = await w.as('auditor', 'ada')
    ticketId = (await w.buyTickets(ann, eventId, typeId))[0]!.ticketId
    // The last that is recorded of it by itself.
    const history = async () => (await auditor.call<{ history: Stored[] }>('GET', `/tickets/${ticketId}`)).body.history
    while ((await history()).at(-1)!.type !== 'TicketMinted') await setTimeout(50)

    ben = await w.as('attendee', 'ben')
    await ben.call('PUT', '/me', { name: 'Ben', email: null })
    const { personId: toPersonId } = (await ben.call<{ personId: string }>('GET', '/me')).body
    const other = await w.onSale()
    givenId = (await w.buyTickets(ann, other.eventId, other.typeId))[0]!.ticketId
    await ann.call('POST', '/transfer', { ticketId: givenId, toPersonId })
    type Given = { moves: number; chain: { state: string } }
    const given = async () => (await auditor.call<Given>('GET', `/tickets/${givenId}`)).body
    const isSettled = ({ moves, chain }: Given) => moves === 1 && chain.state === 'settled'
    while (!isSettled(await given())) await setTimeout(50)
  })
  afterAll(() => w.close())

  const proofOf = async (reader: Client, of = ticketId): Promise<Proof> =>
    (await reader.call<Proof>('GET', `/tickets/${of}/proof`)).body
  const head = () => run(w.folder, 'anchor')

  /** The embedded chain as a node of Solana shows it. */
  const node = async (): Promise<string> => {
    const path = fileURLToPath(new URL('chain.ts', import.meta.url))
    const env = { ...process.env, DATA_DIR: w.folder }
    const child = spawn(process.execPath, [path, '--port', '0'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    onTestFinished(async () => {
      child.kill('SIGTERM')
      await once(child, 'exit')
    })
    const [said] = await once(child.stdout, 'data')
    return /http:\/\/\S+/.exec(String(said))![0]
  }

  const verify = async (proof: Proof, rpc: string, ...args: string[]) => {
    const file = join(w.folder, 'proof.json')
    writeFileSync(file, JSON.stringify(proof))
    return run(w.folder, 'verify', file, '--rpc', rpc, ...args)
  }

  it('proves nothing before a head is on chain, and says what to do', async () => {
    await expect(proofOf(ann)).rejects.toMatchObject({ code: 'NotAnchoredYet' })
    const { code, out } = await run(w.folder, 'audit')
    expect([code, out]).toEqual([0, expect.stringMatching('No head is on chain, so there is nothing to hold')])
  })

  it('is published beside the server, once for what happened', async () => {
    expect(await head()).toMatchObject({ code: 0, out: expect.stringMatching(/^A head over \d+ facts is on chain\.$/) })
    expect(await head()).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^The newest head covers \d+ facts; nothing happened since\.$/),
    })
    expect(await run(w.folder, 'audit')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/The first \d+ are what 1 head on chain says\.$/),
    })
  })

  it('shows auditors all that was recorded of a ticket, and its holder nothing of an order before theirs', async () => {
    await expect.poll(() => proofOf(auditor).catch(() => undefined)).toBeTruthy()
    const [all, own] = [await proofOf(auditor), await proofOf(ann)]
    const history = await auditor.call<{ history: { type: string }[] }>('GET', `/tickets/${ticketId}`)
    const types = [...all.facts.map(({ fact }) => fact!.type), ...all.notYetAnchored.map(({ type }) => type)]
    expect(types).toEqual(history.body.history.map(({ type }) => type))
    expect(types.slice(0, 4)).toEqual(['TicketReserved', 'TicketReservationReleased', 'TicketReserved', 'TicketSold'])
    expect(own.head).toEqual(all.head)
    expect(own.facts).toEqual(all.facts.map((one, i) => (i < 2 ? { ...one, fact: null } : one)))
  })

  it('shows who was given a ticket nothing of what was recorded before', async () => {
    const [all, own] = [await proofOf(auditor, givenId), await proofOf(ben, givenId)]
    const moved = all.facts.findIndex(({ fact }) => fact!.type === 'TicketTransferred')
    expect(moved).toBeGreaterThan(0)
    expect(own.facts).toEqual(all.facts.map((one, i) => (i < moved ? { ...one, fact: null } : one)))
    await expect(proofOf(ann, givenId)).rejects.toMatchObject({ code: 'NotFound' })
  })

  it('is shown to nobody else', async () => {
    for (const [role, person] of [
      ['attendee', 'bob'],
      ['organizer', 'olga'],
    ] as const)
      await expect(proofOf(await w.as(role, person))).rejects.toMatchObject({ code: 'NotFound' })
    await expect(proofOf(await w.as('admin', 'ada', { tenant: 'rival' }))).rejects.toMatchObject({ code: 'NotFound' })
  })

  it('proves each fact of a ticket by the chain alone, to somebody who has nothing but one file', async () => {
    const rpc = await node()
    const proof = await proofOf(ann)
    const source = readFileSync(new URL('verify.ts', import.meta.url), 'utf8')
    expect([...source.matchAll(/from '([^']+)'/g)].every(([, from]) => from!.startsWith('node:'))).toBe(true)

    const told = await verify(proof, rpc, '--authority', proof.head.authority)
    expect(told).toMatchObject({ code: 0, err: '' })
    const [first, ...facts] = told.out.split('\n')
    expect(facts.pop()).toMatch('nothing more was recorded of the ticket after the last fact')
    expect(first).toMatch(`covers ${proof.head.size} facts; published by ${proof.head.authority} under program `)
    expect(facts).toHaveLength(proof.facts.length)
    expect(facts.every((line) => line.startsWith('proven'))).toBe(true)
    expect(facts.slice(2).every((line) => line.includes(`  ticket-${ticketId} at revision `))).toBe(true)
  })

  it('proves nothing that was changed, nor by another head', async () => {
    const rpc = await node()
    const proof = await proofOf(ann)
    const last = proof.facts.at(-1)!
    const changed = (one: object): Proof => ({ ...proof, facts: proof.facts.with(-1, { ...last, ...one }) })
    const { fact, path } = last
    for (const wrong of [
      { fact: { ...fact!, data: { ...fact!.data, generation: 2 } } },
      { index: last.index - 1 },
      { index: proof.head.size },
      { path: path.slice(1) },
      { path: [...path, path[0]!] },
      { path: path.with(0, 'ab'.repeat(32)) },
    ])
      expect(await verify(changed(wrong), rpc)).toMatchObject({ code: 1, out: expect.stringMatching(/^NOT PROVEN/m) })
    for (const wrong of [
      { ticketId: randomUUID() },
      { facts: [] },
      { facts: [...proof.facts, last] },
      { facts: proof.facts.toSpliced(-2, 1) },
      { facts: proof.facts.slice(1) },
      { facts: proof.facts.with(-1, { ...last, fact: null }) },
      { facts: proof.facts.map((one) => ({ ...one, fact: null })) },
    ])
      expect(await verify({ ...proof, ...wrong }, rpc)).toMatchObject({
        code: 1,
        out: expect.stringMatching(/^NOT PROVEN/m),
      })
    const other = await verify({ ...proof, head: { ...proof.head, size: proof.head.size + 1 } }, rpc)
    expect(other).toEqual({ code: 1, out: '', err: 'the head on chain is not the one in the proof' })
    const another = await verify(proof, rpc, '--authority', proof.head.address)
    expect(another).toMatchObject({ code: 1, err: `the head was published by ${proof.head.authority}` })
    const nowhere = await verify({ ...proof, head: { ...proof.head, address: proof.head.authority } }, rpc)
    expect(nowhere).toMatchObject({ code: 1, err: expect.stringMatching(/^there is no Head at /) })
  })

  it('says in one line what is no proof, and which chain does not answer', async () => {
    const proof = join(w.folder, 'proof.json')
    writeFileSync(proof, JSON.stringify(await proofOf(ann)))
    const none = join(w.folder, 'none.json')
    writeFileSync(none, '{}')
    const rpc = ['--rpc', 'http://127.0.0.1:1']
    for (const [args, err] of [
      [[], /^which proof, and whose chain\? npm run -s verify -- .*$/],
      [[proof, '--chain', 'x'], /^Unknown option '--chain'.*$/],
      [[join(w.folder, 'gone.json'), ...rpc], /^ENOENT: .*gone\.json'$/],
      [[none, ...rpc], /none\.json is no proof: save what GET .* answers$/],
      [[proof, ...rpc], /^http:\/\/127\.0\.0\.1:1 does not answer as a node of Solana does: .+$/],
      [[proof, '--rpc', 'localhost'], /^localhost does not answer as a node of Solana does: Invalid URL$/],
      [[proof, '--rpc', w.url], /does not answer as a node of Solana does|refuses: /],
    ] as const)
      expect(await run(w.folder, 'verify', ...args)).toEqual({ code: 1, out: '', err: expect.stringMatching(err) })
  })

  it('is not published where what is asked for cannot be read, nor is a ledger called changed that nobody could audit', async () => {
    const unknown = /^Unknown option '--jsn'/
    expect(await run(w.folder, 'anchor', '--jsn')).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(unknown),
    })
    expect(await run(w.folder, 'audit', '--jsn')).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringMatching(unknown),
    })
    expect((await run(w.folder, 'anchor', '--help')).out).toMatch(/^npm run anchor\n/)
  })

  it('names the first fact that somebody changed in the file, and where', async () => {
    const sold = (await proofOf(auditor)).facts.find(({ fact }) => fact!.type === 'TicketSold')!
    const db = new DatabaseSync(join(w.folder, 'ledger.db'))
    db.exec(`update fact set data = replace(data, '2500', '1') where type = 'TicketSold'`)
    db.close()
    const { code, out } = await run(w.folder, 'audit', '--json')
    const lines = out.split('\n').map((line) => JSON.parse(line))
    expect([code, lines.length]).toEqual([1, 2])
    expect(lines[0]).toMatchObject({
      ...{ kind: 'finding', what: 'fact', change: 'changed', index: sold.index, leafHash: sold.leafHash, head: 1 },
      fact: { type: 'TicketSold', stream: `ticket-${ticketId}` },
    })
    expect(lines[1]).toMatchObject({ kind: 'summary', heads: 1, findings: 1 })
    expect((await run(w.folder, 'audit')).out).toMatch(`ticket-${ticketId} at revision 3`)
    await expect(proofOf(ann)).rejects.toMatchObject({ status: 500 })
  })
})
