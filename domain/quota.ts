import { z } from 'zod'
import { type Decider, refuse } from './decider.ts'
import type { FactOf } from './fact.ts'
import { Id } from './id.ts'
import { sum } from './money.ts'

/** Stored forever: add, never edit. */
export const quotaFacts = {
  QuotaClaimed: z.object({ claimId: Id, amount: z.int().positive() }),
  /** Recorded even where nothing was claimed, so that a straggling claim of the same order stays refused. */
  QuotaReleased: z.object({ claimId: Id }),
}
export type QuotaFact = FactOf<typeof quotaFacts>

/** The limit comes with the claim: it is the ticket type's, and may change. */
export type QuotaCommand =
  | { type: 'ClaimQuota'; claimId: string; amount: number; limit: number }
  | { type: 'ReleaseQuota'; claimId: string }

export type QuotaRefusal = 'LimitReached' | 'ClaimReleased'

/** What each order has claimed; `released` for those that will never claim again. */
export type Quota = { readonly claims: ReadonlyMap<string, number | 'released'> }

/** Who may have how many of what: one stream for each person and ticket type. */
export const quota: Decider<QuotaCommand, QuotaFact, Quota, QuotaRefusal> = {
  category: 'quota',
  initial: { claims: new Map() },

  decide: (c, { claims }) => {
    const claim = claims.get(c.claimId)
    switch (c.type) {
      case 'ClaimQuota':
        if (claim === 'released') return refuse('ClaimReleased')
        if (claim !== undefined) return []
        if (claimed(claims) + c.amount > c.limit) return refuse('LimitReached')
        return [{ type: 'QuotaClaimed', data: { claimId: c.claimId, amount: c.amount } }]
      case 'ReleaseQuota':
        return claim === 'released' ? [] : [{ type: 'QuotaReleased', data: { claimId: c.claimId } }]
    }
  },

  evolve: ({ claims }, { type, data }) => {
    switch (type) {
      case 'QuotaClaimed':
        return { claims: new Map(claims).set(data.claimId, data.amount) }
      case 'QuotaReleased':
        return { claims: new Map(claims).set(data.claimId, 'released') }
    }
  },
}

const claimed = (claims: Quota['claims']): number => sum([...claims.values()].filter((amount) => amount !== 'released'))
