import type { ChainMode } from '../event/facts.ts'
import type { CopyTrouble, TicketFact } from './facts.ts'

/** A ticket's copy on chain, as the ledger knows it. */
export type Copy = {
  /** How often that changed which the chain copies. Only a newer version replaces an older one there. */
  readonly version: number
  /** The version at which its holder came to it, or to their wallet. */
  readonly heldSince: number
  /** The newest version that is final on chain; 0 before any is. */
  readonly settled: number
  readonly mintAddress: string | null
  readonly trouble: CopyTrouble | null
  /** The fact of the person that the ticket last followed to another wallet. */
  readonly walletFactId: string | null
  readonly hasLeft: boolean
}

/** `off`: its event keeps no copy, or its accounts are closed for good. `pending`: the chain is behind. `differs`: it says something else. */
export type CopyState = 'settled' | 'pending' | 'failed' | 'differs' | 'off'

export const NOT_COPIED: Copy = {
  version: 0,
  heldSince: 0,
  settled: 0,
  mintAddress: null,
  trouble: null,
  walletFactId: null,
  hasLeft: false,
}

/** What of a ticket the chain copies: who holds it, and how it stands. Who went in where is nobody's business there. */
const copied: { readonly [T in TicketFact['type']]: 'holder' | 'standing' | 'nothing' } = {
  TicketReserved: 'nothing',
  TicketReservationExtended: 'nothing',
  TicketReservationReleased: 'nothing',
  TicketSold: 'holder',
  TicketAdmitted: 'nothing',
  TicketRefunded: 'standing',
  TicketOffered: 'nothing',
  TicketOfferTried: 'nothing',
  TicketOfferClosed: 'nothing',
  TicketTransferred: 'holder',
  TicketListed: 'nothing',
  TicketDelisted: 'nothing',
  TicketClaimed: 'nothing',
  TicketClaimExtended: 'nothing',
  TicketClaimReleased: 'nothing',
  TicketResold: 'holder',
  TicketLocked: 'standing',
  TicketUnlocked: 'standing',
  TicketReportedLost: 'nothing',
  TicketReportClosed: 'nothing',
  TicketIdentityChecked: 'nothing',
  TicketReissued: 'standing',
  TicketRescheduled: 'nothing',
  TicketRevoked: 'standing',
  TicketCancelled: 'standing',
  TicketExpired: 'standing',
  TicketMinted: 'nothing',
  TicketSettled: 'nothing',
  TicketUnsettled: 'nothing',
  TicketRepairOrdered: 'standing',
  TicketWalletChanged: 'holder',
  TicketLeftChain: 'nothing',
}

/** The types of facts after which the copy has to be brought up to date. */
export const copiedFacts = (Object.keys(copied) as TicketFact['type'][]).filter((type) => copied[type] !== 'nothing')

/** The copy after a fact of its ticket. Versions are counted rather than taken from revisions, for a fold sees facts without their places. */
export const evolveCopy = (copy: Copy, fact: TicketFact): Copy => {
  switch (fact.type) {
    case 'TicketMinted':
      return { ...copy, settled: fact.data.version, trouble: null, mintAddress: fact.data.mintAddress }
    case 'TicketSettled':
      return { ...copy, settled: fact.data.version, trouble: null }
    case 'TicketUnsettled':
      return { ...copy, trouble: fact.data.trouble }
    case 'TicketLeftChain':
      return { ...copy, hasLeft: true }
    case 'TicketRepairOrdered':
      return { ...copy, version: fact.data.version }
    case 'TicketWalletChanged':
      return { ...changed(copy, fact.type), walletFactId: fact.data.personFactId }
    default:
      return changed(copy, fact.type)
  }
}

const changed = (copy: Copy, type: TicketFact['type']): Copy => {
  if (copied[type] === 'nothing') return copy
  const version = copy.version + 1
  return { ...copy, version, heldSince: copied[type] === 'holder' ? version : copy.heldSince }
}

export const copyStateOf = (
  { version, settled, trouble, hasLeft }: Pick<Copy, 'version' | 'settled' | 'trouble' | 'hasLeft'>,
  mode: ChainMode,
): CopyState => {
  if (mode === 'off' || hasLeft) return 'off'
  if (trouble) return trouble === 'failed' ? 'failed' : 'differs'
  return settled === version ? 'settled' : 'pending'
}
