import { describe, expect, it } from 'vitest'
import { bearer, order, world } from './server.world.ts'

const placing = async () => {
  const { server } = await world()
  return async (key?: string, payload: object | string = order, event = 'e1', person = 'ann') => {
    const headers = { ...bearer('attendee', person), 'content-type': 'application/json' }
    const withKey = key === undefined ? headers : { ...headers, 'idempotency-key': key }
    return server.inject({ method: 'POST', url: `/orders/${event}`, headers: withKey, payload })
  }
}

describe('a write', () => {
  it('is the same command however often it is sent under its key', async () => {
    const place = await placing()
    const [first, again] = [(await place('k1')).json(), (await place('k1')).json()]
    expect(again).toEqual(first)
  })

  it('is the same request in another order of keys, and another one with a default written out', async () => {
    const place = await placing()
    const hashOf = async (payload: string) => (await place('k1', payload)).json().request
    const sent = await hashOf('{"lines":[{"typeId":"a","quantity":1}]}')
    expect(await hashOf('{ "lines": [ { "quantity": 1, "typeId": "a" } ] }')).toBe(sent)
    expect(await hashOf('{"lines":[{"typeId":"a","quantity":1}],"locale":"en"}')).not.toBe(sent)
    expect(await hashOf('{"lines":[{"typeId":"a","quantity":2}]}')).not.toBe(sent)
  })

  it('is another command under another key, for another target or from another person', async () => {
    const place = await placing()
    const answers = await Promise.all([
      place('k1'),
      place('k2'),
      place('k1', order, 'e2'),
      place('k1', order, 'e1', 'bob'),
    ])
    expect(new Set(answers.map((answer) => answer.json().commandId)).size).toBe(4)
  })

  it('without a key gets one of its own, echoed so that it can be repeated', async () => {
    const place = await placing()
    const first = await place()
    const key = first.headers['idempotency-key'] as string
    expect((await place(key)).json()).toEqual(first.json())
    expect((await place()).json().commandId).not.toBe(first.json().commandId)
  })

  it.each(['', 'k'.repeat(256), 'schlüssel', 'tab\tbed'])('is not taken under the key "%s"', async (key) => {
    const place = await placing()
    expect((await place(key)).json()).toMatchObject({
      code: 'validation_failed',
      errors: [{ field: 'Idempotency-Key' }],
    })
  })

  it('needs no body where its route asks for none', async () => {
    const { server } = await world()
    const headers = { ...bearer('attendee'), 'content-type': 'application/json' }
    expect((await server.inject({ method: 'DELETE', url: '/orders/o1', headers })).statusCode).toBe(204)
  })
})
