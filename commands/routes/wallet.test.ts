import base58 from 'bs58'
import { describe, expect, it } from 'vitest'
import { gateWorld } from '../gate.world.ts'
import { newWallet, type OwnWallet } from '../wallet.world.ts'

type Change = Record<string, unknown>

const home = async () => {
  const world = await gateWorld()
  const ann = await world.token('attendee', 'ann')
  const post = (path: string, body: object, bearer: string, key?: string) =>
    world.call('POST', path, bearer, { body, ...(key && { key }) })

  const challenge = async (address: string, bearer = ann) =>
    (await post('/me/wallet/challenge', { address }, bearer)).body as { message: string; expiresAt: string }
  const signed = async (wallet: OwnWallet, bearer = ann) => {
    const { message } = await challenge(wallet.address, bearer)
    return { address: wallet.address, message, signature: wallet.sign(message), consent: true }
  }
  return {
    ...world,
    ann,
    challenge,
    signed,
    send: (body: object, key?: string, bearer = ann) => post('/me/wallet', body, bearer, key),
    link: async (wallet: OwnWallet, key?: string, bearer = ann) =>
      post('/me/wallet', await signed(wallet, bearer), bearer, key),
    unlink: (key?: string, bearer = ann) => world.call('DELETE', '/me/wallet', bearer, key ? { key } : {}),
    erase: (bearer = ann) => world.call('DELETE', '/me', bearer),
    shown: async (bearer = ann) => (await world.call('GET', '/me', bearer)).body.walletAddress,
    /** What happened to the wallet, as the ledger has it. */
    story: () =>
      world.log.map(({ type }) => type).filter((type) => /^Person(Wallet|Erased)/.test(type)) as readonly string[],
  }
}

/** From then on, until it is mended, nothing can be recorded. */
const broken = ({ deps }: Awaited<ReturnType<typeof home>>) => {
  const { ledger } = deps
  deps.ledger = {
    ...ledger,
    append: async () => {
      throw new Error('the process died')
    },
  }
  return () => {
    deps.ledger = ledger
  }
}

const LINKED = 'PersonWalletLinked'
const UNLINKED = 'PersonWalletUnlinked'

describe('a challenge', () => {
  it('says who asks, for which address, what is agreed to, and until when', async () => {
    const { challenge } = await home()
    const { address } = newWallet()
    const { message, expiresAt } = await challenge(address)
    expect(expiresAt).toBe('2030-06-01T17:40:10.000Z')
    const [first, second, , statement, , ...fields] = message.split('\n')
    expect(first).toBe('tickets.example.com wants you to sign in with your Solana account:')
    expect(second).toBe(address)
    expect(statement).toMatch(/publicly visible on Solana under this address, and history there cannot be erased/)
    expect(fields).toEqual([
      'URI: https://tickets.example.com',
      'Version: 1',
      expect.stringMatching(/^Nonce: [0-9a-f]{64}$/),
      'Issued At: 2030-06-01T17:30:10.000Z',
      'Expiration Time: 2030-06-01T17:40:10.000Z',
    ])
  })

  it.each([
    ['no base58', 'So1ana0'],
    ['too short', base58.encode(Buffer.alloc(31, 7))],
    ['too long', base58.encode(Buffer.alloc(33, 7))],
    ['a point for which anybody can sign', '1'.repeat(32)],
    ['no point of the curve', base58.encode(Buffer.alloc(32, 2))],
  ])('is not given for an address that is %s', async (_, address) => {
    const { call, ann } = await home()
    const answer = await call('POST', '/me/wallet/challenge', ann, { body: { address } })
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'validation_failed', errors: [{ field: 'address', message: expect.stringMatching('no address') }] },
    })
  })

  it('records nothing', async () => {
    const { challenge, log } = await home()
    const before = log.length
    await challenge(newWallet().address)
    expect(log).toHaveLength(before)
  })
})

