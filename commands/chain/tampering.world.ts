import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import bs58 from 'bs58'
import type { TicketCopy } from './chain.ts'
import { type ChainWorld, openTestChain } from './chain.world.ts'
import { copiesOf } from './copies.ts'

// Where these are in a ticket's account (programs/ticket_ledger/src/state.rs), and in one of a token (SPL Token, `state::Account`).
const VERSION_AT = 104
const OWNER_AT = 32
const AMOUNT_AT = 64

/** A chain in a file, and a hand that writes into the file what no program would. */
export const openChainInFile = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'counterfoil-tampering-'))
  const path = join(folder, 'chain.db')
  const testChain = await openTestChain(path)
  const hand = handIn(path)
  return {
    ...{ testChain, hand },
    close: async () => {
      hand.close()
      await testChain.chain.close()
      rmSync(folder, { recursive: true })
    },
  }
}

/** Changes the accounts of an embedded chain in its file, which is there. */
export const handIn = (path: string) => {
  const db = new DatabaseSync(path, { timeout: 5_000 })
  const books = db.prepare(`
    select count(*) as accounts, coalesce(sum(lamports), 0) as held, (select coalesce(sum(fee), 0) from sent) as fees
    from account where length(data) > 0`)
  const remove = db.prepare('delete from account where address = ?')
  const read = db.prepare('select data from account where address = ?')
  const write = db.prepare('update account set data = ? where address = ?')
  const tokenAccountsOf = db.prepare(
    'select address from account where substr(data, 1, 32) = ? and substr(data, 65, 8) = ?',
  )

  const change = (address: Uint8Array, at: number, bytes: Uint8Array): void => {
    const { data } = read.get(address) as { data: Uint8Array }
    const changed = Buffer.from(data)
    changed.set(bytes, at)
    write.run(changed, address)
  }
  /** The account that the one token of a mint is in. */
  const tokenAccountOf = (mint: string): Uint8Array => {
    const { address } = tokenAccountsOf.get(bs58.decode(mint), whole(1)) as { address: Uint8Array }
    return address
  }

  return {
    remove: (address: string): void => {
      remove.run(bs58.decode(address))
    },
    removeToken: (mint: string): void => {
      remove.run(tokenAccountOf(mint))
      remove.run(bs58.decode(mint))
    },
    setVersion: (ticket: string, version: number): void => change(bs58.decode(ticket), VERSION_AT, whole(version)),
    /** As if another had the token. */
    setTokenOwner: (mint: string, owner: string): void => change(tokenAccountOf(mint), OWNER_AT, bs58.decode(owner)),
    /** Takes the token out of its account; what it answers puts it back. */
    takeToken: (mint: string): (() => void) => {
      const account = tokenAccountOf(mint)
      change(account, AMOUNT_AT, whole(0))
      return () => change(account, AMOUNT_AT, whole(1))
    },
    /** All that programs ever made, and that they did. */
    removeAll: (): void => db.exec('delete from account where length(data) > 0; delete from sent'),
    /** What programs keep, how many lamports are in that, and what transactions have cost. */
    books: () => books.get() as { accounts: number; held: number; fees: number },
    /** Nobody writes until what this answers is called. */
    hold: (): (() => void) => {
      db.exec('begin immediate')
      return () => db.exec('rollback')
    },
    close: (): void => db.close(),
  }
}

const whole = (number: number): Uint8Array => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(number))
  return bytes
}

/** Somebody with the key of the authority: a ticket as it is to be, but for what they want. */
export const thiefIn = ({ deps, chain }: Pick<ChainWorld, 'deps' | 'chain'>) => ({
  put: async (ticketId: string, change: Partial<TicketCopy>): Promise<void> => {
    const [copied] = await copiesOf(deps, [ticketId])
    const { wanted } = copied!
    const signed = await chain.signTickets([{ ...wanted, version: wanted.version + 1, ...change }])
    for (const one of signed) await chain.send(one)
  },
})
