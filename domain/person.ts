import { z } from 'zod'
import type { Decider } from './decider.ts'
import type { FactOf } from './fact.ts'

/** Stored forever: add, never edit. What a person is called is in the vault, never here. */
export const personFacts = {
  PersonRegistered: z.object({}),
  PersonErased: z.object({}),
}
export type PersonFact = FactOf<typeof personFacts>

export type PersonCommand = { type: 'RegisterPerson' } | { type: 'ErasePerson' }

export type Person = { readonly status: 'unknown' | 'registered' | 'erased' }

export const person: Decider<PersonCommand, PersonFact, Person, never> = {
  category: 'person',
  initial: { status: 'unknown' },

  decide: (c, { status }) => {
    switch (c.type) {
      case 'RegisterPerson':
        return status === 'registered' ? [] : [{ type: 'PersonRegistered', data: {} }]
      case 'ErasePerson':
        return status === 'registered' ? [{ type: 'PersonErased', data: {} }] : []
    }
  },

  evolve: (_, { type }) => {
    switch (type) {
      case 'PersonRegistered':
        return { status: 'registered' }
      case 'PersonErased':
        return { status: 'erased' }
    }
  },
}
