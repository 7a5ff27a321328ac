import { z } from 'zod'
import type { Decider } from './decider.ts'
import type { FactOf } from './fact.ts'

/** Stored forever: add, never edit. What a person is called, and which wallet is theirs, is in the vault, never here. */
export const personFacts = {
  PersonRegistered: z.object({}),
  PersonErased: z.object({}),
  PersonWalletLinked: z.object({}),
  PersonWalletUnlinked: z.object({}),
}
export type PersonFact = FactOf<typeof personFacts>

export type PersonCommand = { type: 'RegisterPerson' | 'ErasePerson' | 'LinkWallet' | 'UnlinkWallet' }

export type Person = {
  readonly status: 'unknown' | 'registered' | 'erased'
  /** Which one, the ledger cannot tell: another takes its place only once this one is unlinked. */
  readonly hasWallet: boolean
}

export const person: Decider<PersonCommand, PersonFact, Person, never> = {
  category: 'person',
  initial: { status: 'unknown', hasWallet: false },

  decide: (c, { status, hasWallet }) => {
    const isRegistered = status === 'registered'
    switch (c.type) {
      case 'RegisterPerson':
        return isRegistered ? [] : [registered]
      case 'ErasePerson':
        return isRegistered ? [{ type: 'PersonErased', data: {} }] : []
      case 'LinkWallet':
        if (hasWallet) return []
        return isRegistered ? [linked] : [registered, linked]
      case 'UnlinkWallet':
        return hasWallet ? [{ type: 'PersonWalletUnlinked', data: {} }] : []
    }
  },

  evolve: (state, { type }) => {
    switch (type) {
      case 'PersonRegistered':
        return { status: 'registered', hasWallet: false }
      case 'PersonErased':
        return { status: 'erased', hasWallet: false }
      case 'PersonWalletLinked':
        return { ...state, hasWallet: true }
      case 'PersonWalletUnlinked':
        return { ...state, hasWallet: false }
    }
  },
}

const registered: PersonFact = { type: 'PersonRegistered', data: {} }
const linked: PersonFact = { type: 'PersonWalletLinked', data: {} }
