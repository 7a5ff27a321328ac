import { describe, expect, it } from 'vitest'
import { bearer, order, world } from './server.world.ts'

const reading = async () => {
  const { server } = await world()
  return (query: Record<string, string>) => server.inject({ url: '/orders', query, headers: bearer('attendee') })
}

describe('a list', () => {
  it('is read page by page to its end, each row once', async () => {
    const read = await reading()
    const seen: number[] = []
    let cursor: string | null = null
    do {
      const answer: { items: { number: number }[]; nextCursor: string | null } = (
        await read({ limit: '2', ...(cursor && { cursor }) })
      ).json()
      seen.push(...answer.items.map(({ number }) => number))
      cursor = answer.nextCursor
    } while (cursor)
    expect(seen).toEqual([1, 2, 3, 4, 5])
  })

  it('has no further page when the rows fill the last one exactly', async () => {
    const read = await reading()
    expect((await read({ limit: '5' })).json()).toMatchObject({ nextCursor: null, asOf: '2a/1' })
    expect((await read({ limit: '4' })).json().nextCursor).toBe(Buffer.from('[4]').toString('base64url'))
  })

  it.each(['0', '201', '-1', '1.5', '', 'ten'])('is not given in pages of "%s"', async (limit) => {
    const read = await reading()
    expect((await read({ limit })).json()).toMatchObject({ code: 'validation_failed', errors: [{ field: 'limit' }] })
  })

  it.each([
    '',
    '%',
    'bm90IGpzb24',
    Buffer.from('["4"]').toString('base64url'),
    Buffer.from('{}').toString('base64url'),
  ])('does not go on from the cursor "%s", which it never gave out', async (cursor) => {
    const read = await reading()
    expect((await read({ cursor })).json()).toMatchObject({ status: 400, errors: [{ field: 'cursor' }] })
  })
})

describe('reading what one has written', () => {
  it('works with the position that the write answered', async () => {
    const { server } = await world()
    const headers = bearer('attendee')
    const written = await server.inject({ method: 'POST', url: '/orders/e1', headers, payload: order })
    expect(written.headers['ledger-position']).toBe('2b/0')
  })

  it('is answered once the read model is there', async () => {
    const read = await reading()
    expect((await read({ minPosition: '2a/1' })).statusCode).toBe(200)
    expect((await read({ minPosition: '' })).statusCode).toBe(200)
  })

  it('is put off while the read model is behind', async () => {
    const read = await reading()
    const answer = await read({ minPosition: '2b/0' })
    expect(answer.json()).toMatchObject({ status: 503, code: 'read_model_behind' })
    expect(answer.headers['retry-after']).toBe('1')
  })

  it.each(['2A/1', "1' or '1", '0'.repeat(65)])('is refused for "%s", which is no position', async (minPosition) => {
    const read = await reading()
    expect((await read({ minPosition })).json()).toMatchObject({ status: 400, errors: [{ field: 'minPosition' }] })
  })
})
