import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DEFAULT_RULES } from '../domain/event/rules.ts'
import type { Refused } from './client.ts'
import { type World, wholeWorld } from './counterfoil.world.ts'

let w: World
beforeAll(async () => {
  w = await wholeWorld()
})
afterAll(() => w.close())

const refusal = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    ({ status, code }: Refused) => ({ status, code }),
  )

const inMinutes = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString()

describe('the rules of an event', () => {
  it('are the usual ones until they are set, as a whole, and everybody sees them', async () => {
    const { olga, eventId } = await w.onSale()
    const ann = await w.as('attendee', 'ann')
    const rules = async () => (await ann.call<{ rules: object }>('GET', `/events/${eventId}`)).body.rules
    const { transfer, resale, refund } = DEFAULT_RULES
    await expect.poll(() => rules().catch(() => undefined)).toEqual({ transfers: transfer, resale, refunds: refund })
    const set = async (kind: string, body: object) => {
      const { body: told, position } = await olga.call<{ rules: object }>(
        'PUT',
        `/events/${eventId}/rules/${kind}`,
        body,
      )
      await ann.call('GET', `/events/${eventId}?minPosition=${position}`)
      expect(await rules()).toEqual(told.rules)
      return told.rules
    }
    expect(await set('transfers', { maxMoves: 2 })).toMatchObject({ transfers: { ...transfer, maxMoves: 2 } })
    expect(await set('resale', { cap: { basisPoints: 11_000 } })).toMatchObject({
      transfers: { maxMoves: 2 },
      resale: { cap: { basisPoints: 11_000 } },
    })
    expect(await set('refunds', { rescheduleDays: 14 })).toMatchObject({
      refunds: { feesRefunded: false, rescheduleDays: 14 },
    })
    expect(await set('transfers', {})).toMatchObject({ transfers: transfer })
    const bad = { blackouts: [{ from: inMinutes(2), until: inMinutes(1) }] }
    expect(await refusal(olga.call('PUT', `/events/${eventId}/rules/transfers`, bad))).toMatchObject({
      code: 'BlackoutEmpty',
    })
    expect(await refusal(ann.call('PUT', `/events/${eventId}/rules/transfers`, {}))).toMatchObject({
      status: 403,
    })
  })
})
