import type { Acted } from '../reactors/reactor.ts'

/** One mail to one person. */
export type Mail = {
  /** Of what wanted it, a UUID: a second mail with the same id is the same mail. */
  readonly id: string
  readonly tenant: string
  readonly to: { readonly name: string; readonly address: string }
  readonly subject: string
  readonly text: string
  readonly html: string
}

export type Mailer = {
  /**
   * Done once another has taken charge of it; refused where that will never be. Throws, without naming the person, where trying again
   * may help. Once the signal aborts, nobody waits any more.
   */
  readonly send: (mail: Mail, signal: AbortSignal) => Promise<Acted>
  readonly close: () => Promise<void>
}
