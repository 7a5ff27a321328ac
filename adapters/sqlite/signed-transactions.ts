import type { DatabaseSync } from 'node:sqlite'
import type { SignedTransaction, SignedTransactions } from '../../domain/vault.ts'
import { transaction } from './open.ts'

export const SIGNED_TRANSACTIONS_SCHEMA = `
  create table if not exists signed_transaction (
    number integer primary key, signature text not null unique, bytes text not null,
    last_valid_block_height integer not null, ids text not null
  ) strict;
  create table if not exists signed_transaction_id (
    id text, number integer references signed_transaction on delete cascade, primary key (id, number)
  ) strict, without rowid;
  create index if not exists signed_transaction_id_number on signed_transaction_id (number)`

export const sqliteSignedTransactions = (db: DatabaseSync): SignedTransactions => {
  const insert = db.prepare(`
    insert into signed_transaction (signature, bytes, last_valid_block_height, ids) values (?, ?, ?, ?)
    on conflict do nothing`)
  const index = db.prepare('insert into signed_transaction_id (id, number) values (?, ?) on conflict do nothing')
  const read = db.prepare(`
    select signature, bytes, last_valid_block_height as lastValidBlockHeight, ids from signed_transaction
    where number in (select number from signed_transaction_id where id in (select value from json_each(?)))
    order by number`)
  const forget = db.prepare('delete from signed_transaction where signature in (select value from json_each(?))')

  type Row = Omit<SignedTransaction, 'ids'> & { ids: string }

  return {
    keep: async (transactions) =>
      transaction(db, () => {
        for (const { signature, bytes, lastValidBlockHeight, ids } of transactions) {
          const { changes, lastInsertRowid } = insert.run(signature, bytes, lastValidBlockHeight, JSON.stringify(ids))
          if (changes === 1) for (const id of ids) index.run(id, lastInsertRowid)
        }
      }),
    of: async (ids) =>
      (read.all(JSON.stringify(ids)) as Row[]).map((row) => ({ ...row, ids: JSON.parse(row.ids) as string[] })),
    forget: async (signatures) => {
      forget.run(JSON.stringify(signatures))
    },
  }
}
