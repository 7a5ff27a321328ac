import { describe, expect, it } from 'vitest'
import { eventWorld } from './event.world.ts'
import { CLOSES_AT, closeTicket, keyOf, SOL, ticketOf, unsigned } from './ticket-ledger.world.ts'

const alice = keyOf('alice').publicKey
const bob = keyOf('bob').publicKey

describe('put_ticket, where tickets have no tokens', () => {
  it('issues a ticket, and says so', async () => {
    const { put, ticket, event, ledger } = await eventWorld({ token: false })
    const sent = await put({ ticket: 't', version: 4, generation: 2, holder: alice })
    const record = { holder: alice.toBase58(), version: 4, generation: 2, status: 'active' }
    expect(ticket('t')).toMatchObject({ event: event.toBase58(), ...record })
    const address = ticketOf(event, 't')
    expect(sent.announced).toEqual([{ name: 'ticketPut', data: { ticket: address.toBase58(), ...record } }])
    expect(ledger.data(address)).toHaveLength(118)
  })

  it('can be found by event, holder and seed', async () => {
    const { put, event, ledger } = await eventWorld({ token: false })
    await put({ ticket: 't', version: 1, holder: alice })
    const data = ledger.data(ticketOf(event, 't'))!
    expect(data.subarray(8, 40)).toEqual(event.toBuffer())
    expect(data.subarray(40, 72)).toEqual(alice.toBuffer())
    expect(data.subarray(72, 104).toString('hex')).toBe(ledger.read('ticket', ticketOf(event, 't'))?.seed)
  })

  it('moves, locks and closes it as its version grows', async () => {
    const { put, ticket } = await eventWorld({ token: false })
    await put({ ticket: 't', version: 1, holder: alice })
    await put({ ticket: 't', version: 3, generation: 2, status: 'locked', holder: bob })
    expect(ticket('t')).toMatchObject({ holder: bob.toBase58(), version: 3, generation: 2, status: 'locked' })
    await put({ ticket: 't', version: 8, generation: 2, status: 'closed', holder: bob })
    expect(ticket('t')).toMatchObject({ version: 8, status: 'closed' })
  })

  it('passes over what is not newer, and is silent about it', async () => {
    const { put, ticket } = await eventWorld({ token: false })
    await put({ ticket: 't', version: 5, holder: alice })
    const before = ticket('t')
    for (const version of [5, 4, 0]) {
      const sent = await put({ ticket: 't', version, status: 'closed', holder: bob })
      expect(sent).not.toHaveProperty('error')
      expect(sent.announced).toEqual([])
    }
    expect(ticket('t')).toEqual(before)
  })

  it('ends in the newest state, in whatever order versions arrive', async () => {
    const states = [
      { version: 1, holder: alice },
      { version: 2, holder: bob, generation: 2 },
      { version: 3, holder: bob, generation: 2, status: 'locked' },
    ] as const
    const { put, ticket } = await eventWorld({ token: false })
    for (const [name, order] of Object.entries({ abc: [0, 1, 2], cab: [2, 0, 1], bca: [1, 2, 0], cba: [2, 1, 0] })) {
      for (const at of order)
        expect(await put({ ticket: name, ...states[at as 0 | 1 | 2] })).not.toHaveProperty('error')
      expect(ticket(name)).toMatchObject({ holder: bob.toBase58(), version: 3, generation: 2, status: 'locked' })
    }
  })

  it('is closed for good', async () => {
    const { put, ticket } = await eventWorld({ token: false })
    await put({ ticket: 't', version: 2, status: 'closed', holder: alice })
    expect(await put({ ticket: 't', version: 3, status: 'active', holder: alice })).toMatchObject({
      error: 'TicketIsClosed',
    })
    expect(await put({ ticket: 't', version: 4, status: 'closed', holder: alice })).not.toHaveProperty('error')
    expect(ticket('t')).toMatchObject({ version: 4, status: 'closed' })
  })

  it('is frozen once the event is closed, but a repeat of what is there still goes through', async () => {
    const { put, ticket, ledger } = await eventWorld({ token: false })
    await put({ ticket: 't', version: 1, holder: alice })
    ledger.setTime(CLOSES_AT - 1)
    expect(await put({ ticket: 't', version: 2, holder: bob })).not.toHaveProperty('error')
    ledger.setTime(CLOSES_AT)
    expect(await put({ ticket: 't', version: 3, holder: alice })).toMatchObject({ error: 'EventIsClosed' })
    expect(await put({ ticket: 'late', version: 1, holder: alice })).toMatchObject({ error: 'EventIsClosed' })
    expect(await put({ ticket: 't', version: 2, holder: bob })).not.toHaveProperty('error')
    expect(ticket('t')).toMatchObject({ version: 2, holder: bob.toBase58() })
    expect(ticket('late')).toBeUndefined()
  })

  it("is refused to whoever is not the event's authority", async () => {
    const { putTicketOf, ticket, ledger } = await eventWorld({ token: false })
    const stranger = keyOf('stranger')
    ledger.fund(stranger.publicKey, SOL)
    const put = putTicketOf(stranger.publicKey, { ticket: 't', version: 1, holder: alice })
    expect(await ledger.send([put], [stranger])).toMatchObject({ error: 'NotTheAuthority' })
    expect(ticket('t')).toBeUndefined()
  })

  it('is refused where the authority is named and does not sign', async () => {
    const { putTicketOf, ticket, ledger } = await eventWorld({ token: false })
    const stranger = keyOf('stranger')
    ledger.fund(stranger.publicKey, SOL)
    const { publicKey } = ledger.authority
    const put = unsigned(putTicketOf(publicKey, { ticket: 't', version: 1, holder: alice }), publicKey)
    expect(await ledger.send([put], [stranger])).toMatchObject({ error: 'AccountNotSigner' })
    expect(ticket('t')).toBeUndefined()
  })

  it("is refused on another ticket's account", async () => {
    const { put, ticket, event } = await eventWorld({ token: false })
    await put({ ticket: 'a', version: 1, holder: alice })
    const wrong = { ticket: ticketOf(event, 'a') }
    expect(await put({ ticket: 'b', version: 2, holder: bob }, { accounts: wrong })).toMatchObject({
      error: 'ConstraintSeeds',
    })
    expect(ticket('a')).toMatchObject({ holder: alice.toBase58() })
  })
})

