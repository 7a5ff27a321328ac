import { VersionedTransaction } from '@solana/web3.js'
import bs58 from 'bs58'
import { z } from 'zod'
import { unpacked } from './detail.ts'
import { invalidParams, RpcError } from './errors.ts'
import { Address, asOf, type Methods, method, type Node, options, Signature } from './methods.ts'
import type { Sent } from './store.ts'

/** As many as nodes take in one request. */
const MAX_SIGNATURES = 256

/** As many as nodes answer with. */
const MAX_NAMING = 1_000

/** What became of transactions. */
export const aboutTransactions = ({ store, moment }: Node): Methods => {
  const statusOf = (sent: Sent) => {
    const isFinal = sent.at <= moment('finalized').at
    const err = sent.error === null ? null : JSON.parse(sent.error)
    return {
      slot: sent.slot,
      confirmations: isFinal ? null : moment().height - sent.slot,
      err,
      status: err ? { Err: err } : { Ok: null },
      confirmationStatus: isFinal ? 'finalized' : 'processed',
    }
  }

  return {
    getSignatureStatuses: method(
      z.tuple([z.array(Signature).max(MAX_SIGNATURES), options({ searchTransactionHistory: z.boolean().optional() })]),
      (signatures) =>
        asOf(
          moment(),
          signatures.map((signature) => {
            const sent = store.sent(signature)
            return sent ? statusOf(sent) : null
          }),
        ),
    ),
    getSignaturesForAddress: method(
      z.tuple([
        Address,
        options({
          ...{ before: Signature.nullish(), until: Signature.nullish() },
          limit: z.int().min(1).max(MAX_NAMING).nullish(),
        }),
      ]),
      (address, asked) => {
        // Nodes answer with what is final unless they are asked for more.
        const { at } = moment(asked?.commitment ?? 'finalized')
        const between = { before: asked?.before ?? undefined, until: asked?.until ?? undefined }
        const found = store.naming(address, between, at, asked?.limit ?? MAX_NAMING)
        if (!found) throw invalidParams('before or until is no transaction of this chain')
        return found.map((sent) => ({
          ...{ signature: bs58.encode(sent.signature), slot: sent.slot, blockTime: Math.floor(sent.at / 1_000) },
          ...{ err: sent.error === null ? null : JSON.parse(sent.error), memo: null },
          confirmationStatus: sent.at <= moment('finalized').at ? 'finalized' : 'confirmed',
        }))
      },
    ),
    getTransaction: method(
      z.tuple([
        Signature,
        options({
          encoding: z.enum(['json', 'jsonParsed', 'base58', 'base64']).optional(),
          maxSupportedTransactionVersion: z.int().optional(),
        }),
      ]),
      (signature, asked) => {
        const sent = store.sent(signature)
        if (!sent) return null
        const { version } = VersionedTransaction.deserialize(sent.bytes)
        const newest = asked?.maxSupportedTransactionVersion
        if (version !== 'legacy' && (newest === undefined || newest < version))
          throw new RpcError(-32015, `Transaction version (${version}) is not supported by the requesting client`)
        return {
          ...{ slot: sent.slot, blockTime: Math.floor(sent.at / 1_000), meta: metaOf(sent) },
          transaction: transactionView(sent, asked?.encoding ?? 'json'),
          ...(newest !== undefined && { version }),
        }
      },
    ),
  }
}

const metaOf = ({ error, fee, units, detail }: Sent) => {
  const { logs, before, after } = unpacked(detail)
  const err = error === null ? null : JSON.parse(error)
  return {
    ...{ err, status: err ? { Err: err } : { Ok: null }, fee, computeUnitsConsumed: units },
    ...{ preBalances: before, postBalances: after, logMessages: logs },
    ...{ innerInstructions: null, preTokenBalances: null, postTokenBalances: null, rewards: null },
    loadedAddresses: { writable: [], readonly: [] },
  }
}

/** What it cannot parse a node shows with its accounts by name. This one parses nothing. */
const transactionView = ({ bytes }: Sent, encoding: 'json' | 'jsonParsed' | 'base58' | 'base64') => {
  if (encoding === 'base64') return [Buffer.from(bytes).toString('base64'), encoding]
  if (encoding === 'base58') return [bs58.encode(bytes), encoding]
  const { signatures, message } = VersionedTransaction.deserialize(bytes)
  const keys = message.staticAccountKeys.map((key) => key.toBase58())
  const isParsed = encoding === 'jsonParsed'
  return {
    signatures: signatures.map((signature) => bs58.encode(signature)),
    message: {
      header: message.header,
      recentBlockhash: message.recentBlockhash,
      accountKeys: isParsed
        ? keys.map((pubkey, i) => ({
            ...{ pubkey, signer: message.isAccountSigner(i), writable: message.isAccountWritable(i) },
            source: 'transaction',
          }))
        : keys,
      instructions: message.compiledInstructions.map(({ programIdIndex, accountKeyIndexes, data }) => ({
        data: bs58.encode(data),
        stackHeight: null,
        ...(isParsed
          ? { programId: keys[programIdIndex], accounts: accountKeyIndexes.map((i) => keys[i]) }
          : { programIdIndex, accounts: accountKeyIndexes }),
      })),
    },
  }
}