describe('a wallet', () => {
  it('is linked by signing a challenge: the vault knows it, the ledger only that there is one', async () => {
    const { link, shown, story, ofType, log, personId } = await home()
    const wallet = newWallet()
    expect(await link(wallet)).toMatchObject({
      status: 200,
      body: { walletAddress: wallet.address },
      headers: { 'ledger-position': expect.any(String) },
    })
    expect(await shown()).toBe(wallet.address)
    expect(story()).toEqual([LINKED])
    expect(ofType('PersonRegistered')).toHaveLength(1)
    expect(ofType(LINKED)[0]).toMatchObject({ data: {}, metadata: { actor: { id: personId('ann') } } })
    expect(JSON.stringify(log)).not.toContain(wallet.address)
  })

  it('is in the vault before the ledger says so, and out of it before the ledger says that', async () => {
    const { link, unlink, deps, vault, personId } = await home()
    const wallet = newWallet()
    const seen: unknown[] = []
    const { ledger } = deps
    deps.ledger = {
      ...ledger,
      append: async (stream, expected, facts) => {
        const known = (await vault.wallets.find([personId('ann')])).get(personId('ann'))
        seen.push(...facts.filter(({ type }) => type.startsWith('PersonWallet')).map(({ type }) => [type, known]))
        return ledger.append(stream, expected, facts)
      },
    }
    await link(wallet)
    await unlink()
    expect(seen).toEqual([
      [LINKED, wallet.address],
      [UNLINKED, undefined],
    ])
  })

  it('takes the place of another, which is unlinked first', async () => {
    const { link, shown, story } = await home()
    await link(newWallet())
    const second = newWallet()
    expect((await link(second)).status).toBe(200)
    expect(await shown()).toBe(second.address)
    expect(story()).toEqual([LINKED, UNLINKED, LINKED])
  })

  it('that is linked already records nothing', async () => {
    const { link, story } = await home()
    const wallet = newWallet()
    await link(wallet)
    expect(await link(wallet)).toMatchObject({ status: 200, body: { walletAddress: wallet.address } })
    expect(story()).toEqual([LINKED])
  })

  it('is unlinked, once', async () => {
    const { link, unlink, shown, story } = await home()
    await link(newWallet())
    expect((await unlink()).status).toBe(204)
    expect((await unlink()).status).toBe(204)
    expect(await shown()).toBeNull()
    expect(story()).toEqual([LINKED, UNLINKED])
  })

  it('is not there to be unlinked of who linked none', async () => {
    const { unlink, log } = await home()
    const before = log.length
    expect((await unlink()).status).toBe(204)
    expect(log).toHaveLength(before)
  })

  it('is erased with the person', async () => {
    const { link, erase, shown, story } = await home()
    await link(newWallet())
    expect((await erase()).status).toBe(204)
    expect(await shown()).toBeNull()
    expect(story()).toEqual([LINKED, 'PersonErased'])
  })

  it('that was linked elsewhere is erased so that the ledger tells of it', async () => {
    const { link, erase, token, shown, ofType } = await home()
    const elsewhere = await token('attendee', 'ann', { tenant: 'other' })
    await link(newWallet())
    await erase(elsewhere)
    expect(await shown()).toBeNull()
    expect(ofType('PersonErased').map(({ metadata }) => metadata.tenant)).toEqual(['other'])
  })

  it('is the person’s in every tenant, each of which hears when it is unlinked there', async () => {
    const { link, unlink, token, shown, ofType } = await home()
    const elsewhere = await token('attendee', 'ann', { tenant: 'other' })
    const wallet = newWallet()
    await link(wallet)
    expect(await shown(elsewhere)).toBe(wallet.address)
    await unlink(undefined, elsewhere)
    expect(await shown()).toBeNull()
    expect(ofType(UNLINKED).map(({ metadata }) => metadata.tenant)).toEqual(['other'])
  })
})

