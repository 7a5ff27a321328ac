import type { Streams } from '../../domain/stream.ts'
import type { Addressees, People } from '../../domain/vault.ts'
import type { AcceptanceCodes } from '../transfers/acceptance-codes.ts'
import type { Letter } from './letter.ts'
import type { Mail } from './mailer.ts'

/** What letters are written from. */
export type LetterDeps = Streams & {
  readonly people: Pick<People, 'find'>
  readonly addressees: Pick<Addressees, 'find' | 'forget'>
  readonly acceptanceCodes: Pick<AcceptanceCodes, 'codeOf'>
  /** Where people find their tickets: what links in mails begin with. */
  readonly publicUrl: string
}

/** A letter, and who is to read it. */
export type Addressed = Pick<Mail, 'tenant' | 'to'> & { readonly language: string; readonly letter: Letter }
