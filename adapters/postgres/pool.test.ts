import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { Unavailable } from '../../domain/ledger.ts'
import { postgresPool } from './pool.ts'
import { type PostgresServer, postgresServer } from './server.world.ts'

let server: PostgresServer
let url: string
beforeAll(async () => {
  server = await postgresServer()
  url = await server.database()
})
afterAll(() => server?.stop())

const opened = (more: { timeoutMs?: number; url?: string } = {}): pg.Pool => {
  const pool = postgresPool({ url, name: 'test', size: 2, ...more })
  onTestFinished(() => pool.end())
  return pool
}

describe('a pool', () => {
  it('calls it unavailable when the server goes, whoever asks, and is well again once it is back', async () => {
    const pool = opened()
    const client = await pool.connect()
    const asked = expect(client.query('select pg_sleep(60)')).rejects.toThrow(Unavailable)
    await server.kill()
    await asked
    await expect(client.query('select 1')).rejects.toThrow(Unavailable)
    client.release(true)
    await expect(pool.query('select 1')).rejects.toThrow(Unavailable)
    await expect(pool.connect()).rejects.toThrow(/ECONNREFUSED/)
    await server.restart()
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  })

  it('names what was tried in vain where a host has several addresses', async () => {
    const pool = opened({ url: 'postgres://localhost:1/none' })
    await expect(pool.query('select 1')).rejects.toThrow(/ECONNREFUSED/)
  })

  it('calls it unavailable when the time is over', async () => {
    await expect(opened({ timeoutMs: 50 }).query('select pg_sleep(60)')).rejects.toThrow(Unavailable)
  })

  it.each(['select nonsense', "select 'x'::int"])('leaves what is wrong in itself as it is: %s', async (text) => {
    const pool = opened()
    const client = await pool.connect()
    onTestFinished(() => client.release())
    for (const db of [pool, client]) await expect(db.query(text)).rejects.not.toThrow(Unavailable)
  })
})
