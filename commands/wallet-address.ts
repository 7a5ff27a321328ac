import base58 from 'bs58'

/** The field of ed25519, and the constant of its curve -x² + y² = 1 + dx²y² (RFC 8032, 5.1). */
const P = 2n ** 255n - 19n
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n

/** How many characters 32 and 64 bytes have at most. Longer texts are not decoded, for that takes the square of their length. */
const LONGEST = { 32: 44, 64: 88 } as const

/** As Solana writes addresses (32 bytes) and signatures (64). Undefined for anything else. */
export const bytesOf = (text: string, length: keyof typeof LONGEST): Uint8Array | undefined => {
  const bytes = text.length > LONGEST[length] ? undefined : base58.decodeUnsafe(text)
  return bytes?.length === length ? bytes : undefined
}

/**
 * Whether an address can be somebody's wallet: a point of the curve, which addresses that a program owns are not, and none of the
 * few of small order, for which anybody can sign.
 */
export const isWalletAddress = (address: string): boolean => {
  const bytes = bytesOf(address, 32)
  if (!bytes) return false
  // Little-endian, its highest bit the sign of x.
  const y = BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`) & (2n ** 255n - 1n)
  const y2 = (y * y) % P
  const isSmall = (y * (y2 - 1n) * (D * y2 * y2 + 2n * y2 - 1n)) % P === 0n
  // x² is (y² - 1) / (dy² + 1), which is a square where the product is.
  return y < P && !isSmall && power((y2 - 1n) * (D * y2 + 1n), (P - 1n) / 2n) === 1n
}

const power = (base: bigint, exponent: bigint): bigint => {
  let [result, square] = [1n, base % P]
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % P
    square = (square * square) % P
  }
  return result
}
