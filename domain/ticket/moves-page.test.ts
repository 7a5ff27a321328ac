import { expect, it } from 'vitest'
import { denials } from '../admission/ticket-steps.ts'
import { isRefused } from '../decider.ts'
import { attributes, type Move, type MoveRefusal, meanings, moves } from './moves.ts'
import { asks, closings, NOW, reserved, sold } from './moves.world.ts'
import { moveRefusals } from './refusals.ts'
import { ticket } from './ticket.ts'

const everyMove = Object.keys(moves) as Move[]

const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(...head), row(...head.map(() => '---')), ...rows.map((cells) => row(...cells))].join('\n')

const cellOf = (cell: 'may' | 'ends' | MoveRefusal): string => {
  if (cell === 'may') return ''
  return cell === 'ends' ? 'ends' : '**no**'
}

/** One line per move: what it is, what refuses it, and what ends with it. */
const told = (move: Move): string => {
  const having = (wanted: (cell: string) => boolean) => attributes.filter((attribute) => wanted(moves[move][attribute]))
  const refused = having((cell) => cell !== 'may' && cell !== 'ends')
  const ended = having((cell) => cell === 'ends')
  const not = refused.length > 0 ? `Not while it is ${refused.join(', ')}.` : 'Nothing stands in its way.'
  const ends = ended.length > 0 ? ` It ends what it is: ${ended.join(', ')}.` : ''
  return `- **${move}**: ${moves[move].says} ${not}${ends}`
}

/** What the decision itself says. */
const answer = (move: Move, past: Parameters<typeof ticket.evolve>[1][]): string => {
  const decision = ticket.decide({ ...asks[move].command, at: NOW }, past.reduce(ticket.evolve, ticket.initial))
  if (isRefused(decision)) return `\`${decision.refused}\``
  return decision.length === 0 ? 'already so' : 'yes'
}

const statuses = {
  available: [],
  reserved: [reserved],
  ...Object.fromEntries(Object.entries(closings).map(([status, closing]) => [status, [reserved, sold(), closing]])),
}

const reasons = [...new Set(attributes.map((attribute) => moves.give[attribute]))]

const page = `# What may be done with a ticket

Printed from \`domain/ticket/moves.ts\`, which decides it. Do not edit: \`npx vitest run domain/ticket/moves-page.test.ts -u\`
writes it anew, and the tests fail where it is stale.

## While somebody holds it

${table(
  ['', ...attributes],
  everyMove.map((move) => [`**${move}**`, ...attributes.map((attribute) => cellOf(moves[move][attribute]))]),
)}

- An empty cell: it does not matter.
- **ends**: the move is made, and the offer, the listing or the claim ends in the same decision.
- **no**: the move is refused. Where several attributes refuse it, the first of them from the left names the reason.

What is not in the table is stopped by none of this: ending an offer, unlocking, withdrawing or rejecting a report, recording a
check of identity, moving it to the new time of its event. What an event asks (deadlines, blackouts, prices, who has
shown who they are) is asked only of a move that the table lets pass.

${everyMove.map(told).join('\n')}

## What can be so of it

${attributes.map((attribute) => `- **${attribute}**: ${meanings[attribute]}.`).join('\n')}

## The reasons

A gate says no in words of its own.

${table(
  ['refusal', 'at the gate', 'what is so', 'what to do'],
  reasons.map((reason) => {
    const { title, next } = moveRefusals[reason]
    const atGate = reason in denials ? `\`${denials[reason as keyof typeof denials]}\`` : ''
    return [`\`${reason}\``, atGate, title, next]
  }),
)}

## Before anybody holds it, and once it is closed

Closed is for good. \`already so\`: nothing is recorded, and nothing is wrong.

${table(
  ['', ...Object.keys(statuses)],
  everyMove.map((move) => [`**${move}**`, ...Object.values(statuses).map((past) => answer(move, past))]),
)}
`

it('the page of the moves says what the table and the decisions say', () =>
  expect(page).toMatchFileSnapshot('../../docs/moves.md'))
