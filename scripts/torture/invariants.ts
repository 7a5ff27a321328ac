import { everybodyIsAnswered, nothingBreaks, otherBodyIsRefused, sameKeySameAnswer } from './invariants/answers.ts'
import { chainAgrees } from './invariants/chain.ts'
import { codesAreTheHolders, deadCodesStayShut } from './invariants/credentials.ts'
import { admittedOnce, attendanceAddsUp, liveCodesOpen } from './invariants/gates.ts'
import { movesAreKept, movesNameTheHolder, nothingMovesByItself } from './invariants/holders.ts'
import type { Evidence, Invariant } from './invariants/invariant.ts'
import { claimsEnd, listingsHaveHolders, resalesAreSplit } from './invariants/market.ts'
import { cancelledIsOver, journalsAddUp, paidMeansTickets, refundsCloseTickets } from './invariants/money.ts'
import { endsForAReason, everythingEnds, nothingForNothing, noWayBack, salesAreKept } from './invariants/sales.ts'
import { countsAreHoldings, freeIsForSale, oneHolder, withinLimits } from './invariants/slots.ts'
import { disputesLock, locksAreKept, whatStandsDenies } from './invariants/standing.ts'
import { listsAgree, rebuildChangesNothing } from './invariants/views.ts'

/** What is true of Counterfoil whatever happens to it. */
export const invariants: readonly Invariant[] = [
  oneHolder,
  withinLimits,
  countsAreHoldings,
  freeIsForSale,
  salesAreKept,
  nothingForNothing,
  noWayBack,
  everythingEnds,
  endsForAReason,
  paidMeansTickets,
  journalsAddUp,
  admittedOnce,
  attendanceAddsUp,
  liveCodesOpen,
  movesNameTheHolder,
  movesAreKept,
  nothingMovesByItself,
  deadCodesStayShut,
  codesAreTheHolders,
  whatStandsDenies,
  locksAreKept,
  disputesLock,
  listingsHaveHolders,
  claimsEnd,
  resalesAreSplit,
  refundsCloseTickets,
  cancelledIsOver,
  nothingBreaks,
  everybodyIsAnswered,
  sameKeySameAnswer,
  otherBodyIsRefused,
  listsAgree,
  rebuildChangesNothing,
  chainAgrees,
]

export type Judgement = { readonly invariant: string; readonly findings: readonly string[] }

export const judge = (evidence: Evidence): Judgement[] =>
  invariants.map(({ name, check }) => ({ invariant: name, findings: check(evidence) }))
