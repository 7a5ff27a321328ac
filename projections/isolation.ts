import { type RawBuilder, sql } from 'kysely'

/** The role that reads for a tenant. It owns nothing, may write nothing, and sees only that tenant's rows. */
export const READER = 'counterfoil_reader'

/** The setting that holds the tenant for which a session reads. */
export const TENANT_SETTING = 'counterfoil.tenant'

/**
 * Shows the reader, of the tables in the current schema, the rows of the tenant that its session is set to; none where it is set
 * to none. A table without a column `tenant` it may not read at all.
 */
export const isolateTenants = (): RawBuilder<unknown> => sql`do $$
  declare t text;
  begin
    execute format('grant usage on schema %I to ${sql.id(READER)}', current_schema());
    for t in
      select table_name from information_schema.columns where table_schema = current_schema() and column_name = 'tenant'
    loop
      execute format('alter table %I enable row level security', t);
      execute format(
        'create policy of_tenant on %I for select to ${sql.id(READER)} using (tenant = current_setting(%L, true))',
        t, ${sql.lit(TENANT_SETTING)});
      execute format('grant select on %I to ${sql.id(READER)}', t);
    end loop;
  end $$`
