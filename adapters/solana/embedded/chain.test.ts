import { BN } from '@coral-xyz/anchor'
import { Keypair, PublicKey, SYSVAR_CLOCK_PUBKEY, SystemProgram } from '@solana/web3.js'
import { describe, expect, it } from 'vitest'
import { ledgerProgram, PROGRAM_ID } from '../program.ts'
import {
  BLOCK_MS,
  FEE,
  freshPath,
  funded,
  opened,
  SOL,
  send,
  signed,
  someone,
  stoppedClock,
  transfer,
} from './chain.world.ts'
import { deployed } from './deployed.ts'

describe('a chain in a file', () => {
  it('is as it was after a restart, its blockhashes too', async () => {
    const path = await freshPath()
    const first = opened({ path })
    const [alice, bob] = [await funded(first), someone()]
    const signature = await send(first, [transfer(alice, bob, SOL)], [alice])
    const underway = await signed(first, [transfer(alice, bob, 2 * SOL)], [alice])
    first.chain.close()

    const second = opened({ path })
    expect(await second.connection.getBalance(bob)).toBe(SOL)
    expect((await second.connection.getSignatureStatus(signature)).value).toMatchObject({ err: null })
    await second.connection.sendRawTransaction(underway)
    expect(await second.connection.getBalance(bob)).toBe(3 * SOL)
  })

  it('is one chain to all who open it, who spend from one purse in turn', async () => {
    const path = await freshPath()
    const [one, other] = [opened({ path }), opened({ path })]
    expect(await one.connection.getGenesisHash()).toBe(await other.connection.getGenesisHash())
    const [alice, bob] = [await funded(one), await funded(other)]
    for (let turn = 1; turn <= 4; turn++) {
      await send(turn % 2 ? one : other, [transfer(alice, bob.publicKey, SOL + turn)], [alice])
      await send(turn % 2 ? other : one, [transfer(bob, alice.publicKey, SOL / 2 + turn)], [bob])
    }
    for (const { connection } of [one, other]) {
      expect(await connection.getBalance(alice.publicKey)).toBe(8 * SOL - 4 * FEE)
      expect(await connection.getBalance(bob.publicKey)).toBe(12 * SOL - 4 * FEE)
    }
  })

  it('is refused by name where it cannot be', async () => {
    const path = `${await freshPath()}/nowhere/chain.db`
    expect(() => opened({ path })).toThrow(path)
  })

  it('is refused with a program that is none', () => {
    const program = { address: PROGRAM_ID, elf: Buffer.from('Dear chain,') }
    expect(() => opened({ programs: [program] })).toThrow('Failed to add program')
  })
})

