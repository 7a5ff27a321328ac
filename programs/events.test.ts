import { describe, expect, it } from 'vitest'
import { CLOSES_AT, eventOf, keyOf, putEvent, SOL, ticketLedger } from './ticket-ledger.world.ts'

const world = () => {
  const ledger = ticketLedger()
  const authority = ledger.authority.publicKey
  const concert = {
    seed: 'concert',
    version: 1,
    closesAt: CLOSES_AT,
    token: true,
    name: 'Concert',
    uri: 'https://a.example',
  }
  const address = eventOf(authority, 'concert')
  return {
    ledger,
    concert,
    authority,
    address,
    put: (changes: Partial<typeof concert> = {}) => ledger.send([putEvent(authority, { ...concert, ...changes })]),
    event: () => ledger.read('event', address),
  }
}

describe('put_event', () => {
  it('opens an event', async () => {
    const { put, event, authority, ledger, address } = world()
    expect(await put()).not.toHaveProperty('error')
    expect(event()).toMatchObject({
      authority: authority.toBase58(),
      version: 1,
      closesAt: CLOSES_AT,
      token: true,
      name: 'Concert',
      uri: 'https://a.example',
    })
    expect(ledger.data(address)).toHaveLength(330)
  })

  it('changes it as its version grows', async () => {
    const { put, event } = world()
    await put()
    expect(await put({ version: 7, closesAt: CLOSES_AT + 60, name: 'Moved', uri: '' })).not.toHaveProperty('error')
    expect(event()).toMatchObject({ version: 7, closesAt: CLOSES_AT + 60, name: 'Moved', uri: '' })
  })

  it('passes over what is not newer', async () => {
    const { put, event } = world()
    await put({ version: 7 })
    const before = event()
    expect(await put({ version: 7, name: 'Another' })).not.toHaveProperty('error')
    expect(await put({ version: 3, name: 'Older', token: false })).not.toHaveProperty('error')
    expect(event()).toEqual(before)
  })

  it('takes any version of an event that is not there yet', async () => {
    const { put, event } = world()
    await put({ version: 0 })
    expect(event()).toMatchObject({ version: 0 })
  })

  it('never changes whether tickets have tokens', async () => {
    const { put, event } = world()
    await put()
    expect(await put({ version: 2, token: false })).toMatchObject({ error: 'TokenIsSettled' })
    expect(event()).toMatchObject({ version: 1, token: true })
  })

  it('takes names of 32 and URIs of 200 bytes, and no longer ones', async () => {
    const { put, event } = world()
    const [name, uri] = ['é'.repeat(16), 'u'.repeat(200)]
    expect(await put({ name: `${name}.` })).toMatchObject({ error: 'NameTooLong' })
    expect(await put({ uri: `${uri}.` })).toMatchObject({ error: 'UriTooLong' })
    expect(await put({ name, uri })).not.toHaveProperty('error')
    expect(event()).toMatchObject({ name, uri })
  })

  it("is refused on another authority's event", async () => {
    const { put, concert, ledger, address, event } = world()
    await put()
    const stranger = keyOf('stranger')
    ledger.fund(stranger.publicKey, SOL)
    const wanted = putEvent(stranger.publicKey, { ...concert, version: 2, name: 'Mine' }, { event: address })
    expect(await ledger.send([wanted], [stranger])).toMatchObject({ error: 'ConstraintSeeds' })
    expect(event()).toMatchObject({ name: 'Concert' })
  })

  it('leaves each authority its own events, whatever their seeds', async () => {
    const { put, concert, ledger, event } = world()
    await put()
    const other = keyOf('other')
    ledger.fund(other.publicKey, SOL)
    await ledger.send([putEvent(other.publicKey, { ...concert, name: 'Theirs' })], [other])
    expect(ledger.read('event', eventOf(other.publicKey, 'concert'))).toMatchObject({ name: 'Theirs' })
    expect(event()).toMatchObject({ name: 'Concert' })
  })
})
