/** The field of edwards25519 and its d: RFC 8032, section 5.1. */
const P = 2n ** 255n - 19n
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n

/**
 * Whether 32 bytes are a point of Ed25519, so that somebody may have a key to them. For a y there is an x where (y² - 1) / (dy² + 1)
 * is a square; whether it is one is told by a Jacobi symbol, at a seventh of the cost of finding x.
 */
export const isOnCurve = (bytes: Uint8Array): boolean => {
  const littleEndian = Buffer.from(bytes)
  // The highest bit is x's sign.
  littleEndian[31]! &= 0x7f
  const y = BigInt(`0x${littleEndian.reverse().toString('hex')}`)
  const square = (y * y) % P
  // u / v is a square where u * v is one.
  return jacobi(((square + P - 1n) * ((D * square + 1n) % P)) % P, P) !== -1
}

/** For an odd n. Cohen, A Course in Computational Algebraic Number Theory, algorithm 1.4.10. */
const jacobi = (of: bigint, modulus: bigint): number => {
  let sign = 1
  let [a, n] = [of, modulus]
  while (a !== 0n) {
    const twos = trailingZeros(a)
    a >>= BigInt(twos)
    const last = Number(BigInt.asUintN(3, n))
    if (twos % 2 === 1 && (last === 3 || last === 5)) sign = -sign
    if (last % 4 === 3 && BigInt.asUintN(2, a) === 3n) sign = -sign
    ;[a, n] = [n % a, a]
  }
  return n === 1n ? sign : 0
}

const trailingZeros = (a: bigint): number => {
  for (let at = 0; ; at += 32) {
    const word = Number(BigInt.asUintN(32, a >> BigInt(at)))
    if (word !== 0) return at + 31 - Math.clz32(word & -word)
  }
}