describe('close_ticket, where tickets have no tokens', () => {
  it('is refused while the event is open', async () => {
    const { put, close, ticket, ledger } = await eventWorld({ token: false })
    await put({ ticket: 't', version: 1, holder: alice })
    ledger.setTime(CLOSES_AT - 1)
    expect(await close('t')).toMatchObject({ error: 'EventIsOpen' })
    expect(ticket('t')).toBeDefined()
  })

  it('gives the rent back once it is closed, to the lamport', async () => {
    const { put, close, ticket, ledger, fee } = await eventWorld({ token: false })
    const authority = ledger.authority.publicKey
    const before = ledger.balance(authority)
    await put({ ticket: 't', version: 1, holder: alice })
    expect(before - ledger.balance(authority)).toBe(ledger.rent(118) + fee)
    ledger.setTime(CLOSES_AT)
    expect(await close('t')).not.toHaveProperty('error')
    expect(before - ledger.balance(authority)).toBe(2n * fee)
    expect(ticket('t')).toBeUndefined()
  })

  it("is refused to whoever is not the event's authority", async () => {
    const { put, ticket, ledger, event } = await eventWorld({ token: false })
    await put({ ticket: 't', version: 1, holder: alice })
    ledger.setTime(CLOSES_AT)
    const stranger = keyOf('stranger')
    ledger.fund(stranger.publicKey, SOL)
    const wanted = closeTicket(stranger.publicKey, event, 't')
    expect(await ledger.send([wanted], [stranger])).toMatchObject({ error: 'NotTheAuthority' })
    expect(ticket('t')).toBeDefined()
  })

  it('is refused under another event of the same authority', async () => {
    const { put, close, ticket, ledger, otherEvent } = await eventWorld({ token: false })
    await put({ ticket: 't', version: 1, holder: alice })
    ledger.setTime(CLOSES_AT)
    expect(await close('t', { accounts: { event: await otherEvent() } })).toMatchObject({ error: 'ConstraintSeeds' })
    expect(ticket('t')).toBeDefined()
  })
})
