import {
  Keypair,
  PublicKey,
  SystemProgram,
  TransactionMessage,
  VersionedMessage,
  VersionedTransaction,
} from '@solana/web3.js'
import bs58 from 'bs58'
import { z } from 'zod'
import { accountView } from './about-accounts.ts'
import { packed } from './detail.ts'
import type { Executed, Find } from './engine.ts'
import { invalidParams, RpcError, wordsFor } from './errors.ts'
import { Address, asOf, Commitment, type Methods, method, type Node, options } from './methods.ts'
import { type Wire, wireOf } from './wire.ts'

const Encoding = z.enum(['base58', 'base64']).optional()

/** Pays any fee there is. In lamports. */
const RICH = 10n ** 15n

/** What a transaction with one signature costs. */
const TRANSFER_FEE = 5_000n

/** What changes the chain, or would. */
export const sending = ({ store, engine, blocks, moment }: Node): Methods => {
  const isTooOld = ({ blockhash }: Wire) => !blocks.isValid(blockhash, moment().height)

  /** Does once what it is sent any number of times. What fails is kept, with the fee it paid, only where `keepFailed` says so. */
  const carryOut = (
    wire: Wire,
    keepFailed: boolean,
    find: Find = store.find,
  ): Pick<Executed, 'error' | 'logs' | 'units'> =>
    store.atomically(() => {
      if (store.sent(wire.signature)) return { error: null, logs: [], units: 0 }
      if (isTooOld(wire)) return { error: 'BlockhashNotFound', logs: [], units: 0 }
      const now = moment()
      const executed = engine.execute(wire, find, now)
      const { error, logs, units, fee, before, after } = executed
      if (error && (fee === 0n || !keepFailed)) return executed
      for (const account of executed.changed) store.put(account)
      const detail = packed({ logs, before: before.map(Number), after: after.map(Number) })
      const { signature, bytes } = wire
      const record = { signature, bytes, at: now.at, slot: now.height, fee: Number(fee), units, detail }
      store.record(
        { ...record, error: error && JSON.stringify(error) },
        wire.keys.map(({ address }) => address),
      )
      return executed
    })

  /** Throws as a node does whose preflight found something. */
  const send = (wire: Wire, find = store.find): string => {
    const { error, logs, units } = carryOut(wire, false, find)
    if (error === 'SignatureFailure') throw new RpcError(-32003, 'Transaction signature verification failure')
    if (error)
      throw new RpcError(-32002, `Transaction simulation failed: ${wordsFor(error, logs)}`, {
        err: error,
        ...{ logs, unitsConsumed: units, accounts: null, returnData: null },
      })
    return bs58.encode(wire.signature)
  }

  /** Nothing comes of it. */
  const run = (wire: Wire, find: Find, verify: boolean): Executed =>
    store.atOneMoment(() => engine.execute(wire, find, moment(), { verify }))

  return {
    sendTransaction: method(
      z.tuple([
        z.string(),
        options({
          encoding: Encoding,
          skipPreflight: z.boolean().optional(),
          preflightCommitment: Commitment.optional(),
        }),
      ]),
      (encoded, asked) => {
        const wire = wireOf(encoded, asked?.encoding)
        if (!asked?.skipPreflight) return send(wire)
        // Without preflight a node passes on what all others may drop, and does not say so.
        carryOut(wire, true)
        return bs58.encode(wire.signature)
      },
    ),

    simulateTransaction: method(
      z.tuple([
        z.string(),
        options({
          ...{ encoding: Encoding, sigVerify: z.boolean().optional(), replaceRecentBlockhash: z.boolean().optional() },
          accounts: z.object({ addresses: z.array(Address).max(64) }).nullish(),
        }),
      ]),
      (encoded, asked) => {
        const wire = wireOf(encoded, asked?.encoding)
        const simulated =
          !asked?.replaceRecentBlockhash && isTooOld(wire)
            ? { error: 'BlockhashNotFound', logs: [], units: 0, changed: [], returned: null }
            : run(wire, store.find, asked?.sigVerify ?? false)
        const { error, logs, units, changed, returned } = simulated
        const left = (address: Uint8Array) => {
          const account = changed.find((one) => Buffer.compare(one.address, address) === 0) ?? store.find(address)
          return account && account.lamports > 0n ? accountView(account, account.data.length, account.data) : null
        }
        return asOf(moment(), {
          ...{ err: error, logs, unitsConsumed: units },
          accounts: error ? null : (asked?.accounts?.addresses.map(left) ?? null),
          returnData: returned && { programId: bs58.encode(returned.program), data: [base64(returned.data), 'base64'] },
        })
      },
    ),

    getFeeForMessage: method(z.tuple([z.string(), options({})]), (encoded) => {
      const wire = unsigned(encoded)
      if (isTooOld(wire)) return asOf(moment(), null)
      const find = withPurse(store.find, wire.keys[0]!.address, RICH)
      return asOf(moment(), Number(run(wire, find, false).fee))
    }),

    requestAirdrop: method(z.tuple([Address, z.int().min(1), options({})]), (address, lamports) => {
      // Each comes from a faucet of its own, which has just enough.
      const faucet = Keypair.generate()
      const wire = transfer(faucet, address, lamports, blocks.blockhash(moment().height))
      return send(wire, withPurse(store.find, faucet.publicKey.toBytes(), BigInt(lamports) + TRANSFER_FEE))
    }),
  }
}

/** Accounts as they are, but one, which has money only. */
const withPurse =
  (find: Find, purse: Uint8Array, lamports: bigint): Find =>
  (address) =>
    Buffer.compare(address, purse) === 0
      ? { address, owner: SystemProgram.programId.toBytes(), lamports, data: new Uint8Array() }
      : find(address)

const transfer = (from: Keypair, to: Uint8Array, lamports: number, recentBlockhash: string): Wire => {
  const [payerKey, toPubkey] = [from.publicKey, new PublicKey(to)]
  const instructions = [SystemProgram.transfer({ fromPubkey: payerKey, toPubkey, lamports })]
  const message = new TransactionMessage({ payerKey, recentBlockhash, instructions }).compileToLegacyMessage()
  const transaction = new VersionedTransaction(message)
  transaction.sign([from])
  return wireOf(base64(transaction.serialize()), 'base64')
}

const unsigned = (encoded: string): Wire => {
  let bytes: Uint8Array
  try {
    bytes = new VersionedTransaction(VersionedMessage.deserialize(Buffer.from(encoded, 'base64'))).serialize()
  } catch {
    throw invalidParams('failed to deserialize the message')
  }
  return wireOf(base64(bytes), 'base64')
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
