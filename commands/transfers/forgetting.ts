import type { Addressees } from '../../domain/vault.ts'

/** Forgets the address of an offer that came to nothing. Twice where a backup was reading the vault just then. */
export const forget = (
  { addressees }: { readonly addressees: Pick<Addressees, 'forget'> },
  offerId: string,
): Promise<void> => addressees.forget(offerId).catch(() => addressees.forget(offerId))
