import { readFileSync } from 'node:fs'
import { BorshCoder, type Idl } from '@coral-xyz/anchor'
import { type PublicKey, TransactionInstruction } from '@solana/web3.js'
import { addressOf } from './address.ts'
import type { Account } from './rpc.ts'

const idl: Idl = JSON.parse(readFileSync(new URL('../../programs/built/ticket_ledger.json', import.meta.url), 'utf8'))

/** Where the committed build runs. Whoever deploys their own has another address. */
export const PROGRAM_ID = idl.address

/** A number that JavaScript's may be too small for; none of ours comes near 2^53. */
type Whole = { readonly toNumber: () => number }

/** What of an account is looked at, as the IDL names it. */
export type OnChain = {
  readonly Event: { readonly version: Whole; readonly closes_at: Whole; readonly token: boolean }
  readonly Ticket: {
    readonly holder: PublicKey
    readonly version: Whole
    readonly generation: number
    readonly status: { readonly [variant in 'Active' | 'Locked' | 'Closed']?: object }
  }
  readonly Log: { readonly number: number; readonly size: Whole; readonly root: readonly number[] }
  readonly Head: {
    readonly number: number
    readonly size: Whole
    readonly root: readonly number[]
    readonly published_at: Whole
  }
}

export type LedgerProgram = ReturnType<typeof ledgerProgram>

/** The program as its IDL describes it, at an address. */
export const ledgerProgram = (address: string) => {
  const coder = new BorshCoder({ ...idl, address })
  const id = addressOf(address)
  /** Accounts begin with what names their type. */
  const isOf = (type: keyof OnChain, data: Buffer): boolean => {
    const mark = coder.accounts.accountDiscriminator(type)
    return data.subarray(0, mark.length).equals(mark)
  }

  return {
    id,

    /** Accounts by their names in the IDL. Optional ones may be left out, and those whose address is in the IDL. */
    instruction: (name: string, args: object, accounts: Accounts): TransactionInstruction =>
      new TransactionInstruction({
        programId: id,
        data: coder.instruction.encode(name, args),
        keys: accountsOf(name).map(({ name, address, ...is }) => {
          const pubkey = name in accounts ? accounts[name] : address
          // In the place of an optional account that is left out stands the program itself: anchor-lang, `Option<Account>`.
          if (!pubkey) return { pubkey: id, isSigner: false, isWritable: false }
          return { pubkey, ...is }
        }),
      }),

    /** Undefined where there is none: whoever sends lamports to an address makes an account there, but not one of the program. */
    decode: <T extends keyof OnChain>(type: T, account: Account | undefined): OnChain[T] | undefined =>
      account?.owner === address && isOf(type, account.data)
        ? coder.accounts.decodeUnchecked(type, account.data)
        : undefined,

    /** In bytes. */
    sizeOf: (type: keyof OnChain): number => coder.accounts.size(type),

    /** All accounts of a type, as `getProgramAccounts` asks for them. */
    ofType: (type: keyof OnChain): Filter => ({ memcmp: coder.accounts.memcmp(type) }),
  }
}

/** What the program says with an error, by its name or its number. Undefined for one that is not its own. */
export const sayingOf = (error: string | number): string | undefined => {
  const found = idl.errors?.find(({ name, code }) => error === name || error === code)
  return found && `${found.name}: ${found.msg}`
}

/** Of accounts, by what they hold at an offset. In base58. */
export type Filter = { readonly memcmp: { readonly offset: number; readonly bytes: string } }

/** Undefined for one that is left out on purpose, although the IDL knows its address. */
type Accounts = { readonly [name: string]: PublicKey | undefined }

type AccountInIdl = { readonly name: string; readonly address?: PublicKey; isSigner: boolean; isWritable: boolean }

const accountsOf = (name: string): readonly AccountInIdl[] => ACCOUNTS.get(name)!

const ACCOUNTS = new Map(
  idl.instructions.map(({ name, accounts }): [string, AccountInIdl[]] => [
    name,
    accounts.map((account) => {
      if ('accounts' in account) throw new Error(`the IDL groups accounts of ${name}: ${account.name}`)
      return {
        name: account.name,
        ...(account.address && { address: addressOf(account.address) }),
        isSigner: account.signer ?? false,
        isWritable: account.writable ?? false,
      }
    }),
  ]),
)
