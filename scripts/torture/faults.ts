import { setTimeout as sleep } from 'node:timers/promises'
import type { Chance } from './chance.ts'
import type { Recorder } from './history.ts'
import type { Setup } from './setup.ts'

type Deps = {
  readonly setup: Setup
  readonly recorder: Recorder
  readonly chance: Chance
  readonly isOver: () => boolean
  /** Milliseconds between two faults. */
  readonly pauseMs: readonly [number, number]
  /** The most that there are. */
  readonly most: number
}

/** Kills processes and starts them again, one at a time, and empties Redis; everything is up when it ends. */
export const havoc = async ({ setup, recorder, chance, isOver, pauseMs, most }: Deps): Promise<void> => {
  const killOne = async () => {
    const process = chance.weighted(setup.processes)
    const signal = chance.oneOf(['SIGKILL', 'SIGKILL', 'SIGKILL', 'SIGTERM'] as const)
    const downFor = chance.between(0, 1_500)
    const dies = chance.happens(0.2) ? chance.between(50, 1_500) : null
    recorder.fault(signal, process)
    await setup.kill(process, signal)
    await sleep(downFor)
    if (dies !== null) {
      const starting = setup.restart(process)
      await sleep(dies)
      recorder.fault('SIGKILL while it starts', process)
      await setup.kill(process, 'SIGKILL')
      await starting
    }
    await setup.restart(process)
    recorder.fault('is back', process)
  }
  const emptyRedis = async () => {
    recorder.fault('emptied', 'redis')
    await setup.emptyRedis?.()
  }

  for (let faults = 0; faults < most; faults++) {
    await pause(chance.between(...pauseMs), isOver)
    if (isOver()) return
    await (setup.emptyRedis && chance.happens(0.15) ? emptyRedis() : killOne())
  }
}

const pause = async (ms: number, isOver: () => boolean): Promise<void> => {
  for (const until = Date.now() + ms; Date.now() < until && !isOver(); ) await sleep(50)
}