describe('a transaction', () => {
  it('is carried out once, however often its bytes are sent, and to whomever', async () => {
    const path = await freshPath()
    const [world, other] = [opened({ path }), opened({ path })]
    const [alice, bob] = [await funded(world), someone()]
    const bytes = await signed(world, [transfer(alice, bob, SOL)], [alice])
    const answers = [
      await world.connection.sendRawTransaction(bytes),
      await world.connection.sendRawTransaction(bytes, { skipPreflight: true }),
      await other.connection.sendRawTransaction(bytes),
    ]
    expect(new Set(answers).size).toBe(1)
    expect(await world.connection.getBalance(bob)).toBe(SOL)
    expect(await world.connection.getBalance(alice.publicKey)).toBe(9 * SOL - FEE)
  })

  it('is good for 150 blocks, and never after', async () => {
    const { now, pass } = stoppedClock()
    const world = opened({ now })
    const [alice, bob] = [await funded(world), someone()]
    const { blockhash, lastValidBlockHeight } = await world.connection.getLatestBlockhash()
    const early = await signed(world, [transfer(alice, bob, SOL)], [alice])
    const late = await signed(world, [transfer(alice, bob, 2 * SOL)], [alice])
    pass(150 * BLOCK_MS)
    expect(await world.connection.getBlockHeight()).toBe(lastValidBlockHeight)
    expect((await world.connection.isBlockhashValid(blockhash)).value).toBe(true)
    await world.connection.sendRawTransaction(early)

    pass(BLOCK_MS)
    expect((await world.connection.isBlockhashValid(blockhash)).value).toBe(false)
    await expect(world.connection.sendRawTransaction(late)).rejects.toThrow('Blockhash not found')
    const dropped = await world.connection.sendRawTransaction(late, { skipPreflight: true })
    expect((await world.connection.getSignatureStatus(dropped)).value).toBeNull()
    expect(await world.connection.getBalance(bob)).toBe(SOL)
  })

  it('is not believed to name a block that another chain made, or that is yet to come', async () => {
    const { now, pass } = stoppedClock()
    const [world, stranger] = [opened({ now }), opened({ now })]
    const elsewhere = await stranger.connection.getLatestBlockhash()
    expect((await world.connection.isBlockhashValid(elsewhere.blockhash)).value).toBe(false)
    pass(BLOCK_MS)
    const { blockhash } = await world.connection.getLatestBlockhash()
    pass(-BLOCK_MS)
    expect((await world.connection.isBlockhashValid(blockhash)).value).toBe(false)
  })

  it('is refused with a signature that is not of its signer', async () => {
    const world = opened()
    const [alice, bob] = [await funded(world), someone()]
    const bytes = await signed(world, [transfer(alice, bob, SOL)], [alice])
    bytes[1]! ^= 1
    expect(world.ask('sendTransaction', bytes.toString('base64'), { encoding: 'base64' }).error).toMatchObject({
      code: -32003,
      message: 'Transaction signature verification failure',
    })
    const dropped = await world.connection.sendRawTransaction(bytes, { skipPreflight: true })
    expect((await world.connection.getSignatureStatus(dropped)).value).toBeNull()
    expect(await world.connection.getBalance(bob)).toBe(0)
    expect(await world.connection.getBalance(alice.publicKey)).toBe(10 * SOL)
  })

  it('that fails costs its fee and changes nothing else', async () => {
    const world = opened()
    const [alice, bob] = [await funded(world), someone()]
    const wish = [transfer(alice, bob, SOL), transfer(alice, bob, 100 * SOL)]
    const signature = await send(world, wish, [alice], { skipPreflight: true })
    const error = { InstructionError: [1, { Custom: 1 }] }
    expect((await world.connection.getSignatureStatus(signature)).value).toMatchObject({ err: error })
    expect((await world.connection.getTransaction(signature))?.meta).toMatchObject({ err: error, fee: FEE })
    expect(await world.connection.getBalance(alice.publicKey)).toBe(10 * SOL - FEE)
    expect(await world.connection.getAccountInfo(bob)).toBeNull()
  })

  it('that fails its preflight costs nothing and was never sent', async () => {
    const world = opened()
    const [alice, bob] = [await funded(world), someone()]
    const bytes = await signed(world, [transfer(alice, bob, 100 * SOL)], [alice])
    expect(world.ask('sendTransaction', bytes.toString('base64'), { encoding: 'base64' }).error).toMatchObject({
      code: -32002,
      message: 'Transaction simulation failed: Error processing Instruction 0: custom program error: 0x1',
      data: { err: { InstructionError: [0, { Custom: 1 }] }, logs: expect.arrayContaining([expect.any(String)]) },
    })
    expect(await world.connection.getBalance(alice.publicKey)).toBe(10 * SOL)
  })

  it('that is refused spoils none of those that were sent in the same turn', async () => {
    const world = opened({ path: await freshPath() })
    const [alice, bob] = [await funded(world), someone()]
    const wishes = await Promise.all([1, 100, 2].map((n) => signed(world, [transfer(alice, bob, n * SOL)], [alice])))
    const sent = await Promise.allSettled(wishes.map((bytes) => world.connection.sendRawTransaction(bytes)))
    expect(sent.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(await world.connection.getBalance(bob)).toBe(3 * SOL)
  })

  it('of somebody who has nothing is not let in', async () => {
    const world = opened()
    const poor = Keypair.generate()
    const sending = send(world, [transfer(poor, someone(), 1)], [poor])
    await expect(sending).rejects.toThrow('found no record of a prior credit')
  })

  it('that takes all from an account closes it, to whoever used it before too, and whoever is paid there finds it new', async () => {
    const path = await freshPath()
    const [world, other] = [opened({ path }), opened({ path })]
    const [alice, bob] = [await funded(world), await funded(world, SOL)]
    await send(other, [transfer(bob, alice.publicKey, 1)], [alice, bob])
    await send(world, [transfer(bob, alice.publicKey, SOL - 1)], [alice, bob])
    for (const { connection } of [world, other]) expect(await connection.getAccountInfo(bob.publicKey)).toBeNull()
    await expect(send(other, [transfer(bob, alice.publicKey, 2)], [alice, bob])).rejects.toThrow('0x1')
    await send(other, [transfer(alice, bob.publicKey, SOL)], [alice])
    expect(await world.connection.getAccountInfo(bob.publicKey)).toMatchObject({
      ...{ lamports: SOL, executable: false, owner: SystemProgram.programId },
      data: Buffer.alloc(0),
    })
  })

  it('may be undone until it is final, and says so', async () => {
    const { now, pass } = stoppedClock()
    const world = opened({ now, finalAfterMs: 2_000 })
    pass(60_000)
    const alice = await funded(world)
    const signature = await send(world, [transfer(alice, someone(), SOL)], [alice])
    const status = async () => (await world.connection.getSignatureStatus(signature)).value
    expect(await status()).toMatchObject({ confirmationStatus: 'processed', confirmations: 0 })
    pass(1_999)
    expect(await status()).toMatchObject({ confirmationStatus: 'processed', confirmations: 4 })
    expect(await world.connection.getBlockHeight('finalized')).toBeLessThan((await status())!.slot)
    pass(1)
    expect(await status()).toMatchObject({ confirmationStatus: 'finalized', confirmations: null })
    expect(await world.connection.getBlockHeight('finalized')).toBe((await status())!.slot)
  })
})

it('shows programs the time of its clock', async () => {
  const { now, pass } = stoppedClock()
  const world = opened({ now, programs: deployed() })
  const authority = await funded(world)
  pass(90 * 60_000)
  const { head, instruction } = publishHead(authority.publicKey)
  await send(world, [instruction], [authority])
  const { data } = (await world.connection.getAccountInfo(head))!
  expect(Number(data.readBigInt64LE(PUBLISHED_AT))).toBe(Date.parse(now()) / 1_000)
  const clock = (await world.connection.getAccountInfo(SYSVAR_CLOCK_PUBKEY))!
  expect(Number(clock.data.readBigInt64LE(32))).toBe(Date.parse(now()) / 1_000)
  expect(Number(clock.data.readBigUInt64LE(0))).toBe(await world.connection.getSlot())
})

/** Discriminator, log, number, size and root come before it. */
const PUBLISHED_AT = 8 + 32 + 4 + 8 + 32

const publishHead = (authority: PublicKey) => {
  const program = ledgerProgram(PROGRAM_ID)
  const derived = (...seeds: Uint8Array[]) => PublicKey.findProgramAddressSync(seeds, program.id)[0]
  const log = derived(Buffer.from('log'), authority.toBytes())
  const head = derived(Buffer.from('head'), log.toBytes(), Uint8Array.of(1, 0, 0, 0))
  const args = { size: new BN(417), root: [...new Uint8Array(32)] }
  return { head, instruction: program.instruction('publish_head', args, { authority, log, head }) }
}
