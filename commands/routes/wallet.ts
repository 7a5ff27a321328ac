import { z } from 'zod'
import { contextOf } from '../../adapters/http/idempotency.ts'
import { tellPosition } from '../../adapters/http/positions.ts'
import { problemOf } from '../../adapters/http/problem.ts'
import type { HttpServer } from '../../adapters/http/server.ts'
import { At } from '../../domain/time.ts'
import { bytesOf, isWalletAddress } from '../wallet-address.ts'
import { challenge, type Deps, linkWallet, unlinkWallet } from '../wallets.ts'

const tags = ['profile']
const config = { action: 'profile.own' } as const

const Address = z
  .string()
  .refine(isWalletAddress, 'is no address of a wallet: a point of ed25519 in base58, which somebody has the key of')
  .describe('On Solana, in base58.')

const Challenge = z.object({
  message: z.string().describe('For the wallet to sign, its bytes in UTF-8 as they are.'),
  expiresAt: At.describe('Until when it has to come back.'),
})

const Link = z.strictObject({
  address: Address,
  message: z.string().max(2_000).describe('As the challenge gave it.'),
  signature: z
    .string()
    .refine((text) => bytesOf(text, 64), 'is no signature: 64 bytes in base58')
    .describe('The 64 bytes that the wallet gave, in base58.'),
  consent: z
    .literal(true, 'has to be true: without consent to what the message says, nothing is linked')
    .describe('That the person agrees to what the message says.'),
})

const Linked = z.object({
  walletAddress: z.string().nullable().describe('As it is now: null where a repeated request finds it unlinked.'),
})

/** The wallet that a person's tickets go to on chain. It is in the vault alone; the ledger knows only that there is one. */
export const walletRoutes = (server: HttpServer, deps: Deps): void => {
  server.post(
    '/api/v1/me/wallet/challenge',
    {
      config,
      schema: {
        tags,
        description: 'What a wallet has to sign within ten minutes, so that it can be linked.',
        body: z.strictObject({ address: Address }),
        response: { 200: Challenge },
      },
    },
    ({ caller, body }) => challenge(deps, caller.actor.id, body.address),
  )

  server.post(
    '/api/v1/me/wallet',
    {
      config,
      schema: {
        tags,
        description:
          'Links a wallet, in place of any other, in every tenant. From then on tickets of the person are publicly visible on Solana under its address, and history there cannot be erased.',
        body: Link,
        response: { 200: Linked },
      },
    },
    async (request, reply) => {
      const { address, message, signature } = request.body
      const proof = { address, message, signature: bytesOf(signature, 64)! }
      const outcome = await linkWallet(deps, proof, contextOf(request, 'LinkWallet'))
      if (!outcome.done) throw problemOf(outcome.refused)
      const { id } = request.caller.actor
      const walletAddress = (await deps.wallets.find([id])).get(id) ?? null
      return tellPosition(reply, outcome.position).send({ walletAddress })
    },
  )

  server.delete(
    '/api/v1/me/wallet',
    {
      config,
      schema: {
        tags,
        description:
          'Forgets the wallet, in every tenant. What was on Solana under its address stays in history there.',
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const outcome = await unlinkWallet(deps, contextOf(request, 'UnlinkWallet'))
      if (!outcome.done) throw problemOf(outcome.refused)
      return tellPosition(reply, outcome.position).code(204).send(null)
    },
  )
}
