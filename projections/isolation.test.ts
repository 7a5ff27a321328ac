import {
  BinaryOperationNode,
  ColumnNode,
  type Kysely,
  type KyselyPlugin,
  OperationNodeTransformer,
  ReferenceNode,
  sql,
  ValueNode,
} from 'kysely'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { soleLeader } from '../adapters/leadership.ts'
import { postgresLedger } from '../adapters/postgres/ledger.ts'
import { postgresPool } from '../adapters/postgres/pool.ts'
import { postgresReadModels, type ReadModels } from '../adapters/postgres/read-models.ts'
import { type PostgresServer, postgresServer } from '../adapters/postgres/server.world.ts'
import { postgresVault } from '../adapters/postgres/vault.ts'
import type { Recorded } from '../domain/fact.ts'
import { known } from '../domain/registry.ts'
import { venuesOf } from './catalogue/read.ts'
import { READER } from './isolation.ts'
import { postingsOf } from './journal/read.ts'
import { readModels } from './models.ts'
import { type Projections, startProjections } from './projector.ts'
import type { Reading } from './reading.ts'
import { idFor, story } from './story.world.ts'
import { tickets } from './tickets/model.ts'
import { ticketsOf } from './tickets/read.ts'

/** Takes the tenant out of every condition that a query has, as a programmer might. */
class Forgetful extends OperationNodeTransformer {
  protected override transformBinaryOperation(node: BinaryOperationNode): BinaryOperationNode {
    const { leftOperand: left } = node
    const column = ReferenceNode.is(left) ? left.column : left
    if (!ColumnNode.is(column) || column.column.name !== 'tenant') return super.transformBinaryOperation(node)
    const one = ValueNode.createImmediate(1)
    return BinaryOperationNode.create(one, node.operator, one)
  }
}

const forgetful: KyselyPlugin = {
  transformQuery: ({ node }) => new Forgetful().transformNode(node),
  transformResult: async ({ result }) => result,
}

