import {
  AuthorityType,
  createAssociatedTokenAccountIdempotentInstruction,
  createBurnCheckedInstruction,
  createCloseAccountInstruction,
  createInitializeMetadataPointerInstruction,
  createInitializeMint2Instruction,
  createInitializeMintCloseAuthorityInstruction,
  createInitializePermanentDelegateInstruction,
  createMintToInstruction,
  createSetAuthorityInstruction,
  createTransferCheckedInstruction,
  ExtensionType,
  getAccount,
  getAssociatedTokenAddressSync,
  getMint,
  getMintLen,
  TOKEN_2022_PROGRAM_ID as TOKENS,
} from '@solana/spl-token'
import { Keypair, type PublicKey, SystemProgram } from '@solana/web3.js'
import { describe, expect, it } from 'vitest'
import { FEE, freshPath, funded, opened, SOL, send, type World } from './chain.world.ts'

const EXTENSIONS = [ExtensionType.MetadataPointer, ExtensionType.PermanentDelegate, ExtensionType.MintCloseAuthority]

/** One token that its issuer can move and burn, as web3.js and spl-token make it. */
const mintOne = async (world: World, issuer: Keypair, holder: PublicKey) => {
  const keypair = Keypair.generate()
  const [mint, own] = [keypair.publicKey, issuer.publicKey]
  const account = getAssociatedTokenAddressSync(mint, holder, true, TOKENS)
  const space = getMintLen(EXTENSIONS)
  const lamports = await world.connection.getMinimumBalanceForRentExemption(space)
  const instructions = [
    SystemProgram.createAccount({ fromPubkey: own, newAccountPubkey: mint, space, lamports, programId: TOKENS }),
    createInitializeMetadataPointerInstruction(mint, own, mint, TOKENS),
    createInitializePermanentDelegateInstruction(mint, own, TOKENS),
    createInitializeMintCloseAuthorityInstruction(mint, own, TOKENS),
    createInitializeMint2Instruction(mint, 0, own, null, TOKENS),
    createAssociatedTokenAccountIdempotentInstruction(own, account, holder, mint, TOKENS),
    createMintToInstruction(mint, account, own, 1, [], TOKENS),
    createSetAuthorityInstruction(mint, own, AuthorityType.MintTokens, null, [], TOKENS),
  ]
  const signature = await send(world, instructions, [issuer, keypair])
  return { mint, account, signature }
}

describe('a token of Token-2022', () => {
  it('is minted, moved by whoever may, burnt and closed, and every lamport of rent comes back', async () => {
    const world = opened({ path: await freshPath() })
    const { connection } = world
    const [issuer, alice, bob] = [await funded(world), Keypair.generate(), Keypair.generate()]
    const { mint, account } = await mintOne(world, issuer, alice.publicKey)
    expect(await getMint(connection, mint, undefined, TOKENS)).toMatchObject({ supply: 1n, mintAuthority: null })
    expect(await getAccount(connection, account, undefined, TOKENS)).toMatchObject({
      amount: 1n,
      owner: alice.publicKey,
    })

    const own = issuer.publicKey
    const elsewhere = getAssociatedTokenAddressSync(mint, bob.publicKey, true, TOKENS)
    await send(
      world,
      [
        createAssociatedTokenAccountIdempotentInstruction(own, elsewhere, bob.publicKey, mint, TOKENS),
        createTransferCheckedInstruction(account, mint, elsewhere, own, 1, 0, [], TOKENS),
        createCloseAccountInstruction(account, own, alice.publicKey, [], TOKENS),
      ],
      [issuer, alice],
    )
    expect(await connection.getAccountInfo(account)).toBeNull()
    expect((await getAccount(connection, elsewhere, undefined, TOKENS)).amount).toBe(1n)

    await send(
      world,
      [
        createBurnCheckedInstruction(elsewhere, mint, own, 1, 0, [], TOKENS),
        createCloseAccountInstruction(elsewhere, own, bob.publicKey, [], TOKENS),
        createCloseAccountInstruction(mint, own, own, [], TOKENS),
      ],
      [issuer, bob],
    )
    expect(await connection.getAccountInfo(mint)).toBeNull()
    expect(await connection.getBalance(own)).toBe(10 * SOL - 6 * FEE)
  })

  it('is found by the wallet that has it, among all its tokens and by its mint', async () => {
    const world = opened()
    const [issuer, alice, bob] = [await funded(world), Keypair.generate().publicKey, Keypair.generate().publicKey]
    const [first, second] = [await mintOne(world, issuer, alice), await mintOne(world, issuer, alice)]
    await mintOne(world, issuer, bob)
    const all = await world.connection.getTokenAccountsByOwner(alice, { programId: TOKENS })
    const found = all.value.map(({ pubkey }) => pubkey.toBase58())
    expect(found.sort()).toEqual([first.account, second.account].map((key) => key.toBase58()).sort())
    const ofMint = await world.connection.getTokenAccountsByOwner(alice, { mint: second.mint })
    expect(ofMint.value.map(({ pubkey }) => pubkey)).toEqual([second.account])
  })

  it('shows in an explorer how it was made', async () => {
    const world = opened()
    const issuer = await funded(world)
    const { signature, mint } = await mintOne(world, issuer, Keypair.generate().publicKey)
    const parsed = await world.connection.getParsedTransaction(signature, { maxSupportedTransactionVersion: 0 })
    expect(parsed!.transaction.message.accountKeys.slice(0, 2)).toMatchObject([
      { pubkey: issuer.publicKey, signer: true, writable: true },
      { pubkey: mint, signer: true, writable: true },
    ])
    expect(parsed!.transaction.message.instructions[1]).toMatchObject({ programId: TOKENS })
    const found = await world.connection.getTransaction(signature, { maxSupportedTransactionVersion: 0 })
    expect(found!.transaction.message.compiledInstructions).toHaveLength(8)
    const { fee, preBalances, postBalances, logMessages, computeUnitsConsumed } = found!.meta!
    expect([fee, preBalances[0]]).toEqual([2 * FEE, 10 * SOL])
    expect(postBalances[1]).toBe(await world.connection.getBalance(mint))
    expect(logMessages!.join()).toContain(TOKENS.toBase58())
    expect(computeUnitsConsumed).toBeGreaterThan(1_000)
  })
})
