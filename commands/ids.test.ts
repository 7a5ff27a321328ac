import fc from 'fast-check'
import { v5 } from 'uuid'
import { describe, expect, it } from 'vitest'
import { type Asked, commandIdOf, requestHash, stepIdOf } from './ids.ts'

const asked: Asked = { tenant: 'acme', actorId: 'ann', operation: 'PlaceOrder', target: '', idempotencyKey: 'k1' }

describe('a command', () => {
  it('has one id however often it is asked', () => {
    expect(commandIdOf({ ...asked })).toBe(commandIdOf(asked))
  })

  it('has another id under the same key when anything else about it differs, wherever the words are cut', () => {
    const words = fc.record<Asked>({
      tenant: fc.string(),
      actorId: fc.string(),
      operation: fc.string(),
      target: fc.string(),
      idempotencyKey: fc.string(),
    })
    const told = (a: Asked) => [a.tenant, a.actorId, a.operation, a.target, a.idempotencyKey]
    fc.assert(
      fc.property(words, words, (one, other) => {
        fc.pre(JSON.stringify(told(one)) !== JSON.stringify(told(other)))
        expect(commandIdOf(one)).not.toBe(commandIdOf(other))
      }),
    )
    expect(commandIdOf({ ...asked, operation: 'Place', target: 'Order' })).not.toBe(
      commandIdOf({ ...asked, operation: 'PlaceOrder', target: '' }),
    )
  })
})

describe('a derived id', () => {
  it('is the UUIDv5 that everyone else would derive', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.string({ unit: 'binary' }), (processId, step) => {
        expect(stepIdOf(processId, step)).toBe(v5(step, processId))
      }),
    )
  })

  it.each(['', 'o1', '0198c0de-0000-7000-8000-00000000000g'])('is not derived from "%s", which is no id', (id) => {
    expect(() => stepIdOf(id, 'capture')).toThrow('is no UUID')
  })
})

describe('the hash of a request', () => {
  it('heeds neither key order nor how a number is written', () => {
    expect(requestHash(JSON.parse('{"a":1.0,"b":{"c":1e2,"d":0}}'))).toBe(requestHash({ b: { d: 0, c: 100 }, a: 1 }))
  })

  it('differs with any value and with the order of a list', () => {
    const hashes = [{ a: 1 }, { a: '1' }, { a: null }, {}, { a: [1, 2] }, { a: [2, 1] }].map(requestHash)
    expect(new Set(hashes).size).toBe(hashes.length)
  })
})
