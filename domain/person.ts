import { z } from 'zod'
import type { Decider } from './decider.ts'
import type { FactOf } from './fact.ts'

/** What a person showed to prove who they are. Never its number. */
export const IdentityDocument = z.enum(['passport', 'identity_card', 'driving_licence', 'residence_permit', 'other'])
export type IdentityDocument = z.infer<typeof IdentityDocument>

/** Stored forever: add, never edit. What a person is called, and which wallet is theirs, is in the vault, never here. */
export const personFacts = {
  PersonRegistered: z.object({}),
  PersonErased: z.object({}),
  PersonWalletLinked: z.object({}),
  PersonWalletUnlinked: z.object({}),
  /** Staff saw a document of theirs; of it, only its kind. */
  PersonIdentityVerified: z.object({ document: IdentityDocument }),
}
export type PersonFact = FactOf<typeof personFacts>

export type PersonCommand =
  | { type: 'RegisterPerson' | 'ErasePerson' | 'LinkWallet' | 'UnlinkWallet' }
  | { type: 'VerifyIdentity'; document: IdentityDocument }

export type Person = {
  readonly status: 'unknown' | 'registered' | 'erased'
  /** Which one, the ledger cannot tell: another takes its place only once this one is unlinked. */
  readonly hasWallet: boolean
  readonly isVerified: boolean
}

export const person: Decider<PersonCommand, PersonFact, Person, never> = {
  category: 'person',
  initial: { status: 'unknown', hasWallet: false, isVerified: false },

  decide: (c, { status, hasWallet, isVerified }) => {
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
      case 'VerifyIdentity': {
        if (isVerified) return []
        const verified: PersonFact = { type: 'PersonIdentityVerified', data: { document: c.document } }
        return isRegistered ? [verified] : [registered, verified]
      }
    }
  },

  evolve: (state, { type }) => {
    switch (type) {
      case 'PersonRegistered':
        return { status: 'registered', hasWallet: false, isVerified: false }
      case 'PersonErased':
        return { status: 'erased', hasWallet: false, isVerified: false }
      case 'PersonIdentityVerified':
        return { ...state, isVerified: true }
      case 'PersonWalletLinked':
        return { ...state, hasWallet: true }
      case 'PersonWalletUnlinked':
        return { ...state, hasWallet: false }
    }
  },
}

const registered: PersonFact = { type: 'PersonRegistered', data: {} }
const linked: PersonFact = { type: 'PersonWalletLinked', data: {} }
