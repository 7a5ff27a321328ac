import type { Recorded } from '../../domain/fact.ts'
import type { Audited } from './auditing.ts'
import type { Change, Finding } from './finding.ts'

const count = (number: number): string => number.toLocaleString('en')

const many = (number: number, one: string): string => `${count(number)} ${one}${number === 1 ? '' : 's'}`

const placeOf = ({ stream, revision, position }: Recorded): string =>
  `${stream} at revision ${revision}, position ${position}`

const CHANGES: Readonly<Record<Change, string>> = {
  changed: 'is not what was recorded there',
  missing: 'is missing: this one follows in its place',
  inserted: 'was put in later',
  moved: 'stood elsewhere',
}

const RESTORE =
  'Stop writing, keep the ledger as it is for whoever looks into this, and compare it from there on with a backup.'

/** Heads whose addresses are printed. */
const MOST_NAMED = 3

/** What is wrong, where, and what to do: a line each. */
const told = (finding: Finding): readonly [what: string, where: string, next: string] => {
  switch (finding.what) {
    case 'fact': {
      const { index, change, fact, before, head, leafHash } = finding
      const nth = `Fact ${count(index + 1)} of the ledger`
      const after = before ? `after ${placeOf(before)}` : 'at the very beginning'
      return [
        fact ? `${nth} ${CHANGES[change]}: ${fact.type} ${fact.id}` : `${nth} is missing, and all after it`,
        fact ? `${placeOf(fact)}, recorded ${fact.metadata?.at ?? 'at no time'}; ${after}` : after,
        `Head ${head} on chain covers it as ${leafHash}; all before it is as it was. ${RESTORE}`,
      ]
    }
    case 'facts':
      return [
        `Head ${finding.head} on chain does not fit the ledger: a fact was changed, put in, taken out or moved`,
        `the first such is among facts ${count(finding.from + 1)} to ${count(finding.to + 1)}; all before them are as they were`,
        finding.why === 'no copy'
          ? `The copy of the hashes that names it, DATA_DIR/log, is not here, is damaged or ends earlier: audit on the machine that anchors. ${RESTORE}`
          : `The copy of the hashes in DATA_DIR/log was changed too, and so cannot name it. ${RESTORE}`,
      ]
    case 'copy':
      return [
        'The copy of the hashes is not what the chain and the ledger say; the ledger is as it was',
        `DATA_DIR/log, from fact ${count(finding.index + 1)} on`,
        'Find out who wrote there, then remove the folder: npm run anchor hashes the ledger anew.',
      ]
    case 'heads out of order':
      return [
        `Head ${finding.number} on chain does not follow the one before`,
        'in the number, or in how many facts it covers',
        'Check SOLANA_RPC_URL and SOLANA_PROGRAM_ID: the program does not allow it.',
      ]
    case 'heads not on chain': {
      const { heads } = finding
      const one = heads.length === 1
      const places = heads.map(({ number, headAddress }) => `${number} at ${headAddress}`)
      return [
        `${one ? `Head ${heads[0]!.number} was` : `${count(heads.length)} heads were`} recorded, and ${one ? 'is' : 'are'} not on chain`,
        places.length > MOST_NAMED
          ? `${places.slice(0, MOST_NAMED).join(', ')}, and ${count(places.length - MOST_NAMED)} more`
          : places.join(', '),
        'Check SOLANA_RPC_URL and SOLANA_PROGRAM_ID. Where an embedded chain was removed, restore its chain.db from a backup: what npm run anchor publishes on a new one covers the ledger as it is now, and the heads that are gone stay named here.',
      ]
    }
    case 'head not recorded':
      return [
        `Head ${finding.number} is on chain, and was not recorded`,
        `at ${finding.headAddress}`,
        'npm run anchor records it.',
      ]
  }
}

export const asText = ({ facts, heads, covered, uncovered, findings }: Audited): string[] => {
  const verdict =
    heads === 0
      ? 'No head is on chain, so there is nothing to hold the ledger against.'
      : findings.length === 0
        ? `${covered === 1 ? 'The first is' : `The first ${count(covered)} are`} what ${many(heads, 'head')} on chain ${heads === 1 ? 'says' : 'say'}.`
        : `THE LEDGER AND THE CHAIN DIFFER: ${findings.length === 1 ? 'one finding' : `${findings.length} findings`}.`
  return [
    `${many(facts, 'fact')}. ${verdict}`,
    ...findings.flatMap((finding) => {
      const [what, where, next] = told(finding)
      return ['', what, `  where  ${where}`, `  next   ${next}`]
    }),
    ...(uncovered > 0
      ? [
          '',
          `${many(uncovered, 'fact')} ${uncovered === 1 ? 'is' : 'are'} in no head yet: npm run anchor publishes one.`,
        ]
      : []),
  ]
}

/** One JSON object a line, told apart by `kind`. */
export const asLines = ({ findings, ...counts }: Audited): string[] => [
  ...findings.map((finding) => JSON.stringify({ kind: 'finding', ...finding })),
  JSON.stringify({ kind: 'summary', ...counts, findings: findings.length }),
]
