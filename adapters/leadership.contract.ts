import { describe, expect, it, onTestFinished } from 'vitest'
import type { Leadership } from '../domain/leadership.ts'

/** What every leadership must do for a process that is alone. */
export const leadershipContract = (name: string, fresh: () => Promise<Leadership>) =>
  describe(`leadership ${name}`, () => {
    const opened = async () => {
      const leadership = await fresh()
      onTestFinished(() => leadership.close())
      return leadership
    }

    it('comes to whoever asks alone, and lasts until it is given up', async () => {
      const leadership = await opened()
      const giveUp = new AbortController()
      const term = await leadership.lead('mail', giveUp.signal)
      expect(term.aborted).toBe(false)
      giveUp.abort(new Error('enough'))
      expect(term.aborted).toBe(true)
      expect(term.reason).toEqual(new Error('enough'))
    })

    it('is of each work apart, and can be had again', async () => {
      const leadership = await opened()
      const giveUp = new AbortController()
      const [mail, orders] = await Promise.all([
        leadership.lead('mail', giveUp.signal),
        leadership.lead('orders', new AbortController().signal),
      ])
      giveUp.abort()
      expect([mail.aborted, orders.aborted]).toEqual([true, false])
      expect((await leadership.lead('mail', new AbortController().signal)).aborted).toBe(false)
    })

    it('does not come to who no longer wants it', async () => {
      const leadership = await opened()
      await expect(leadership.lead('mail', AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough')
    })
  })
