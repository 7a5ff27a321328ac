import { randomBytes } from 'node:crypto'
import {
  ComputeBudgetProgram,
  type Connection,
  type GetProgramAccountsFilter,
  type Keypair,
  MessageV0,
  type PublicKey,
  SYSVAR_CLOCK_PUBKEY,
  SystemProgram,
  Transaction,
  TransactionInstruction,
  TransactionMessage,
  VersionedTransaction,
} from '@solana/web3.js'
import bs58 from 'bs58'
import { describe, expect, it } from 'vitest'
import {
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
  type World,
} from './chain.world.ts'
import { store } from './store.ts'

type Given = { readonly owner: PublicKey; readonly data: Uint8Array }

/** A chain with accounts that no program made. */
const withAccounts = async (...accounts: readonly Given[]) => {
  const path = await freshPath()
  const file = store(path, Date.now)
  const addresses = accounts.map(({ owner, data }) => {
    const address = someone()
    file.put({ address: address.toBytes(), owner: owner.toBytes(), lamports: 417n, data })
    return address
  })
  file.close()
  return { world: opened({ path }), addresses }
}

const namesOf = (found: readonly { readonly pubkey: PublicKey }[]) =>
  found.map(({ pubkey }) => pubkey.toBase58()).sort()

describe('the accounts of a program', () => {
  const [program, stranger, event] = [someone(), someone(), someone()]
  const ticket = (of: PublicKey, seed: number) =>
    Buffer.concat([randomBytes(8), of.toBytes(), randomBytes(32), Uint8Array.of(seed), randomBytes(31)])

  it('are found by their size and by what is in them, at any place', async () => {
    const { world, addresses } = await withAccounts(
      { owner: program, data: ticket(event, 1) },
      { owner: program, data: ticket(event, 2) },
      { owner: program, data: ticket(someone(), 1) },
      { owner: program, data: new Uint8Array(7) },
      { owner: stranger, data: ticket(event, 1) },
    )
    const found = async (...filters: readonly GetProgramAccountsFilter[]) =>
      namesOf(await world.connection.getProgramAccounts(program, { filters: [...filters] }))
    const names = addresses.map((address) => address.toBase58())
    const ofEvent = { memcmp: { offset: 8, bytes: event.toBase58() } }
    const ofSeed = { memcmp: { offset: 72, bytes: bs58.encode([1]) } }
    expect(await found()).toEqual(names.slice(0, 4).sort())
    expect(await found(ofEvent)).toEqual(names.slice(0, 2).sort())
    expect(await found(ofEvent, ofSeed)).toEqual([names[0]])
    expect(await found({ dataSize: 7 })).toEqual([names[3]])
    expect(await found({ memcmp: { offset: 6, bytes: bs58.encode([0, 0]) } })).toEqual([])
  })

  it('are shown in the part that was asked for', async () => {
    const { world, addresses } = await withAccounts({ owner: program, data: Uint8Array.of(1, 2, 3, 4) })
    const part = async (offset: number, length: number) => {
      const found = await world.connection.getProgramAccounts(program, { dataSlice: { offset, length } })
      const one = await world.connection.getAccountInfo(addresses[0]!, { dataSlice: { offset, length } })
      expect(one!.data).toEqual(found[0]!.account.data)
      return [...one!.data]
    }
    expect(await part(1, 2)).toEqual([2, 3])
    expect(await part(0, 0)).toEqual([])
    expect(await part(3, 100)).toEqual([4])
    expect(await part(9, 1)).toEqual([])
  })

  it('say as of which slot they are so, where that is asked for', async () => {
    const { world } = await withAccounts({ owner: program, data: new Uint8Array() })
    const { context, value } = await world.connection.getProgramAccounts(program, { withContext: true })
    expect(context.slot).toBeLessThanOrEqual(await world.connection.getSlot('processed'))
    expect(value).toHaveLength(1)
  })
})