describe('a proof', () => {
  const other = newWallet()
  const changes: [string, number, string, (body: Change) => Change | Promise<Change>][] = [
    ['without consent', 400, 'validation_failed', (body) => ({ ...body, consent: false })],
    ['that does not speak of consent', 400, 'validation_failed', ({ consent: _, ...body }) => body],
    [
      'with a signature that is cut short',
      400,
      'validation_failed',
      (body) => ({ ...body, signature: base58.encode(Buffer.alloc(63, 7)) }),
    ],
    [
      'with a signature that is no base58',
      400,
      'validation_failed',
      (body) => ({ ...body, signature: 'O'.repeat(87) }),
    ],
    ['of an address that is none', 400, 'validation_failed', (body) => ({ ...body, address: '1'.repeat(32) })],
    [
      'that another wallet signed',
      409,
      'WalletSignatureWrong',
      (body) => ({ ...body, signature: other.sign(String(body.message)) }),
    ],
    [
      'that was signed over something else',
      409,
      'WalletSignatureWrong',
      (body) => ({ ...body, signature: base58.encode(Buffer.alloc(64, 7)) }),
    ],
    [
      'for another address than the challenge',
      409,
      'WalletChallengeUnknown',
      (body) => ({ ...body, address: other.address, signature: other.sign(String(body.message)) }),
    ],
  ]

  it.each(changes)('%s is refused, and nothing is linked', async (_, status, code, change) => {
    const { signed, send, shown, log } = await home()
    const before = log.length
    expect(await send(await change(await signed(newWallet())))).toMatchObject({ status, body: { code } })
    expect(log).toHaveLength(before)
    expect(await shown()).toBeNull()
  })

  it.each([
    ['in what is agreed to', (message: string) => message.replace('publicly', 'never')],
    ['in its time', (message: string) => message.replace('T17:40', 'T19:40')],
    ['in its nonce', (message: string) => message.replace(/Nonce: ./, 'Nonce: x')],
    ['by a line', (message: string) => `${message}\nResources:`],
    ['down to nothing', () => ''],
    ['to a time that is none', (message: string) => message.replace(/Issued At: .*/, 'Issued At: 2030-13-45')],
  ])('over a message that was changed %s is of no challenge', async (_, edit) => {
    const { challenge, send } = await home()
    const wallet = newWallet()
    const message = edit((await challenge(wallet.address)).message)
    const answer = await send({ address: wallet.address, message, signature: wallet.sign(message), consent: true })
    expect(answer).toMatchObject({ status: 409, body: { code: 'WalletChallengeUnknown' } })
  })

  it('that came to another person is of no use to who replays it', async () => {
    const { signed, send, token, shown } = await home()
    const eve = await token('attendee', 'eve')
    const answer = await send(await signed(newWallet()), undefined, eve)
    expect(answer).toMatchObject({ status: 409, body: { code: 'WalletChallengeUnknown' } })
    expect(await shown(eve)).toBeNull()
  })

  it('has ten minutes', async () => {
    const { signed, send, pass } = await home()
    const [inTime, late] = [await signed(newWallet()), await signed(newWallet())]
    pass(599)
    expect((await send(inTime)).status).toBe(200)
    pass(1)
    expect(await send(late)).toMatchObject({ status: 409, body: { code: 'WalletChallengeExpired' } })
  })
})

