import { createHmac, createPublicKey, timingSafeEqual, verify } from 'node:crypto'
import type { ProcessRefusal } from '../domain/refusals.ts'
import { minutes, plus } from '../domain/time.ts'
import { bytesOf } from './wallet-address.ts'

/** Who is to sign, and where. */
export type Signing = {
  readonly personId: string
  /** In base58. */
  readonly address: string
  /** Where people reach us: wallets compare it with the page that asks. */
  readonly publicUrl: string
}

export type ProofRefusal = Extract<ProcessRefusal, `Wallet${string}`>

const CONSENT =
  'I link this wallet to my tickets. Those I have and those I get will be publicly visible on Solana under this address, and history there cannot be erased, not even when I unlink the wallet.'

const VALID_SECONDS = minutes(10)

/**
 * What a wallet is asked to sign, worded as wallets know it: ERC-4361, as Solana has it
 * (https://github.com/phantom/sign-in-with-solana). The nonce stands for all the rest under our key, so none has to be kept.
 */
export const challengeFor = (key: Uint8Array, signing: Signing, at: string): { message: string; expiresAt: string } => {
  const expiresAt = plus(at, VALID_SECONDS)
  return { message: worded(key, signing, at, expiresAt), expiresAt }
}

/**
 * Undefined where the message is one of ours for this person and address, in time, and signed by the address. What was issued before
 * `since` is out of date as well.
 */
export const objectionTo = (
  { message, signature }: { readonly message: string; readonly signature: Uint8Array },
  key: Uint8Array,
  signing: Signing,
  { now, since }: { readonly now: string; readonly since: string },
): ProofRefusal | undefined => {
  const [, issuedAt = '', expiresAt = ''] = TIMES.exec(message) ?? []
  if (!isSame(message, worded(key, signing, issuedAt, expiresAt))) return 'WalletChallengeUnknown'
  if (expiresAt <= now || issuedAt < since) return 'WalletChallengeExpired'
  return verify(null, Buffer.from(message), publicKey(signing.address), signature) ? undefined : 'WalletSignatureWrong'
}

const TIMES = /\nIssued At: (\S+)\nExpiration Time: (\S+)$/

const worded = (key: Uint8Array, { personId, address, publicUrl }: Signing, issuedAt: string, expiresAt: string) => {
  const nonce = createHmac('sha256', key)
    .update(JSON.stringify([personId, address, publicUrl, issuedAt, expiresAt]))
    .digest('hex')
  return `${new URL(publicUrl).host} wants you to sign in with your Solana account:
${address}

${CONSENT}

URI: ${publicUrl}
Version: 1
Nonce: ${nonce}
Issued At: ${issuedAt}
Expiration Time: ${expiresAt}`
}

/** In constant time, for the nonce is a secret until it is told. */
const isSame = (shown: string, made: string): boolean => {
  const [one, other] = [Buffer.from(shown), Buffer.from(made)]
  return one.length === other.length && timingSafeEqual(one, other)
}

const publicKey = (address: string) =>
  createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(bytesOf(address, 32)!).toString('base64url') },
    format: 'jwk',
  })