describe('an account', () => {
  it('of the system is there as on every cluster', async () => {
    const { connection } = opened()
    expect(await connection.getAccountInfo(SystemProgram.programId)).toMatchObject({ executable: true })
    expect(await connection.getAccountInfo(SYSVAR_CLOCK_PUBKEY)).toMatchObject({ executable: false })
  })

  it('is shown in the encoding that was asked for', async () => {
    const { world, addresses } = await withAccounts({ owner: someone(), data: Uint8Array.of(1, 2, 3) })
    const encoded = (encoding: string) =>
      world.ask('getAccountInfo', addresses[0]!.toBase58(), { encoding }).result as unknown
    const data = (text: unknown) =>
      expect.objectContaining({ value: expect.objectContaining({ data: text, space: 3 }) })
    expect(encoded('base64')).toEqual(data(['AQID', 'base64']))
    expect(encoded('base58')).toEqual(data([bs58.encode([1, 2, 3]), 'base58']))
    expect(encoded('jsonParsed')).toEqual(data(['AQID', 'base64']))
  })

  it('is asked for among others, those that are missing by name', async () => {
    const world = opened()
    const alice = await funded(world)
    const found = await world.connection.getMultipleAccountsInfo([someone(), alice.publicKey])
    expect(found).toMatchObject([null, { lamports: 10 * SOL }])
  })

  it('needs as much rent as on a cluster', async () => {
    const { connection } = opened()
    expect(await connection.getMinimumBalanceForRentExemption(0)).toBe(890_880)
    expect(await connection.getMinimumBalanceForRentExemption(165)).toBe(2_039_280)
  })
})

describe('a fee', () => {
  it('is told before it is paid, by signature and by priority', async () => {
    const world = opened()
    const [alice, bob] = [await funded(world), await funded(world)]
    const wish = [
      ComputeBudgetProgram.setComputeUnitLimit({ units: 10_000 }),
      ComputeBudgetProgram.setComputeUnitPrice({ microLamports: 1_000_000 }),
      transfer(alice, someone(), SOL),
      transfer(bob, someone(), SOL),
    ]
    const message = Transaction.from(await signed(world, wish, [alice, bob])).compileMessage()
    const { value } = await world.connection.getFeeForMessage(message)
    expect(value).toBe(2 * FEE + 10_000)
    await send(world, wish, [alice, bob])
    expect(await world.connection.getBalance(alice.publicKey)).toBe(9 * SOL - value!)
  })
})

describe('a simulation', () => {
  it('tells what a transaction would do, and does nothing', async () => {
    const world = opened()
    const [alice, bob] = [await funded(world), someone()]
    const simulated = async (lamports: number) => {
      const { blockhash } = await world.connection.getLatestBlockhash()
      const instructions = [transfer(alice, bob, lamports)]
      const message = new TransactionMessage({ payerKey: alice.publicKey, recentBlockhash: blockhash, instructions })
      const unsigned = new VersionedTransaction(message.compileToV0Message())
      const accounts = { encoding: 'base64' as const, addresses: [bob.toBase58()] }
      return (await world.connection.simulateTransaction(unsigned, { accounts })).value
    }
    expect(await simulated(SOL)).toMatchObject({ err: null, unitsConsumed: 150, accounts: [{ lamports: SOL }] })
    expect(await simulated(11 * SOL)).toMatchObject({ err: { InstructionError: [0, { Custom: 1 }] }, accounts: null })
    expect(await world.connection.getBalance(bob)).toBe(0)
    expect(await world.connection.getBalance(alice.publicKey)).toBe(10 * SOL)
  })
})

