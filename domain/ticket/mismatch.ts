import type { CopyTrouble } from './facts.ts'

/** Why ledger and chain disagree on a ticket, or on an account that no ticket has. */
export type Cause = CopyTrouble | 'not_yet_sent' | 'unknown_in_ledger'

/** What to do about it, for whoever has to. */
export const repairs: { readonly [C in Cause]: string } = {
  not_yet_sent:
    'chain-sync sends it as soon as it can: see /health for what keeps it. Ordering the repair sends it anew.',
  failed: 'The program refused it: see the chain part of /health for why. Ordering the repair sends it anew.',
  unknown_on_chain: 'Its account is gone, or was never there: ordering the repair opens it anew.',
  version_behind: 'The chain has fallen back behind what was final: ordering the repair sends it anew.',
  holder_differs:
    'Somebody with the key of the authority changed it: ordering the repair moves it back. See to the key.',
  status_differs:
    'Somebody with the key of the authority changed it: ordering the repair sets it right. See to the key.',
  mint_missing: 'Its token is gone: ordering the repair mints it anew.',
  unknown_in_ledger: 'Somebody with the key of the authority opened it, and nothing here uses it. See to the key.',
}
