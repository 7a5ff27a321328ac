import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto'
import bs58 from 'bs58'

/** Addresses that transactions name so that they can be found: https://docs.solanapay.com/spec#reference. Nobody has a key to them. */
export type References = {
  /** What every payment names besides its own. */
  readonly ofAll: string
  readonly of: (paymentId: string) => string
  /** The payment that it is of; undefined where it is not one of ours. */
  readonly paymentIn: (address: string) => string | undefined
}

/** 16 bytes of the payment's id enciphered, 16 that tell whether they are ours: so it is known whose a payment is without a list. */
export const references = (key: Uint8Array): References => {
  const derived = (purpose: string) => Buffer.from(hkdfSync('sha256', key, '', purpose, 32))
  const [cipherKey, tagKey] = [derived('reference/cipher').subarray(0, 16), derived('reference/tag')]
  const tagOf = (id: Uint8Array) => createHmac('sha256', tagKey).update(id).digest().subarray(0, 16)

  return {
    ofAll: bs58.encode(derived('reference/of-all')),
    of: (paymentId) => {
      const id = Buffer.from(paymentId.replaceAll('-', ''), 'hex')
      const cipher = createCipheriv('aes-128-ecb', cipherKey, null).setAutoPadding(false)
      return bs58.encode(Buffer.concat([cipher.update(id), cipher.final(), tagOf(id)]))
    },
    paymentIn: (address) => {
      const bytes = bs58.decodeUnsafe(address)
      if (bytes?.length !== 32) return undefined
      const cipher = createDecipheriv('aes-128-ecb', cipherKey, null).setAutoPadding(false)
      const id = Buffer.concat([cipher.update(bytes.subarray(0, 16)), cipher.final()])
      if (!tagOf(id).equals(bytes.subarray(16))) return undefined
      return id.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
    },
  }
}
