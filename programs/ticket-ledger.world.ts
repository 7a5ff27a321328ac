import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { BN, EventParser, type Idl, Program } from '@coral-xyz/anchor'
import { type Address, getTransactionDecoder, lamports } from '@solana/kit'
import { ASSOCIATED_TOKEN_PROGRAM_ID, getAssociatedTokenAddressSync, TOKEN_2022_PROGRAM_ID } from '@solana/spl-token'
import { Connection, Keypair, PublicKey, Transaction, TransactionInstruction } from '@solana/web3.js'
import { FailedTransactionMetadata, LiteSVM } from 'litesvm'

export type Status = 'active' | 'locked' | 'closed'

export type EventPut = {
  readonly seed: string
  readonly version: number
  readonly closesAt: number
  readonly token: boolean
  readonly name: string
  readonly uri: string
}

/** A ticket as it will be. `from` is the recorded holder, where the token has to leave it. */
export type TicketPut = {
  readonly ticket: string
  readonly version: number
  readonly generation?: number
  readonly status?: Status
  readonly holder: PublicKey
  readonly from?: PublicKey
}

export type Sent = {
  /** The name of the program's or Anchor's error, or what another program said. */
  readonly error?: string
  readonly units: number
  readonly announced: readonly { readonly name: string; readonly data: unknown }[]
}

const idl: Idl = JSON.parse(readFileSync(new URL('built/ticket_ledger.json', import.meta.url), 'utf8'))
const built = readFileSync(process.env.SBF_PROGRAM ?? new URL('built/ticket_ledger.so', import.meta.url))

/** Nothing is read through it: the client only writes instructions. */
const program = new Program(idl, { connection: new Connection('http://127.0.0.1:1') })
export const PROGRAM_ID = program.programId

export const SOL = 1_000_000_000n
export const NOW = 1_750_000_000
export const CLOSES_AT = NOW + 86_400

const hashed = (name: string): Buffer => createHash('sha256').update(name).digest()

/** The same key for the same name, so that addresses, and what it costs to find them, never vary. */
export const keyOf = (name: string): Keypair => Keypair.fromSeed(hashed(name))

const derived = (...seeds: (Buffer | string)[]): PublicKey =>
  PublicKey.findProgramAddressSync(
    seeds.map((seed) => Buffer.from(seed)),
    PROGRAM_ID,
  )[0]

export const eventOf = (authority: PublicKey, seed: string) => derived('event', authority.toBuffer(), hashed(seed))
export const ticketOf = (event: PublicKey, seed: string) => derived('ticket', event.toBuffer(), hashed(seed))
export const mintOf = (ticket: PublicKey) => derived('mint', ticket.toBuffer())
export const logOf = (authority: PublicKey) => derived('log', authority.toBuffer())
export const headOf = (log: PublicKey, number: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(number)
  return derived('head', log.toBuffer(), bytes)
}
export const tokenAccountOf = (mint: PublicKey, holder: PublicKey) =>
  getAssociatedTokenAddressSync(mint, holder, true, TOKEN_2022_PROGRAM_ID)

/** A chain of its own with the program on it, and an authority with funds. */
export const ticketLedger = () => {
  const svm = new LiteSVM()
  svm.addProgram(addressOf(PROGRAM_ID), built)
  const authority = keyOf('authority')

  const fund = (key: PublicKey, amount: bigint) => svm.airdrop(addressOf(key), lamports(amount))
  const setTime = (seconds: number) => {
    const clock = svm.getClock()
    clock.unixTimestamp = BigInt(seconds)
    svm.setClock(clock)
  }
  fund(authority.publicKey, 1000n * SOL)
  setTime(NOW)

  const data = (key: PublicKey): Buffer | undefined => {
    const account = svm.getAccount(addressOf(key))
    return account.exists && account.data.length > 0 ? Buffer.from(account.data) : undefined
  }
  const read = (name: string, key: PublicKey) => {
    const found = data(key)
    return found && plainly(program.coder.accounts.decode(name, found))
  }

  /** For libraries that read accounts through a connection. */
  const connection = {
    getAccountInfo: async (key: PublicKey) => {
      const account = svm.getAccount(addressOf(key))
      return account.exists
        ? { ...account, data: Buffer.from(account.data), owner: new PublicKey(account.programAddress) }
        : null
    },
  } as unknown as Connection

  /** Sends what is given in one transaction. The first who signs pays. */
  const send = async (instructions: readonly Wanted[], signers: readonly Keypair[] = [authority]): Promise<Sent> => {
    const transaction = new Transaction({ feePayer: signers[0]!.publicKey, recentBlockhash: svm.latestBlockhash() })
    transaction.add(...(await Promise.all(instructions)))
    transaction.sign(...new Map(signers.map((signer) => [signer.publicKey.toBase58(), signer])).values())
    const result = svm.sendTransaction(getTransactionDecoder().decode(transaction.serialize()))
    svm.expireBlockhash()
    const failed = result instanceof FailedTransactionMetadata
    const meta = failed ? result.meta() : result
    return {
      ...(failed && { error: whyFailed(meta.logs()) ?? result.err().toString() }),
      units: Number(meta.computeUnitsConsumed()),
      announced: [...new EventParser(PROGRAM_ID, program.coder).parseLogs(meta.logs())].map(({ name, data }) => ({
        name,
        data: plainly(data),
      })),
    }
  }

  return {
    svm,
    authority,
    fund,
    setTime,
    send,
    connection,
    data,
    read,
    balance: (key: PublicKey): bigint => svm.getBalance(addressOf(key)) ?? 0n,
    rent: (bytes: number): bigint => svm.minimumBalanceForRentExemption(BigInt(bytes)),
  }
}

