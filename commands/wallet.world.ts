import { generateKeyPairSync, sign } from 'node:crypto'
import base58 from 'bs58'

/** A wallet as its owner has it: an address, and what signs. */
export const newWallet = () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const { x } = publicKey.export({ format: 'jwk' })
  return {
    address: base58.encode(Buffer.from(x!, 'base64url')),
    sign: (message: string): string => base58.encode(sign(null, Buffer.from(message), privateKey)),
  }
}

export type OwnWallet = ReturnType<typeof newWallet>
