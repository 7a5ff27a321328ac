import bs58 from 'bs58'
import native from 'litesvm/dist/internal.js'
import type { Moment } from './blocks.ts'
import { type TransactionError, transactionError } from './errors.ts'
import type { Wire } from './wire.ts'

/** One without lamports is gone. */
export type Account = {
  readonly address: Uint8Array
  readonly owner: Uint8Array
  readonly lamports: bigint
  readonly data: Uint8Array
}

/** A program as it was built, and where it is to be. */
export type Program = { readonly address: string; readonly elf: Uint8Array }

/** What became of a transaction. */
export type Executed = {
  readonly error: TransactionError | null
  readonly logs: readonly string[]
  readonly units: number
  readonly returned: { readonly program: Uint8Array; readonly data: Uint8Array }
  /** In lamports. Nothing where the transaction was not even let in, because of its signatures for example, or an empty purse. */
  readonly fee: bigint
  /** The lamports of all accounts that it names. */
  readonly before: readonly bigint[]
  readonly after: readonly bigint[]
  /** Those that are no longer as they were. */
  readonly changed: readonly Account[]
}

/** An account as it is before. Undefined for one that is not there. */
export type Find = (address: Uint8Array) => Account | undefined

export type Engine = ReturnType<typeof engine>

// The bindings of litesvm, not its own class: they take the bytes of a transaction as they come, and need no other client's types.
const NOTHING = new native.Account(0n, new Uint8Array(), new Uint8Array(32), false, 0n)

/**
 * Carries out transactions and keeps none: it is told the accounts that one names, and forgets them after. What it always knows are
 * programs and sysvars. Whether a blockhash is still valid and a signature new is for its caller to judge. Throws if a program is none.
 */
export const engine = (programs: readonly Program[]) => {
  const svm = new native.LiteSvm()
  svm.setBlockhashCheck(false)
  svm.setTransactionHistory(0n)
  for (const { address, elf } of programs) svm.addProgram(bs58.decode(address), elf)

  const setClock = ({ at, height, epoch, epochBeganAt }: Moment) =>
    svm.setClock(new native.Clock(BigInt(height), seconds(epochBeganAt), BigInt(epoch), BigInt(epoch + 1), seconds(at)))

  const accountAt = (address: Uint8Array): Account | undefined => {
    const account = svm.getAccount(address)
    if (!account || account.lamports() === 0n) return undefined
    return { address, owner: account.owner(), lamports: account.lamports(), data: account.data() }
  }

  return {
    rentFor: (bytes: number): bigint => svm.minimumBalanceForRentExemption(BigInt(bytes)),

    /** A program or a sysvar. */
    builtIn: (address: Uint8Array, moment: Moment): (Account & { readonly isExecutable: boolean }) | undefined => {
      setClock(moment)
      const account = accountAt(address)
      return account && { ...account, isExecutable: svm.getAccount(address)!.executable() }
    },

    /** A failed transaction has paid its fee, and changed nothing else. */
    execute: (
      { bytes, keys }: Wire,
      find: Find,
      moment: Moment,
      { verify }: { readonly verify: boolean } = { verify: true },
    ): Executed => {
      const told = keys.map(({ address }) => find(address))
      const builtIn = keys.map(({ address }, i) => (told[i] ? null : svm.getAccount(address)))
      const lamportsOf = (account: Account | undefined, i: number) => account?.lamports ?? builtIn[i]?.lamports() ?? 0n
      setClock(moment)
      svm.setSigverify(verify)
      try {
        for (const account of told) if (account) svm.setAccount(account.address, nativeOf(account))
        const result = svm.sendVersionedTransaction(bytes)
        const left = keys.map(({ address, isWritable }, i) =>
          isWritable && !builtIn[i] ? accountAt(address) : told[i],
        )
        const [before, after] = [told.map(lamportsOf), left.map(lamportsOf)]
        return {
          ...outcomeOf(result),
          ...{ before, after, fee: sum(before) - sum(after) },
          changed: keys.flatMap(({ address }, i) => changeOf(address, told[i], left[i])),
        }
      } finally {
        keys.forEach(({ address, isWritable }, i) => {
          if (!builtIn[i]) svm.setAccount(address, NOTHING)
          else if (isWritable) svm.setAccount(address, builtIn[i])
        })
      }
    },
  }
}

type Result = ReturnType<native.LiteSvm['sendVersionedTransaction']>

const outcomeOf = (result: Result): Pick<Executed, 'error' | 'logs' | 'units' | 'returned'> => {
  const failed = result instanceof native.FailedTransactionMetadata
  const meta = failed ? result.meta() : result
  const returned = meta.returnData()
  return {
    error: failed ? transactionError(result.toString()) : null,
    logs: meta.logs(),
    units: Number(meta.computeUnitsConsumed()),
    returned: { program: returned.programId(), data: returned.data() },
  }
}

const changeOf = (address: Uint8Array, before: Account | undefined, after: Account | undefined): Account[] => {
  if (!after) return before ? [{ ...before, lamports: 0n, data: new Uint8Array() }] : []
  const isSame =
    before?.lamports === after.lamports && isEqual(before.owner, after.owner) && isEqual(before.data, after.data)
  return isSame ? [] : [{ ...after, address }]
}

const nativeOf = ({ lamports, data, owner }: Account): native.Account =>
  new native.Account(lamports, data, owner, false, 0n)

const isEqual = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0

const sum = (lamports: readonly bigint[]): bigint => lamports.reduce((total, some) => total + some, 0n)

const seconds = (ms: number): bigint => BigInt(Math.floor(ms / 1_000))