type Wanted = TransactionInstruction | Promise<TransactionInstruction>
/** Accounts by their names in the IDL; null is left out. */
export type Accounts = Readonly<Record<string, PublicKey | null>>

export const addressOf = (key: PublicKey): Address => key.toBase58() as Address

export const putEvent = (authority: PublicKey, put: EventPut, accounts: Accounts = {}) =>
  instruction(
    'putEvent',
    [[...hashed(put.seed)], new BN(put.version), new BN(put.closesAt), put.token, put.name, put.uri],
    { authority, event: eventOf(authority, put.seed), ...accounts },
  )

/** What a ticket without a token leaves out. */
export const WITHOUT_TOKEN: Accounts = {
  mint: null,
  holderToken: null,
  tokenProgram: null,
  associatedTokenProgram: null,
}

export const putTicket = (authority: PublicKey, event: PublicKey, put: TicketPut, accounts: Accounts = {}) => {
  const { version, status = 'active', generation = 1, holder, from } = put
  const ticket = ticketOf(event, put.ticket)
  const mint = mintOf(ticket)
  return instruction('putTicket', [[...hashed(put.ticket)], new BN(version), generation, { [status]: {} }], {
    authority,
    event,
    ticket,
    holder,
    mint,
    holderToken: status === 'closed' ? null : tokenAccountOf(mint, holder),
    previousToken: from ? tokenAccountOf(mint, from) : null,
    previousHolder: null,
    tokenProgram: TOKEN_2022_PROGRAM_ID,
    associatedTokenProgram: status === 'closed' ? null : ASSOCIATED_TOKEN_PROGRAM_ID,
    ...accounts,
  })
}

export const closeTicket = (authority: PublicKey, event: PublicKey, seed: string, accounts: Accounts = {}) =>
  instruction('closeTicket', [], {
    authority,
    event,
    ticket: ticketOf(event, seed),
    mint: null,
    holderToken: null,
    holder: null,
    tokenProgram: null,
    ...accounts,
  })

/** `number` is the one that the head will have. */
export const publishHead = (authority: PublicKey, number: number, size: number, root: Buffer) => {
  const log = logOf(authority)
  return instruction('publishHead', [new BN(size), [...root]], { authority, log, head: headOf(log, number) })
}

const instruction = (name: string, args: readonly unknown[], accounts: Accounts): Promise<TransactionInstruction> =>
  program.methods[name]!(...args)
    .accountsPartial(accounts as Record<string, PublicKey>)
    .instruction()

/** As a stranger would: who should sign is named, and does not. */
export const unsigned = async (wanted: Promise<TransactionInstruction>, by: PublicKey) => {
  const { keys, ...rest } = await wanted
  return new TransactionInstruction({
    ...rest,
    keys: keys.map((key) => (key.pubkey.equals(by) ? { ...key, isSigner: false } : key)),
  })
}

/** The program's own error by its name, before what a program that it called said. */
const whyFailed = (logs: readonly string[]): string | undefined => {
  const of = (pattern: RegExp) => logs.map((line) => pattern.exec(line)?.[1]).find(Boolean)
  return of(/Error Code: (\w+)/) ?? of(/Program log: Error: (.+)/) ?? of(/failed: (.+)/)
}

/** Keys as base58, numbers as numbers, bytes as hex, an enum as its word: as a test writes them down. */
const plainly = (record: object): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, plain(value)]))

const plain = (value: unknown): unknown => {
  if (BN.isBN(value)) return (value as BN).toNumber()
  if (value instanceof PublicKey) return value.toBase58()
  if (Array.isArray(value)) return Buffer.from(value).toString('hex')
  return typeof value === 'object' && value !== null ? Object.keys(value)[0] : value
}
