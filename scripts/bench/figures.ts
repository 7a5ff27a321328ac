/** One line of what was measured. */
export type Figure = {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** In the same unit. `ratio` is value ÷ baseline. */
  readonly baseline?: number
  /** Missed, it is said; `exactly` also fails the bench. */
  readonly goal?: Goal
  /** What the value is, or is measured against. */
  readonly note?: string
}

type Goal = { readonly ratioAtLeast: number } | { readonly atMost: number } | { readonly exactly: number }

const ratioOf = ({ value, baseline }: Figure): number | null => (baseline === undefined ? null : value / baseline)

export const isMet = (figure: Figure): boolean => {
  const { value, goal } = figure
  if (!goal) return true
  if ('ratioAtLeast' in goal) return ratioOf(figure)! >= goal.ratioAtLeast
  return 'atMost' in goal ? value <= goal.atMost : value === goal.exactly
}

/** Whether it is a claim about what is true, and not about how fast. */
export const isHard = ({ goal }: Figure): boolean => goal !== undefined && 'exactly' in goal

export const asJson = (figure: Figure): string => {
  const { name, value, unit, baseline, goal } = figure
  const [wanted = null] = Object.values(goal ?? {})
  return JSON.stringify({
    name,
    value: rounded(value),
    unit,
    baseline: rounded(baseline ?? null),
    ratio: rounded(ratioOf(figure)),
    goal: wanted,
  })
}

/** Counts stay whole: one ticket too many must show. */
const rounded = (value: number | null): number | null =>
  value === null || Number.isInteger(value) ? value : Number(value.toPrecision(4))

const WIDTHS = { name: 46, value: 20, baseline: 10, ratio: 8, goal: 12 }

export const HEADING = line('figure', 'value', 'baseline', 'ratio', 'goal', '')

export const asLine = (figure: Figure): string => {
  const { name, value, unit, baseline, goal, note } = figure
  const ratio = ratioOf(figure)
  const verdict = goal ? (isMet(figure) ? 'met' : 'missed') : ''
  const text = line(
    name,
    `${shown(value)} ${unit}`,
    baseline === undefined ? '' : shown(baseline),
    ratio === null ? '' : `${shown(ratio)} ×`,
    goal ? wanted(goal) : '',
    verdict,
  )
  return note ? `${text}\n    ${note}` : text
}

const wanted = (goal: Goal): string => {
  if ('ratioAtLeast' in goal) return `≥ ${goal.ratioAtLeast} ×`
  return 'atMost' in goal ? `≤ ${shown(goal.atMost)}` : `= ${shown(goal.exactly)}`
}

const shown = (value: number): string =>
  value.toLocaleString('en', { maximumFractionDigits: value >= 100 ? 0 : value >= 10 ? 1 : 2 })

function line(name: string, value: string, baseline: string, ratio: string, goal: string, verdict: string): string {
  return [
    name.padEnd(WIDTHS.name),
    value.padStart(WIDTHS.value),
    baseline.padStart(WIDTHS.baseline),
    ratio.padStart(WIDTHS.ratio),
    goal.padStart(WIDTHS.goal),
    ` ${verdict}`,
  ]
    .join('')
    .trimEnd()
}
