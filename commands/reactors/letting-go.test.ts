import { describe, expect, it } from 'vitest'
import { lettingGo } from './letting-go.ts'
import type { Reactor } from './reactor.ts'

const never = new AbortController().signal
const reactor = (act: Reactor['act']): Reactor => ({
  ...{ name: 'chain-sync', begins: 'with-the-first-fact', together: 1, withinSeconds: 45, wants: {}, act },
})

describe('an act of a process that ends', () => {
  it('is let go of at once, and told that it is', async () => {
    const closing = new AbortController()
    const told: boolean[] = []
    const { act } = lettingGo(
      reactor(async (_, signal) => {
        signal.addEventListener('abort', () => told.push(true))
        return new Promise<never>(() => {})
      }),
      closing.signal,
    )
    const acting = act([], never)
    closing.abort()
    await expect(acting).rejects.toThrow('the process ends')
    expect(told).toEqual([true])
  })

  it('is not begun any more', async () => {
    const { act } = lettingGo(
      reactor(() => new Promise<never>(() => {})),
      AbortSignal.abort(),
    )
    await expect(act([], never)).rejects.toThrow('the process ends')
  })

  it('is itself otherwise', async () => {
    const { act } = lettingGo(
      reactor(async () => ['done']),
      new AbortController().signal,
    )
    expect(await act([], never)).toEqual(['done'])
  })
})