describe('a request that comes again', () => {
  it('is answered as before, though its challenge is over', async () => {
    const { signed, send, pass, story } = await home()
    const wallet = newWallet()
    const body = await signed(wallet)
    const first = await send(body, 'key-1')
    pass(3_600)
    const again = await send(body, 'key-1')
    expect(again).toMatchObject({ status: 200, body: { walletAddress: wallet.address } })
    expect(again.headers['ledger-position']).toBe(first.headers['ledger-position'])
    expect(story()).toEqual([LINKED])
  })

  it('brings back neither what was unlinked nor what was erased since', async () => {
    const { signed, send, unlink, erase, shown } = await home()
    const body = await signed(newWallet())
    await send(body, 'key-1')
    await unlink()
    expect(await send(body, 'key-1')).toMatchObject({ status: 200, body: { walletAddress: null } })
    await erase()
    expect(await send(body, 'key-1')).toMatchObject({ status: 200, body: { walletAddress: null } })
    expect(await shown()).toBeNull()
  })

  it('signed before its owner was erased does not bring them back, under whatever key; a new challenge does', async () => {
    const { signed, send, link, erase, shown, pass } = await home()
    const wallet = newWallet()
    const body = await signed(wallet)
    await send(body, 'key-1')
    pass(1)
    await erase()
    expect(await send(body, 'key-2')).toMatchObject({ status: 409, body: { code: 'WalletChallengeExpired' } })
    expect(await shown()).toBeNull()
    pass(1)
    await link(wallet)
    expect(await shown()).toBe(wallet.address)
  })

  it('does not unlink what was linked since', async () => {
    const { link, unlink, shown } = await home()
    const wallet = newWallet()
    await link(newWallet())
    await unlink('key-2')
    await link(wallet)
    expect((await unlink('key-2')).status).toBe(204)
    expect(await shown()).toBe(wallet.address)
  })

  it('with another wallet under its key is refused', async () => {
    const { link, shown } = await home()
    const first = newWallet()
    await link(first, 'key-1')
    expect(await link(newWallet(), 'key-1')).toMatchObject({ status: 422, body: { code: 'KeyReused' } })
    expect(await shown()).toBe(first.address)
  })

  it('completes a link that died after the vault had it', async () => {
    const world = await home()
    const body = await world.signed(newWallet())
    const mend = broken(world)
    expect((await world.send(body, 'key-1')).status).toBe(500)
    mend()
    expect(await world.shown()).toBe(body.address)
    expect((await world.send(body, 'key-1')).status).toBe(200)
    expect(world.story()).toEqual([LINKED])
  })

  it.each([1, 2])('completes a replacement that died before its fact number %d', async (number) => {
    const world = await home()
    await world.link(newWallet())
    const body = await world.signed(newWallet())
    const { ledger } = world.deps
    let facts = 0
    world.deps.ledger = {
      ...ledger,
      append: async (...append) => {
        if (++facts === number) throw new Error('the process died')
        return ledger.append(...append)
      },
    }
    expect((await world.send(body, 'key-1')).status).toBe(500)
    world.deps.ledger = ledger
    expect((await world.send(body, 'key-1')).status).toBe(200)
    expect(await world.shown()).toBe(body.address)
    expect(world.story()).toEqual([LINKED, UNLINKED, LINKED])
  })

  it('completes an unlinking that died after the vault had forgotten', async () => {
    const world = await home()
    await world.link(newWallet())
    const mend = broken(world)
    expect((await world.unlink('key-1')).status).toBe(500)
    mend()
    expect((await world.unlink('key-1')).status).toBe(204)
    expect(world.story()).toEqual([LINKED, UNLINKED])
  })

  it('is not needed: the next one tells of what a dead one left in the vault', async () => {
    const world = await home()
    const mend = broken(world)
    expect((await world.link(newWallet())).status).toBe(500)
    mend()
    await world.unlink()
    expect(await world.shown()).toBeNull()
    expect(world.story()).toEqual([LINKED, UNLINKED])
  })
})

it('of two wallets that are linked at once, the ledger tells of the one that stays after it is in the vault', async () => {
  const { link, deps, shown, story } = await home()
  const [first, second] = [newWallet(), newWallet()]
  const { wallets } = deps
  deps.wallets = {
    ...wallets,
    save: async (personId, address) => {
      deps.wallets = wallets
      // Just before this one is saved, the other is linked and told of.
      await link(second)
      await wallets.save(personId, address)
    },
  }
  expect(await link(first)).toMatchObject({ status: 200, body: { walletAddress: first.address } })
  expect(await shown()).toBe(first.address)
  expect(story()).toEqual([LINKED, UNLINKED, LINKED])
})
