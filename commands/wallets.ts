import { person } from '../domain/person.ts'
import { load } from '../domain/stream.ts'
import type { Vault, Wallets } from '../domain/vault.ts'
import { type Context, type Deps as HandleDeps, handle, type Outcome } from './handle.ts'
import { personStreamIdOf, stepIdOf } from './ids.ts'
import { challengeFor, objectionTo, type ProofRefusal } from './wallet-challenge.ts'

const PURPOSE = 'wallet-challenge'

type Kept = HandleDeps & { readonly wallets: Wallets }

export type Deps = Kept & {
  readonly keyFor: Vault['keyFor']
  /** Where people reach us. */
  readonly publicUrl: string
}

/** What a wallet made of a challenge. */
export type Proof = { readonly address: string; readonly message: string; readonly signature: Uint8Array }

// A fact of a wallet does not say which: whoever reads it looks into the vault. So the vault changes first, the fact follows, and
// what dies in between is ended by the same request when it comes again, or by the next one.

/** What the holder of an address is to sign, and until when. */
export const challenge = async (deps: Deps, personId: string, address: string) =>
  challengeFor(await deps.keyFor(PURPOSE), { personId, address, publicUrl: deps.publicUrl }, deps.now())

/**
 * Links a wallet to whoever asks, in place of any other; one that is linked already records nothing. A repetition changes nothing
 * again, even where the wallet was unlinked or erased since.
 */
export const linkWallet = async (deps: Deps, proof: Proof, context: Context): Promise<Outcome<ProofRefusal>> => {
  const { address } = proof
  const { streamId, state, at, revision, commands, wallet } = await lookUp(deps, context)
  const link = () => handle(deps, person, streamId, { type: 'LinkWallet' }, context)
  if (commands.has(context.commandId)) return link()

  const signing = { personId: context.actor.id, address, publicUrl: deps.publicUrl }
  // Nobody comes back by what they signed before they were erased.
  const time = { now: deps.now(), since: state.status === 'erased' ? at : '' }
  const refused = objectionTo(proof, await deps.keyFor(PURPOSE), signing, time)
  if (refused) return { done: false, refused }
  if (state.hasWallet && wallet === address) return link()

  // A wallet that took another's place under one fact would, after a crash, look like one that was told of.
  if (wallet !== address) await unlinkWallet(deps, step(context, `unlink/${revision}`))
  await deps.wallets.save(context.actor.id, address)
  const outcome = await link()
  if (!outcome.done || (await lookUp(deps, context)).commands.has(context.commandId)) return outcome

  // Another request was told of first, and may have been for another wallet: so once more, from the start.
  await unlinkWallet(deps, step(context, `yield/${revision}`))
  return linkWallet(deps, proof, context)
}

/** Forgets the wallet of whoever asks; without one it records nothing. A repetition does not take what was linked since. */
export const unlinkWallet = async (deps: Kept, context: Context): Promise<Outcome<never>> => {
  const { streamId, commands } = await lookUp(deps, context)
  if (!commands.has(context.commandId)) {
    await tellOfWallet(deps, context)
    await deps.wallets.remove(context.actor.id)
  }
  return handle(deps, person, streamId, { type: 'UnlinkWallet' }, context)
}

/**
 * Has the ledger know of the wallet in the vault, so that there is a fact of its end, too. It may not: the request that saved it died
 * before it could tell, or it was linked in another tenant.
 */
export const tellOfWallet = async (deps: Kept, context: Context): Promise<void> => {
  const { streamId, state, wallet } = await lookUp(deps, context)
  if (wallet !== undefined && !state.hasWallet)
    await handle(deps, person, streamId, { type: 'LinkWallet' }, step(context, 'link'))
}

const lookUp = async (deps: Kept, { tenant, actor }: Context) => {
  const streamId = personStreamIdOf(tenant, actor.id)
  const wallet = (await deps.wallets.find([actor.id])).get(actor.id)
  return { streamId, wallet, ...(await load(deps, person, streamId)) }
}

const step = (context: Context, name: string): Context => ({
  ...context,
  commandId: stepIdOf(context.commandId, name),
})
