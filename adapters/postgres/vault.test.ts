import { randomUUID } from 'node:crypto'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { addresseesContract } from '../addressees.contract.ts'
import { intentsContract } from '../intents.contract.ts'
import { payoutAccountsContract } from '../payout-accounts.contract.ts'
import { signedTransactionsContract } from '../signed-transactions.contract.ts'
import { vaultContract } from '../vault.contract.ts'
import { walletsContract } from '../wallets.contract.ts'
import { type PostgresServer, postgresServer } from './server.world.ts'
import { postgresVault } from './vault.ts'

let server: PostgresServer
beforeAll(async () => {
  server = await postgresServer()
})
afterAll(() => server?.stop())

const fresh = async () => {
  const url = await server.database()
  return () => postgresVault({ url })
}

vaultContract('in PostgreSQL', fresh)
intentsContract('in PostgreSQL', fresh)
walletsContract('in PostgreSQL', fresh)
payoutAccountsContract('in PostgreSQL', fresh)
signedTransactionsContract('in PostgreSQL', fresh)
addresseesContract('in PostgreSQL', fresh)

describe('the tables of a vault', () => {
  const filled = async () => {
    const url = await server.database()
    const vault = await opened(url)
    const id = randomUUID()
    await vault.people.save(id, { name: 'Ann Bøe', email: 'ann@example.org' })
    await vault.wallets.save(id, '4Nd1mYQFLnMJ5p9eVRBdJ8uXW3PbZ5nJ5yZ9tqk3b1aA')
    await vault.addressees.save('offer', 'ben@example.org')
    const operator = new Client(url)
    await operator.connect()
    onTestFinished(() => operator.end())
    return { url, vault, id, operator }
  }

  const opened = async (url: string) => {
    const vault = await postgresVault({ url })
    onTestFinished(() => vault.close())
    return vault
  }

  it('hold neither name, e-mail nor wallet in clear, and nothing of an erased person', async () => {
    const { vault, id, operator } = await filled()
    const held = async () => {
      const { rows } = await operator.query(
        `select encode(person.sealed, 'escape') as sealed, encode(wallet.sealed, 'escape') as wallet, encode(key, 'hex') as key,
           encode(email_hash, 'escape') as email, person_id as id
         from vault.person_key full join vault.person using (person_id) full join vault.wallet using (person_id)
           full join vault.person_email using (person_id)`,
      )
      return JSON.stringify(rows)
    }
    expect(await held()).toContain(id)
    expect(await held()).not.toMatch(/Ann|example|4Nd1/)
    await vault.people.erase(id)
    expect(await held()).toBe('[]')
  })

  it('hold no addressee in clear, and none that was forgotten', async () => {
    const { vault, operator } = await filled()
    const held = async () =>
      JSON.stringify((await operator.query("select offer_id, encode(sealed, 'escape') from vault.addressee")).rows)
    expect(await held()).toContain('offer')
    expect(await held()).not.toMatch(/ben|example/)
    await vault.addressees.forget('offer')
    expect(await held()).toBe('[]')
  })

  it('of before people could be found by their addresses find them once they are opened', async () => {
    const { url, vault, id, operator } = await filled()
    await vault.people.save('silent', { name: 'Sil', email: null })
    await vault.people.save('moved', { name: 'Mo', email: 'ann@example.org' })
    await vault.people.save('zoë', { name: 'Zoë', email: 'zoe@example.org' })
    await operator.query(`
      update vault.person set sealed = decode(repeat('00', 64), 'hex') where person_id = 'moved';
      insert into vault.person_key select 'p' || n, decode(repeat('00', 32), 'hex') from generate_series(1, 2500) as n;
      insert into vault.person select 'p' || n, decode(repeat('00', 64), 'hex') from generate_series(1, 2500) as n;
      drop table vault.person_email, vault.addressee, vault.payout_account;
      delete from vault.kysely_migration where name >= '006'`)
    for (const newer of [await opened(url), await opened(url)])
      expect([
        ...(await newer.people.withEmail('ANN@example.org')),
        ...(await newer.people.withEmail('zoe@example.org')),
      ]).toEqual([id, 'zoë'])
  })

  it('give a person who comes back another key', async () => {
    const { vault, id, operator } = await filled()
    const keyOf = async () => (await operator.query('select key from vault.person_key where person_id = $1', [id])).rows
    const before = await keyOf()
    await vault.people.save(id, { name: 'Ann', email: null })
    expect(await keyOf()).toEqual(before)
    await vault.people.erase(id)
    await vault.people.save(id, { name: 'Ann', email: null })
    expect(await keyOf()).not.toEqual(before)
  })

  it('open for nobody when a row is moved to another person or offer', async () => {
    const { vault, id, operator } = await filled()
    await operator.query("insert into vault.person_key select 'eve', key from vault.person_key where person_id = $1", [
      id,
    ])
    for (const table of ['person', 'wallet'])
      await operator.query(`update vault.${table} set person_id = 'eve' where person_id = $1`, [id])
    await expect(vault.people.find('eve')).rejects.toThrow('unable to authenticate')
    await operator.query("update vault.addressee set offer_id = 'other'")
    await expect(vault.wallets.find(['eve'])).rejects.toThrow('unable to authenticate')
    await expect(vault.addressees.find('other')).rejects.toThrow('unable to authenticate')
  })

  it('show a secret that was added elsewhere within a minute, newest first', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    onTestFinished(() => void vi.useRealTimers())
    const { vault, operator } = await filled()
    const [first] = await vault.eventSecrets.of('e1')
    await operator.query("insert into vault.event_secret values ('e1', 2, 'newer', $1)", [Buffer.alloc(32)])
    vi.advanceTimersByTime(60_000)
    expect((await vault.eventSecrets.of('e1')).map(({ keyId }) => keyId)).toEqual(['newer', first.keyId])
  })

  it('give two processes that come at once the same secrets', async () => {
    const url = await server.database()
    const made = await Promise.all(
      (await Promise.all([opened(url), opened(url)])).map((vault) =>
        Promise.all(
          Array.from({ length: 50 }, (_, n) => [vault.eventSecrets.of(`e${n}`), vault.keyFor(`p${n}`)]).flat(),
        ),
      ),
    )
    expect(made[0]).toHaveLength(100)
    expect(made[0]).toEqual(made[1])
  })

  it('keep a person who is erased while they are saved erased, or saved whole', async () => {
    const { vault, id } = await filled()
    const ann = { name: 'Ann', email: null }
    for (let n = 0; n < 20; n++) {
      const results = await Promise.allSettled([vault.people.save(id, ann), vault.people.erase(id)])
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])
      expect([ann, undefined]).toContainEqual(await vault.people.find(id))
    }
  })
})

it('names what is in the way when its server cannot be reached', () =>
  expect(postgresVault({ url: 'postgres://nobody@127.0.0.1:1/none' })).rejects.toThrow(
    /^the tables of vault cannot be brought up to date \(.*ECONNREFUSED.*\): see to DATABASE_URL/,
  ))
