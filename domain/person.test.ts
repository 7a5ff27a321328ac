import { describe, expect, it } from 'vitest'
import { type PersonFact, person, personFacts } from './person.ts'
import { specOf } from './spec.ts'

const given = specOf(person)

const registered: PersonFact = { type: 'PersonRegistered', data: {} }
const erased: PersonFact = { type: 'PersonErased', data: {} }
const linked: PersonFact = { type: 'PersonWalletLinked', data: {} }
const unlinked: PersonFact = { type: 'PersonWalletUnlinked', data: {} }

describe('a person', () => {
  it('is registered', () => given().when({ type: 'RegisterPerson' }).then(registered))

  it('is registered once', () => given(registered).when({ type: 'RegisterPerson' }).thenNothing())

  it('is erased', () => given(registered).when({ type: 'ErasePerson' }).then(erased))

  it('is erased once', () => given(registered, erased).when({ type: 'ErasePerson' }).thenNothing())

  it('of whom nothing is known has nothing to erase', () => given().when({ type: 'ErasePerson' }).thenNothing())

  it('who was erased may come back as somebody of whom nothing is known', () =>
    given(registered, erased).when({ type: 'RegisterPerson' }).then(registered))
})

describe('a wallet', () => {
  it('is linked', () => given(registered).when({ type: 'LinkWallet' }).then(linked))

  it('is linked once', () => given(registered, linked).when({ type: 'LinkWallet' }).thenNothing())

  it('registers who was unknown', () => given().when({ type: 'LinkWallet' }).then(registered, linked))

  it('is unlinked', () => given(registered, linked).when({ type: 'UnlinkWallet' }).then(unlinked))

  it.each([
    ['nobody knows', []],
    ['has linked none', [registered]],
    ['has unlinked it', [registered, linked, unlinked]],
    ['was erased', [registered, linked, erased]],
    ['was erased and came back', [registered, linked, erased, registered]],
  ])('is not there to be unlinked of a person who %s', (_, past) =>
    given(...past)
      .when({ type: 'UnlinkWallet' })
      .thenNothing(),
  )

  it('is linked anew after it was unlinked', () =>
    given(registered, linked, unlinked).when({ type: 'LinkWallet' }).then(linked))

  it('brings back, as somebody of whom nothing is known, who was erased', () =>
    given(registered, linked, erased).when({ type: 'LinkWallet' }).then(registered, linked))

  it('is gone with the person', () => given(registered, linked).when({ type: 'ErasePerson' }).then(erased))
})

describe('an identity', () => {
  const verify = { type: 'VerifyIdentity', document: 'passport' } as const
  const verified: PersonFact = { type: 'PersonIdentityVerified', data: { document: 'passport' } }

  it('is verified by the kind of a document, which is all that is kept of it', () =>
    given(registered).when(verify).then(verified))

  it('is verified once', () =>
    given(registered, verified)
      .when({ ...verify, document: 'other' })
      .thenNothing())

  it('registers who was unknown', () => given().when(verify).then(registered, verified))

  it('is unknown again once the person was erased', () =>
    given(registered, verified, erased).when(verify).then(registered, verified))
})

it('no fact says who somebody is, or which wallet is theirs: even what slips in is not kept', () => {
  const told = { name: 'Ann', email: 'ann@example.org', address: 'So1', number: 'C01X00T47' }
  for (const schema of Object.values(personFacts)) {
    const kept = schema.parse({ ...told, document: 'passport' })
    expect([{}, { document: 'passport' }]).toContainEqual(kept)
  }
})
