import { describe, expect, it } from 'vitest'
import { type PersonFact, person, personFacts } from './person.ts'
import { specOf } from './spec.ts'

const given = specOf(person)

const registered: PersonFact = { type: 'PersonRegistered', data: {} }
const erased: PersonFact = { type: 'PersonErased', data: {} }

describe('a person', () => {
  it('is registered', () => given().when({ type: 'RegisterPerson' }).then(registered))

  it('is registered once', () => given(registered).when({ type: 'RegisterPerson' }).thenNothing())

  it('is erased', () => given(registered).when({ type: 'ErasePerson' }).then(erased))

  it('is erased once', () => given(registered, erased).when({ type: 'ErasePerson' }).thenNothing())

  it('of whom nothing is known has nothing to erase', () => given().when({ type: 'ErasePerson' }).thenNothing())

  it('who was erased may come back as somebody of whom nothing is known', () =>
    given(registered, erased).when({ type: 'RegisterPerson' }).then(registered))
})

it('no fact says who somebody is: even what slips in is not kept', () => {
  for (const schema of Object.values(personFacts))
    expect(schema.parse({ name: 'Ann', email: 'ann@example.org' })).toEqual({})
})