describe('the transactions that name an address', () => {
  const paid = async (world: World, from: Keypair, to: PublicKey, times: number) => {
    const signatures: string[] = []
    for (let i = 1; i <= times; i++) signatures.unshift(await send(world, [transfer(from, to, SOL + i)], [from]))
    return signatures
  }
  const named = async ({ connection }: World, ...asked: Parameters<Connection['getSignaturesForAddress']>) =>
    (await connection.getSignaturesForAddress(...asked)).map(({ signature }) => signature)

  it('are told, the newest first, whoever of those named it is', async () => {
    const world = opened()
    const [alice, bob, till] = [await funded(world), await funded(world), someone()]
    const ofAlice = await paid(world, alice, till, 2)
    const ofBob = await paid(world, bob, till, 1)
    expect(await named(world, till)).toEqual([...ofBob, ...ofAlice])
    expect((await named(world, alice.publicKey)).slice(0, 2)).toEqual(ofAlice)
    expect(await named(world, someone())).toEqual([])
  })

  it('are told page by page, and from one on', async () => {
    const world = opened()
    const [alice, till] = [await funded(world), someone()]
    const all = await paid(world, alice, till, 4)
    expect(await named(world, till, { limit: 2 })).toEqual(all.slice(0, 2))
    expect(await named(world, till, { before: all[1]!, limit: 2 })).toEqual(all.slice(2))
    expect(await named(world, till, { until: all[1]! })).toEqual(all.slice(0, 1))
    expect(await named(world, till, { before: all[0]!, until: all[3]! })).toEqual(all.slice(1, 3))
  })

  it('are told once they are final, unless those are asked for that are not', async () => {
    const clock = stoppedClock()
    const world = opened({ now: clock.now, finalAfterMs: 1_000 })
    const [alice, till] = [await funded(world), someone()]
    const all = await paid(world, alice, till, 1)
    expect(await named(world, till, {}, 'finalized')).toEqual([])
    expect(await world.connection.getSignaturesForAddress(till, {}, 'confirmed')).toMatchObject([
      { signature: all[0], err: null, confirmationStatus: 'confirmed' },
    ])
    clock.pass(1_000)
    expect(await named(world, till, {}, 'finalized')).toEqual(all)
  })

  it('are still told when the chain is opened again', async () => {
    const path = await freshPath()
    const before = opened({ path })
    const [alice, till] = [await funded(before), someone()]
    const all = await paid(before, alice, till, 2)
    before.chain.close()
    expect(await named(opened({ path }), till)).toEqual(all)
  })
})

describe('what is wrong with a transaction', () => {
  const rubbish = (programId: PublicKey) => new TransactionInstruction({ programId, keys: [], data: Buffer.from([99]) })
  const limit = ComputeBudgetProgram.setComputeUnitLimit({ units: 1_000 })

  it.each<[string, (alice: Keypair) => TransactionInstruction[], unknown, string]>([
    [
      'an instruction',
      () => [rubbish(SystemProgram.programId)],
      { InstructionError: [0, 'InvalidInstructionData'] },
      'invalid instruction data',
    ],
    [
      'a program',
      () => [rubbish(someone())],
      'InvalidProgramForExecution',
      'This program may not be used for executing instructions',
    ],
    [
      'the rent',
      (alice) => [transfer(alice, someone(), 1)],
      { InsufficientFundsForRent: { account_index: 1 } },
      'an account (1) with insufficient funds for rent',
    ],
    ['the limits', () => [limit, limit], { DuplicateInstruction: 1 }, 'DuplicateInstruction: 1'],
  ])('is named as nodes name it: %s', async (_, wish, err, words) => {
    const world = opened()
    const alice = await funded(world)
    const bytes = await signed(world, wish(alice), [alice])
    const { error } = world.ask('sendTransaction', bytes.toString('base64'), { encoding: 'base64' })
    expect(error).toMatchObject({ code: -32002, message: expect.stringContaining(words), data: { err } })
  })

  it('may be a table of addresses, of which there are none', async () => {
    const world = opened()
    const alice = await funded(world)
    const { blockhash } = await world.connection.getLatestBlockhash()
    const message = MessageV0.compile({
      payerKey: alice.publicKey,
      instructions: [transfer(alice, someone(), SOL)],
      recentBlockhash: blockhash,
    })
    message.addressTableLookups.push({ accountKey: someone(), writableIndexes: [0], readonlyIndexes: [] })
    const transaction = new VersionedTransaction(message)
    transaction.sign([alice])
    await expect(world.connection.sendTransaction(transaction)).rejects.toThrow(
      "address table account that doesn't exist",
    )
  })
})