describe('row-level security', () => {
  let server: PostgresServer
  let url: string
  let database: ReadModels
  let projections: Projections
  /** Sessions of the reader's role, with nothing set. */
  let bare: pg.Pool

  beforeAll(async () => {
    server = await postgresServer()
    const address = new URL(await server.database())
    const admin = postgresPool({ url: address.href, name: 'admin', size: 1 })
    // As in production: it owns its database, and is nobody on the server.
    await admin.query('create role app login createrole')
    await admin.query(`alter database ${address.pathname.slice(1)} owner to app`)
    await admin.end()
    address.username = 'app'
    url = address.href

    const log: Recorded[] = []
    for (const tenant of ['acme', 'zenith']) {
      const tale = story({ tenant, log })
      await tale.venue('Arena')
      await tale.buy('order', await tale.event('Gala'), [1])
    }
    const { ledger, now } = story({ log })
    database = postgresReadModels({ url })
    const options = { database, ledger, leadership: soleLeader, models: readModels, decode: known, now }
    projections = await startProjections(options)
    const names = readModels.map((model) => model.name)
    expect(await projections.waitFor(names, log.at(-1)!.position, 10_000)).toBe(true)
    bare = postgresPool({ url, name: 'reader', size: 1, settings: { role: READER } })
  })
  afterAll(async () => {
    await bare.end()
    await projections.close()
    await database.close()
    await server.stop()
  })

  const everyTable = async ({ ofTenants = true } = {}) => {
    const { rows } = await sql<{ name: string }>`
      select format('%I.%I', table_schema, table_name) as name from information_schema.tables
      where table_schema like '%\\_b1' and ${ofTenants} = exists (
        select from information_schema.columns column_ where column_.table_schema = tables.table_schema
        and column_.table_name = tables.table_name and column_name = 'tenant')`.execute(database.db)
    return rows.map(({ name }) => name)
  }
  const tenantsIn = async (db: Kysely<never>, table: string) => {
    const { rows } = await sql<{ tenant: string }>`select distinct tenant from ${sql.raw(table)} order by 1`.execute(db)
    return rows.map(({ tenant }) => tenant)
  }

  it('shows a session the rows of the tenant that it reads for, in every table of every model', async () => {
    const tables = await everyTable()
    expect(tables.length).toBeGreaterThan(readModels.length)
    const filled: string[] = []
    for (const table of tables) {
      const all = await tenantsIn(database.db as never, table)
      if (all.length === 2) filled.push(table)
      for (const tenant of ['acme', 'zenith', 'acme'])
        expect(await tenantsIn(database.as(tenant) as never, table)).toEqual(all.filter((one) => one === tenant))
    }
    expect(filled.length).toBeGreaterThan(readModels.length)
  })

  it('shows nothing where no tenant is set, and nothing to a tenant that is none', async () => {
    for (const table of await everyTable()) {
      expect((await bare.query(`select from ${table}`)).rowCount).toBe(0)
      expect(await tenantsIn(database.as('') as never, table)).toEqual([])
      expect(await tenantsIn(database.as("' or true --") as never, table)).toEqual([])
    }
  })

  it('shows the reader nothing of what is no tenant’s', async () => {
    const tables = await everyTable({ ofTenants: false })
    expect(tables.toSorted()).toEqual(['log_v1_b1.head', 'log_v1_b1.tile', 'log_v1_b1.tree'])
    for (const table of tables) await expect(bare.query(`select from ${table}`)).rejects.toThrow('permission denied')
  })

  it('keeps tenants apart however many read at once over few connections', async () => {
    const asked = Array.from({ length: 200 }, (_, i) => (i % 3 === 0 ? 'acme' : 'zenith'))
    const answers = await Promise.all(
      asked.map((tenant) => projections.tables(tickets, tenant).selectFrom('ticket').select('tenant').execute()),
    )
    expect(answers).toEqual(asked.map((tenant) => [{ tenant }]))
  })

  it('holds where a query forgets its tenant', async () => {
    const careless: Reading = {
      tables: (model, tenant) => projections.tables(model, tenant).withPlugin(forgetful),
      everyTenant: (model) => projections.everyTenant(model).withPlugin(forgetful),
    }
    // The same functions, where nothing stands behind them.
    const exposed: Reading = { ...careless, tables: careless.everyTenant }
    const list = { tenant: 'acme', after: undefined, before: undefined, limit: 10 }
    const mine = { ...list, personId: idFor('person/ann'), eventId: undefined, statuses: undefined }
    const theirs = { ...list, venueId: idFor('zenith/venue/Arena') }
    const tenants = (rows: readonly { tenant: string }[]) => rows.map(({ tenant }) => tenant).sort()

    expect(tenants(await venuesOf(exposed, list))).toEqual(['acme', 'zenith'])
    expect(tenants(await venuesOf(careless, list))).toEqual(['acme'])
    expect(tenants(await ticketsOf(exposed, mine))).toEqual(['acme', 'zenith'])
    expect(tenants(await ticketsOf(careless, mine))).toEqual(['acme'])
    expect(tenants(await postingsOf(exposed, theirs))).toContain('zenith')
    expect(await postingsOf(careless, theirs)).toEqual([])
  })

  it('lets the reader change nothing, and see neither the checkpoints nor the ledger nor the vault', async () => {
    await (await postgresLedger({ url })).close()
    await (await postgresVault({ url })).close()
    const schema = `tickets_v${tickets.version}_b1`
    for (const statement of [
      `insert into ${schema}.event (tenant) values ('acme')`,
      `update ${schema}.ticket set status = 'ACTIVE'`,
      `delete from ${schema}.ticket`,
      `truncate ${schema}.ticket`,
      `alter table ${schema}.ticket disable row level security`,
      'select from read_model.build',
      'select from ledger.fact',
      'select from vault.person',
      'create table public.mine (id int)',
      'create schema mine',
    ])
      await expect(bare.query(statement), statement).rejects.toThrow(/permission denied|must be owner/)
  })
})
