import { idOf, type Position, type Recorded } from '../../domain/fact.ts'
import type { Moment } from '../../domain/moment.ts'
import { format, type Money } from '../../domain/money.ts'
import type { Ticket } from '../../domain/ticket/state.ts'
import type { Folded } from './folding.ts'
import { type Tally, unbalanced } from './tally.ts'
import { orderOf, whoOf, whyOf } from './words.ts'

/** The widest that each can be: rows that are printed as they come cannot be measured first. */
const WIDTHS = { when: 23, stream: 44, fact: 26, ticket: 36, slot: 20, status: 10, order: 36 } as const
type Column = keyof typeof WIDTHS

/** `2030-06-01 19:30:00.000`: UTC, as the heading says. */
const when = (at: string): string => at.slice(0, 23).replace('T', ' ')

const row = (cells: Partial<Record<Column, string>>, last: string): string => {
  const padded = Object.entries(cells).map(([column, cell]) => cell.padEnd(WIDTHS[column as Column]))
  return [...padded, last].join('  ').trimEnd()
}

export const momentText = ({ position, time }: Moment): string =>
  time ? `at ${when(time)} UTC` : `at position ${position || 'none'}`

/** What happened to one stream, a line for each fact. With `details` also all that each says. */
export const timeline = (facts: readonly Recorded[], details: boolean): string[] => {
  const cells = facts.map((fact) => [
    ...[String(fact.revision), when(fact.metadata.at), fact.type, whoOf(fact)],
    ...[orderOf(fact) ?? '', whyOf(fact) ?? ''],
  ])
  const [heading, ...lines] = aligned([['#', 'when (UTC)', 'fact', 'who', 'under order', 'why'], ...cells])
  return [heading!, ...lines.flatMap((line, i) => (details ? [line, ...detailsOf(facts[i]!), ''] : [line]))]
}

const detailsOf = ({ id, position, data, metadata }: Recorded): string[] => {
  const { v, $causationId } = metadata
  return outline({ factId: id, version: v, position, commandId: $causationId, data }, '     ')
}

/** Positions are all as long as this one. */
export const factHeading = (position: Position): string => {
  const columns = row({ when: 'when (UTC)', stream: 'stream', fact: 'fact', order: 'under order' }, 'who, why')
  return `${'position'.padEnd(position.length)}  ${columns}`
}

export const factRow = (fact: Recorded): string => {
  const { position, stream, type, metadata } = fact
  const who = [whoOf(fact), whyOf(fact)].filter(Boolean).join(', ')
  return `${position}  ${row({ when: when(metadata.at), stream, fact: type, order: orderOf(fact) ?? '' }, who)}`
}

export const ticketHeading = row(
  { ticket: 'ticket', slot: 'slot', status: 'status', when: 'last fact (UTC)', order: 'order' },
  'holder',
)

/** The slot is in the first fact: a ticket that is free again has forgotten it. */
export const ticketRow = (ticket: Folded, first: Recorded): string => {
  const { slot = '' } = first.data as { slot?: string }
  const state = ticket.state as Ticket
  const { lease, sale } = { lease: undefined, sale: undefined, ...state }
  const cells = { slot, status: ticket.status!, when: when(ticket.at), order: (sale ?? lease)?.orderId ?? '' }
  return row({ ticket: idOf(ticket.stream), ...cells }, sale?.holderId ?? '')
}

/** A stream's state, field by field. */
export const stateBlock = (folded: Folded): string[] => {
  const { stream, tenant, status, since, at, revision, position, state } = folded
  return [
    `${stream}, ${status ?? (state ? 'as it was' : 'a log, which has no state')}`,
    ...outline({ tenant, facts: revision + 1, since: when(since), 'last fact': when(at), position, ...state }, '  '),
  ]
}

/** How many there were of what. */
export const countsBlock = (counted: Tally): string[] => {
  const rows = [...counted.streams].flatMap(([category, counts]) =>
    [...counts].map(([status, count], i) => [i === 0 ? category : '', status ?? '', count.toLocaleString('en')]),
  )
  return aligned([['stream', 'status', 'count'], ...rows], [2])
}

/** Whose the money was, and whether the books add up. */
export const moneyBlock = (counted: Tally): string[] => {
  const balances = counted.balances()
  if (balances.length === 0) return ['No money has moved.']
  const wrong = unbalanced(balances)
  const rows = balances.map(({ tenant, account, amount, currency }) => [tenant, account, format({ amount, currency })])
  const sums = wrong.map(({ tenant, currency, amount }) => `${tenant}: ${format({ amount, currency })} too much`)
  return [
    ...aligned([['tenant', 'account', 'balance'], ...rows], [2]),
    'Plus is held for us, minus is owed by us.',
    wrong.length === 0 ? 'All accounts add up to zero.' : `THE ACCOUNTS DO NOT ADD UP: ${sums.join(', ')}.`,
  ]
}

const aligned = (rows: readonly (readonly string[])[], right: readonly number[] = []): string[] => {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((cells) => cells[column]!.length)))
  const padded = (cell: string, column: number) =>
    right.includes(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)
  return rows.map((cells) => `  ${cells.map(padded).join('  ')}`.trimEnd())
}

/** Fields under each other, what is nested further in. */
const outline = (fields: object, indent: string): string[] =>
  entriesOf(fields).flatMap(([name, value]) => {
    const text = inOneLine(value)
    if (text !== undefined) return [`${indent}${name.padEnd(14)}  ${text}`]
    return [`${indent}${name}`, ...outline(value as object, `${indent}  `)]
  })

const inOneLine = (value: unknown): string | undefined => {
  if (value === null || value === undefined) return '–'
  if (typeof value !== 'object') return String(value)
  if ('amount' in value && 'currency' in value) return format(value as Money)
  const each = entriesOf(value).map(([, one]) => one)
  if (each.length === 0) return 'none'
  return Array.isArray(value) && each.every((one) => typeof one !== 'object') ? each.join(', ') : undefined
}

const entriesOf = (value: object): [string, unknown][] =>
  (value instanceof Map ? [...value] : Object.entries(value)).map(([name, one]) => [String(name), one])