describe('a request that is no good', () => {
  const key = someone().toBase58()
  const NEVER = bs58.encode(new Uint8Array(64))

  it.each<[string, unknown, number]>([
    ['no JSON', 'Dear node,', -32700],
    ['no request', '[]', -32600],
    ['no object', 'null', -32600],
    ['a method that no node has', { method: 'getRich' }, -32601],
    ['a method of every object', { method: 'toString' }, -32601],
    ['parameters that are no list', { method: 'getBalance', params: { key } }, -32602],
    ['no address', { method: 'getBalance' }, -32602],
    ['an address that is too short', { method: 'getBalance', params: ['1111'] }, -32602],
    ['an address with letters that base58 lacks', { method: 'getBalance', params: [key.replace(/.$/, '0')] }, -32602],
    ['too many accounts', { method: 'getMultipleAccounts', params: [Array(101).fill(key)] }, -32602],
    ['an unknown encoding', { method: 'getAccountInfo', params: [key, { encoding: 'morse' }] }, -32602],
    [
      'a slice before the data',
      { method: 'getAccountInfo', params: [key, { dataSlice: { offset: -1, length: 1 } }] },
      -32602,
    ],
    ['an unknown filter', { method: 'getProgramAccounts', params: [key, { filters: [{ colour: 'red' }] }] }, -32602],
    ['bytes that are no transaction', { method: 'sendTransaction', params: ['AAAA', { encoding: 'base64' }] }, -32602],
    ['one after what was never sent', { method: 'getSignaturesForAddress', params: [key, { until: NEVER }] }, -32602],
    ['too long a page', { method: 'getSignaturesForAddress', params: [key, { limit: 1_001 }] }, -32602],
    ['no bytes', { method: 'sendTransaction', params: ['', { encoding: 'base64' }] }, -32602],
    ['a transaction that is no base58', { method: 'sendTransaction', params: ['0OIl'] }, -32602],
    ['a message that is none', { method: 'getFeeForMessage', params: ['AAAA'] }, -32602],
    ['half a lamport', { method: 'requestAirdrop', params: [key, 0.5] }, -32602],
  ])('is told so: %s', (_, request, code) => {
    const { chain } = opened()
    const body =
      typeof request === 'string' ? request : JSON.stringify({ jsonrpc: '2.0', id: 1, ...(request as object) })
    expect(JSON.parse(chain.rpc(body)).error).toMatchObject({ code, message: expect.any(String) })
  })

  it('does not spoil the others of its batch', () => {
    const { chain } = opened()
    const body = JSON.stringify([
      { id: 1, method: 'getHealth' },
      { id: 2, method: 'getRich' },
    ])
    expect(JSON.parse(chain.rpc(body))).toMatchObject([
      { id: 1, result: 'ok' },
      { id: 2, error: { code: -32601 } },
    ])
  })

  it('never ends the process, however a transaction was garbled', async () => {
    const world = opened()
    const alice = await funded(world)
    const bytes = await signed(world, [transfer(alice, someone(), SOL)], [alice])
    const codes = new Set<number | undefined>()
    for (let round = 0; round < 2_000; round++) {
      const garbled = Buffer.from(bytes)
      for (const [at, value] of [randomBytes(2), randomBytes(2)])
        garbled[round % 2 ? 64 + (at! % 8) : at! % garbled.length] = value!
      codes.add(world.ask('simulateTransaction', garbled.toString('base64'), { encoding: 'base64' }).error?.code)
    }
    expect(codes).toEqual(new Set([undefined, -32602]))
  })
})
