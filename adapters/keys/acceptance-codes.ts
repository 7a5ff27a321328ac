import { createHmac, timingSafeEqual } from 'node:crypto'
import type { AcceptanceCodes } from '../../commands/transfers/acceptance-codes.ts'

/** Crockford's: of the letters that look like others, none is in a code, and all but U are read as what they look like. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

const LENGTH = 8

/** Codes of 40 bits: the first of HMAC-SHA256(key, offerId), five to a character. */
export const acceptanceCodes = (key: Uint8Array): AcceptanceCodes => {
  const charactersOf = (offerId: string): string => {
    const hmac = createHmac('sha256', key).update(offerId).digest()
    const bits = Array.from(hmac, (byte) => byte.toString(2).padStart(8, '0')).join('')
    return Array.from({ length: LENGTH }, (_, i) => ALPHABET[Number.parseInt(bits.slice(i * 5, i * 5 + 5), 2)]).join('')
  }
  return {
    codeOf: (offerId) => charactersOf(offerId).replace(/^.{4}/, '$&-'),
    isCodeOf: (offerId, given) => {
      const [shown, made] = [Buffer.from(asMeant(given)), Buffer.from(charactersOf(offerId))]
      return shown.length === made.length && timingSafeEqual(shown, made)
    },
  }
}

const asMeant = (typed: string): string =>
  typed.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1')
