import {
  AuthorityType,
  createApproveCheckedInstruction,
  createAssociatedTokenAccountInstruction,
  createBurnCheckedInstruction,
  createCloseAccountInstruction,
  createEnableRequiredMemoTransfersInstruction,
  createReallocateInstruction,
  createSetAuthorityInstruction,
  createThawAccountInstruction,
  createTransferCheckedInstruction,
  ExtensionType,
  TOKEN_2022_PROGRAM_ID as PROGRAM,
} from '@solana/spl-token'
import type { Keypair, PublicKey, TransactionInstruction } from '@solana/web3.js'
import { describe, expect, it } from 'vitest'
import { eventWorld } from './event.world.ts'
import { keyOf, SOL } from './ticket-ledger.world.ts'

const [alice, bob] = [keyOf('alice'), keyOf('bob')]

/** A ticket that alice holds, and what a holder may try with the token's account: alice and bob have funds of their own. */
const heldByAlice = async () => {
  const world = await eventWorld({ token: true })
  for (const { publicKey } of [alice, bob]) world.ledger.fund(publicKey, SOL)
  await world.put({ ticket: 't', version: 1, holder: alice.publicKey })
  const mint = world.mint('t')
  const accountOf = (holder: PublicKey) => world.tokenAccount('t', holder)
  const openFor = (holder: Keypair, payer = holder) =>
    createAssociatedTokenAccountInstruction(
      payer.publicKey,
      accountOf(holder.publicKey),
      holder.publicKey,
      mint,
      PROGRAM,
    )
  return { ...world, mint, accountOf, openFor, hers: accountOf(alice.publicKey), his: accountOf(bob.publicKey) }
}

type Held = Awaited<ReturnType<typeof heldByAlice>>

type Attempt = {
  readonly to: string
  readonly refused: string
  readonly by: (held: Held) => readonly TransactionInstruction[]
}

const attempts: readonly Attempt[] = [
  {
    to: 'move it',
    refused: 'Account is frozen',
    by: ({ mint, hers, his, openFor }) => [
      openFor(bob, alice),
      createTransferCheckedInstruction(hers, mint, his, alice.publicKey, 1, 0, [], PROGRAM),
    ],
  },
  {
    to: 'burn it',
    refused: 'Account is frozen',
    by: ({ mint, hers }) => [createBurnCheckedInstruction(hers, mint, alice.publicKey, 1, 0, [], PROGRAM)],
  },
  {
    to: 'name a delegate',
    refused: 'Account is frozen',
    by: ({ mint, hers }) => [
      createApproveCheckedInstruction(hers, mint, bob.publicKey, alice.publicKey, 1, 0, [], PROGRAM),
    ],
  },
  {
    to: 'close the account',
    refused: 'Non-native account can only be closed if its balance is zero',
    by: ({ hers }) => [createCloseAccountInstruction(hers, alice.publicKey, alice.publicKey, [], PROGRAM)],
  },
  {
    to: 'let another close the account',
    refused: 'Account is frozen',
    by: ({ hers }) => [
      createSetAuthorityInstruction(hers, alice.publicKey, AuthorityType.CloseAccount, bob.publicKey, [], PROGRAM),
    ],
  },
  {
    to: 'give the account away',
    refused: 'Account is frozen',
    by: ({ hers }) => [
      createSetAuthorityInstruction(hers, alice.publicKey, AuthorityType.AccountOwner, bob.publicKey, [], PROGRAM),
    ],
  },
  {
    to: 'thaw the account',
    refused: 'owner does not match',
    by: ({ mint, hers }) => [createThawAccountInstruction(hers, mint, alice.publicKey, [], PROGRAM)],
  },
  {
    to: 'close the mint',
    refused: 'owner does not match',
    by: ({ mint }) => [createCloseAccountInstruction(mint, alice.publicKey, alice.publicKey, [], PROGRAM)],
  },
]

describe('outside the ledger', () => {
  it.each(attempts)('its holder cannot $to', async ({ by, refused }) => {
    const held = await heldByAlice()
    const before = held.ledger.data(held.hers)
    expect(await held.ledger.send(by(held), [alice])).toMatchObject({ error: refused })
    expect(held.ledger.data(held.hers)).toEqual(before)
    expect(held.ledger.data(held.mint)).toBeDefined()
  })

  it('who held it before may close the emptied account, and nobody else may', async () => {
    const { put, ledger, hers, held } = await heldByAlice()
    await put({ ticket: 't', version: 2, holder: bob.publicKey, from: alice.publicKey })
    const closing = (by: Keypair) => createCloseAccountInstruction(hers, by.publicKey, by.publicKey, [], PROGRAM)
    expect((await ledger.send([closing(bob)], [bob])).error).toBeDefined()
    expect(await ledger.send([closing(alice)], [alice])).not.toHaveProperty('error')
    expect(await held('t', alice.publicKey)).toBeUndefined()
    const back = { ticket: 't', version: 3, holder: alice.publicKey, from: bob.publicKey }
    expect(await put(back)).not.toHaveProperty('error')
    expect(await held('t', alice.publicKey)).toEqual({ amount: 1n, isFrozen: true })
  })

  it('who held it before can prepare the emptied account, and still move nothing once the token is back', async () => {
    const { put, ledger, mint, hers, his, held } = await heldByAlice()
    await put({ ticket: 't', version: 2, holder: bob.publicKey, from: alice.publicKey })
    const approved = createApproveCheckedInstruction(hers, mint, bob.publicKey, alice.publicKey, 1, 0, [], PROGRAM)
    expect(await ledger.send([approved], [alice])).not.toHaveProperty('error')
    await put({ ticket: 't', version: 3, holder: alice.publicKey, from: bob.publicKey })
    const move = createTransferCheckedInstruction(hers, mint, his, bob.publicKey, 1, 0, [], PROGRAM)
    expect((await ledger.send([move], [bob])).error).toBeDefined()
    expect(await held('t', alice.publicKey)).toEqual({ amount: 1n, isFrozen: true })
  })

  // Token-2022 lets the owner of an account demand one, also beforehand.
  it('a wallet that wants a memo with what it is sent keeps the ticket where it was, until it moves on', async () => {
    const { put, ledger, openFor, his, held, ticket } = await heldByAlice()
    const demanding = [
      openFor(bob),
      createReallocateInstruction(his, bob.publicKey, [ExtensionType.MemoTransfer], bob.publicKey, [], PROGRAM),
      createEnableRequiredMemoTransfersInstruction(his, bob.publicKey, [], PROGRAM),
    ]
    expect(await ledger.send(demanding, [bob])).not.toHaveProperty('error')
    expect(await put({ ticket: 't', version: 2, holder: bob.publicKey, from: alice.publicKey })).toMatchObject({
      error: 'No memo in previous instruction required for recipient to receive a transfer',
    })
    expect(ticket('t')).toMatchObject({ version: 1, holder: alice.publicKey.toBase58() })
    const carol = keyOf('carol').publicKey
    expect(await put({ ticket: 't', version: 3, holder: carol, from: alice.publicKey })).not.toHaveProperty('error')
    expect(await held('t', carol)).toEqual({ amount: 1n, isFrozen: true })
  })
})
