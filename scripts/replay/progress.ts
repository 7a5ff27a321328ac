import { Presets, SingleBar } from 'cli-progress'
import type { Position } from '../../domain/fact.ts'

export type Progress = { readonly passed: (position: Position) => void; readonly stop: () => void }

/** How far a replay is, on stderr; nothing unless somebody looks, or where the rows themselves go by on the same screen. */
export const progressTo = (end: Position, rowsOnScreen: boolean): Progress => {
  const total = numberIn(end)
  if (!process.stderr.isTTY || (rowsOnScreen && process.stdout.isTTY) || total === 0)
    return { passed: () => {}, stop: () => {} }
  const settings = {
    format: '  {bar} {percentage} %  {eta_formatted} to go',
    clearOnComplete: true,
    stream: process.stderr,
  }
  const bar = new SingleBar(settings, Presets.shades_classic)
  bar.start(total, 0)
  const stop = () => bar.isActive && bar.stop()
  return {
    // Gone before the result is printed.
    passed: (position) => (numberIn(position) < total ? bar.update(numberIn(position)) : stop()),
    stop,
  }
}

/** Positions are opaque, but every ledger counts something in their first part: facts, or bytes. */
const numberIn = (position: Position): number => Number.parseInt(position, 10) || 0
