import type { Supersession, Ticket } from '../ticket/state.ts'
import { plus } from '../time.ts'
import { type Case, type Finding, failed, passed, skipped } from './case.ts'
import { CLOCK_TOLERANCE_SECONDS, carrierOf, madeAt } from './code.ts'
import { earlier, told } from './earlier.ts'
import type { DenialReason } from './verdict.ts'

/** Step 2. Nobody without the key can have made it, and no newer credential has taken its place. */
export const codeAuthentic = ({ generation, hmac, ticket }: Case): Finding => {
  if (generation === null) return skipped('no ticket that has a key')
  if (typeof hmac === 'string') return failed('bad_code', hmac === 'bad' ? 'hmac differs' : 'hmac not verified')
  const note = `generation ${hmac.generation} shown, ${generation} live`
  return hmac.generation === generation ? passed(note) : failed(reasons[endOf(ticket, hmac.generation)], note)
}

/** How a credential ended that is no longer the live one. */
const endOf = (ticket: Ticket, generation: number): keyof typeof reasons =>
  ('superseded' in ticket && ticket.superseded[generation - 1]) || 'replaced'

const reasons = {
  transferred: 'transferred_code',
  resold: 'transferred_code',
  reissued: 'reissued_code',
  replaced: 'superseded_code',
} as const satisfies Record<Supersession | 'replaced', DenialReason>

/** Step 3. A code of the app admits once. A static one comes again by nature: steps 15 and 16 judge it. */
export const codeNotReplayed = ({ known, code, admissions, event }: Case): Finding => {
  if (!known) return skipped('unknown ticket')
  if (carrierOf(code) === 'static') return skipped('a static code comes again by nature')
  const used = admissions.find(({ nonce }) => nonce === code.nonce)
  if (!used) return passed(`new among ${admissions.length} admissions`)
  return failed('replayed_code', `admitted at ${used.happenedAt}`, {
    detail: told(used, event),
    admittedBefore: earlier(used),
  })
}

/** Step 4. It is of a kind that this gate takes, and of these seconds where it rotates. */
export const codeFresh = ({ code, at, policy: { carriers, rotationSeconds } }: Case): Finding => {
  const carrier = carrierOf(code)
  if (!carriers.includes(carrier)) return failed('carrier_not_accepted', `${carrier} shown, ${carriers.join()} taken`)
  if (carrier === 'static') return skipped('a static code does not rotate')
  const made = madeAt(code)
  const age = Math.floor((Date.parse(at) - Date.parse(made)) / 1_000)
  const lifetime = rotationSeconds + CLOCK_TOLERANCE_SECONDS
  const note = `${age} s old, from ${-CLOCK_TOLERANCE_SECONDS} to ${lifetime} s taken`
  if (at < plus(made, -CLOCK_TOLERANCE_SECONDS)) return failed('code_from_the_future', note)
  if (at >= plus(made, lifetime)) return failed('expired_code', note)
  return passed(note)
}
