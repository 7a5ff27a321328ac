import { scansIn } from './history.ts'
import { movesIn, ticketsIn } from './invariants/holders.ts'
import type { Outcome } from './run.ts'

/** The most findings of one kind that are printed. */
const MOST = 10

/** What happened, and what was wrong, for people. */
export const reportOf = ({ judgements, history: { exchanges, faults }, books }: Outcome): string => {
  const count = (words: readonly string[]) =>
    [...Map.groupBy(words, (word) => word)]
      .map(([word, all]) => `${all.length} ${word}`)
      .sort()
      .join(', ') || 'none'
  const scans = scansIn(exchanges).map(({ scan: { verdict, reason } }) => reason ?? verdict)
  return [
    `requests   ${count(exchanges.map(({ status }) => (status === null ? 'without an answer' : `× ${status}`)))}`,
    `orders     ${count(books.orders.map(({ status, reason }) => (reason ? `${status} (${reason})` : status)))}`,
    `tickets    ${count(ticketsIn(books).map(({ status }) => status))}`,
    `moves      ${count(movesIn(books).map(({ kind, status }) => `${kind} ${status}`))}`,
    `scans      ${count(scans)}`,
    `faults     ${count(faults.map(({ fault, process }) => `${process} ${fault}`))}`,
    ...judgements.map(({ invariant, findings }) =>
      [
        `${findings.length === 0 ? 'held  ' : 'BROKEN'}     ${invariant}`,
        ...findings.slice(0, MOST).map((finding) => `             ${finding}`),
        ...(findings.length > MOST ? [`             and ${findings.length - MOST} more`] : []),
      ].join('\n'),
    ),
  ].join('\n')
}

export const findingsOf = ({ judgements }: Outcome): number =>
  judgements.reduce((sum, { findings }) => sum + findings.length, 0)
