import {
  AccountState,
  createAssociatedTokenAccountInstruction,
  getDefaultAccountState,
  getMetadataPointerState,
  getMint,
  getMintCloseAuthority,
  getPermanentDelegate,
  getTokenMetadata,
  TOKEN_2022_PROGRAM_ID,
} from '@solana/spl-token'
import type { PublicKey } from '@solana/web3.js'
import { describe, expect, it } from 'vitest'
import { CONCERT, eventWorld } from './event.world.ts'
import { addressOf, CLOSES_AT, keyOf, SOL, unsigned } from './ticket-ledger.world.ts'

const [alice, bob, carol] = [keyOf('alice'), keyOf('bob'), keyOf('carol')]
const FROZEN = { amount: 1n, isFrozen: true }
const EMPTIED = { amount: 0n, isFrozen: false }

/** A ticket that alice holds. */
const issued = async () => {
  const world = await eventWorld({ token: true })
  expect(await world.put({ ticket: 't', version: 1, holder: alice.publicKey })).not.toHaveProperty('error')
  const accountOf = (holder: PublicKey) => world.tokenAccount('t', holder)
  return { ...world, accountOf, isMinted: () => world.ledger.data(world.mint('t')) !== undefined }
}

describe('a ticket is issued with a token (F07.15)', () => {
  it('of which there is one, frozen, in the account of its holder', async () => {
    const { held, ledger, mint } = await issued()
    expect(await held('t', alice.publicKey)).toEqual(FROZEN)
    const { supply, decimals } = await getMint(ledger.connection, mint('t'), undefined, TOKEN_2022_PROGRAM_ID)
    expect([supply, decimals]).toEqual([1n, 0])
  })

  it('which only the event moves, burns and freezes, and of which nobody makes another', async () => {
    const { ledger, mint, event } = await issued()
    const made = await getMint(ledger.connection, mint('t'), undefined, TOKEN_2022_PROGRAM_ID)
    expect(made.mintAuthority).toBeNull()
    expect(made.freezeAuthority).toEqual(event)
    expect(getPermanentDelegate(made)?.delegate).toEqual(event)
    expect(getMintCloseAuthority(made)?.closeAuthority).toEqual(event)
    expect(getDefaultAccountState(made)?.state).toBe(AccountState.Frozen)
    expect(getMetadataPointerState(made)).toEqual({ authority: event, metadataAddress: mint('t') })
  })

  it('which wallets show by the name of the event', async () => {
    const { ledger, mint, event } = await issued()
    const shown = await getTokenMetadata(ledger.connection, mint('t'), undefined, TOKEN_2022_PROGRAM_ID)
    const { name, uri } = CONCERT
    expect(shown).toMatchObject({ updateAuthority: event, mint: mint('t'), name, uri, symbol: 'TICKET' })
  })

  it('also if it is locked from the start', async () => {
    const { put, held, ticket } = await eventWorld({ token: true })
    await put({ ticket: 't', version: 1, status: 'locked', holder: alice.publicKey })
    expect(await held('t', alice.publicKey)).toEqual(FROZEN)
    expect(ticket('t')).toMatchObject({ status: 'locked' })
  })

  it("also if somebody sent lamports to the mint's address before", async () => {
    const { put, held, ledger, mint } = await eventWorld({ token: true })
    ledger.fund(mint('t'), SOL)
    expect(await put({ ticket: 't', version: 1, holder: alice.publicKey })).not.toHaveProperty('error')
    expect(await held('t', alice.publicKey)).toEqual(FROZEN)
    expect(ledger.balance(mint('t'))).toBe(SOL)
  })

  it('not at all if it was closed before the chain heard of it', async () => {
    const { put, ticket, ledger, mint } = await eventWorld({ token: true })
    expect(await put({ ticket: 't', version: 3, status: 'closed', holder: alice.publicKey })).not.toHaveProperty(
      'error',
    )
    expect(ticket('t')).toMatchObject({ version: 3, status: 'closed' })
    expect(ledger.data(mint('t'))).toBeUndefined()
  })

  it('again, where it went missing', async () => {
    const { put, held, ledger, mint, accountOf, isMinted } = await issued()
    for (const gone of [mint('t'), accountOf(alice.publicKey)]) {
      const account = ledger.svm.getAccount(addressOf(gone))
      if (account.exists) ledger.svm.setAccount({ ...account, lamports: 0n, data: new Uint8Array() } as typeof account)
    }
    expect(isMinted()).toBe(false)
    expect(await put({ ticket: 't', version: 2, holder: bob.publicKey })).not.toHaveProperty('error')
    expect(await held('t', bob.publicKey)).toEqual(FROZEN)
  })
})

describe('the token follows the ticket (F11.16, F16.16)', () => {
  it('to its next holder, leaving the old account to its owner', async () => {
    const { put, held, ticket } = await issued()
    const moved = { ticket: 't', version: 2, generation: 2, holder: bob.publicKey, from: alice.publicKey }
    expect(await put(moved)).not.toHaveProperty('error')
    expect(await held('t', bob.publicKey)).toEqual(FROZEN)
    expect(await held('t', alice.publicKey)).toEqual(EMPTIED)
    expect(ticket('t')).toMatchObject({ holder: bob.publicKey.toBase58(), version: 2, generation: 2 })
  })

  it('to its next holder, closing the old account if its owner signs', async () => {
    const { put, held } = await issued()
    const moved = { ticket: 't', version: 2, holder: bob.publicKey, from: alice.publicKey }
    const accounts = { previousHolder: alice.publicKey }
    expect(await put(moved, { accounts, signer: alice })).not.toHaveProperty('error')
    expect(await held('t', bob.publicKey)).toEqual(FROZEN)
    expect(await held('t', alice.publicKey)).toBeUndefined()
  })

  it('back to a holder who still has the account', async () => {
    const { put, held } = await issued()
    await put({ ticket: 't', version: 2, holder: bob.publicKey, from: alice.publicKey })
    const back = { ticket: 't', version: 3, holder: alice.publicKey, from: bob.publicKey }
    expect(await put(back)).not.toHaveProperty('error')
    expect(await held('t', alice.publicKey)).toEqual(FROZEN)
  })

  it('into an account that somebody else opened before', async () => {
    const { put, held, ledger, accountOf, mint } = await issued()
    const opened = createAssociatedTokenAccountInstruction(
      ledger.authority.publicKey,
      accountOf(bob.publicKey),
      bob.publicKey,
      mint('t'),
      TOKEN_2022_PROGRAM_ID,
    )
    expect(await ledger.send([opened])).not.toHaveProperty('error')
    const moved = { ticket: 't', version: 2, holder: bob.publicKey, from: alice.publicKey }
    expect(await put(moved)).not.toHaveProperty('error')
    expect(await held('t', bob.publicKey)).toEqual(FROZEN)
  })

  it('and stays where it is while the holder stays: locked, unlocked, reissued', async () => {
    const { put, held, ticket } = await issued()
    // Nothing but the mint is looked at.
    const accounts = { holderToken: null, associatedTokenProgram: null }
    await put({ ticket: 't', version: 2, status: 'locked', holder: alice.publicKey }, { accounts })
    expect(ticket('t')).toMatchObject({ status: 'locked', version: 2 })
    await put({ ticket: 't', version: 3, generation: 2, holder: alice.publicKey }, { accounts })
    expect(ticket('t')).toMatchObject({ status: 'active', generation: 2, version: 3 })
    expect(await held('t', alice.publicKey)).toEqual(FROZEN)
  })

  it('until the ticket is closed: it is burnt, and its mint is gone', async () => {
    const { put, held, ticket, isMinted } = await issued()
    const closed = {
      ticket: 't',
      version: 2,
      status: 'closed',
      holder: alice.publicKey,
      from: alice.publicKey,
    } as const
    expect(await put(closed)).not.toHaveProperty('error')
    expect(isMinted()).toBe(false)
    expect(await held('t', alice.publicKey)).toEqual(EMPTIED)
    expect(ticket('t')).toMatchObject({ status: 'closed', version: 2 })
    expect(await put({ ...closed, version: 3 })).not.toHaveProperty('error')
    expect(await put({ ticket: 't', version: 4, holder: alice.publicKey })).toMatchObject({ error: 'TicketIsClosed' })
    expect(isMinted()).toBe(false)
  })

  it('also where the ticket moved and was closed before the chain heard of either', async () => {
    const { put, held, ticket, isMinted } = await issued()
    const closed = { ticket: 't', version: 3, status: 'closed', holder: bob.publicKey, from: alice.publicKey } as const
    const accounts = { previousHolder: alice.publicKey }
    expect(await put(closed, { accounts, signer: alice })).not.toHaveProperty('error')
    expect(isMinted()).toBe(false)
    expect(await held('t', alice.publicKey)).toBeUndefined()
    expect(ticket('t')).toMatchObject({ status: 'closed', holder: bob.publicKey.toBase58() })
  })

  it('and not an older version that comes late', async () => {
    const { put, held, ticket } = await issued()
    await put({ ticket: 't', version: 3, holder: carol.publicKey, from: alice.publicKey })
    const late = await put({ ticket: 't', version: 2, holder: bob.publicKey, from: alice.publicKey })
    expect(late).not.toHaveProperty('error')
    expect(await held('t', carol.publicKey)).toEqual(FROZEN)
    expect(await held('t', bob.publicKey)).toBeUndefined()
    expect(ticket('t')).toMatchObject({ holder: carol.publicKey.toBase58(), version: 3 })
  })

  it('as several changes in one transaction say, with some of them already made', async () => {
    const { ledger, putTicketOf, put, held, ticket } = await issued()
    await put({ ticket: 'u', version: 5, holder: alice.publicKey })
    const authority = ledger.authority.publicKey
    const sent = await ledger.send([
      putTicketOf(authority, { ticket: 'u', version: 4, holder: bob.publicKey, from: alice.publicKey }),
      putTicketOf(authority, { ticket: 't', version: 2, holder: bob.publicKey, from: alice.publicKey }),
      putTicketOf(authority, { ticket: 't', version: 3, status: 'locked', holder: bob.publicKey }),
      putTicketOf(authority, { ticket: 'v', version: 1, holder: carol.publicKey }),
    ])
    expect(sent).not.toHaveProperty('error')
    expect(sent.announced).toHaveLength(3)
    expect(ticket('u')).toMatchObject({ version: 5, holder: alice.publicKey.toBase58() })
    expect(ticket('t')).toMatchObject({ version: 3, status: 'locked' })
    expect(await held('t', bob.publicKey)).toEqual(FROZEN)
    expect(await held('v', carol.publicKey)).toEqual(FROZEN)
  })
})

describe('a change of a ticket with a token is refused', () => {
  const missing = { error: 'TokenAccountsMissing' }

  it.each(['mint', 'holderToken', 'tokenProgram', 'associatedTokenProgram'])(
    'without %s, to issue it',
    async (left) => {
      const { put, ticket } = await eventWorld({ token: true })
      const wanted = { ticket: 't', version: 1, holder: alice.publicKey }
      expect(await put(wanted, { accounts: { [left]: null } })).toMatchObject(missing)
      expect(ticket('t')).toBeUndefined()
    },
  )

  it.each(['mint', 'holderToken', 'previousToken', 'tokenProgram', 'associatedTokenProgram'])(
    'without %s, to move it',
    async (left) => {
      const { put, held, ticket } = await issued()
      const wanted = { ticket: 't', version: 2, holder: bob.publicKey, from: alice.publicKey }
      expect(await put(wanted, { accounts: { [left]: null } })).toMatchObject(missing)
      expect(ticket('t')).toMatchObject({ version: 1 })
      expect(await held('t', alice.publicKey)).toEqual(FROZEN)
    },
  )

  it.each(['mint', 'previousToken', 'tokenProgram'])('without %s, to close it', async (left) => {
    const { put, isMinted } = await issued()
    const wanted = {
      ticket: 't',
      version: 2,
      status: 'closed',
      holder: alice.publicKey,
      from: alice.publicKey,
    } as const
    expect(await put(wanted, { accounts: { [left]: null } })).toMatchObject(missing)
    expect(isMinted()).toBe(true)
  })

  it("into an account that is not the new holder's", async () => {
    const { put, accountOf } = await issued()
    const wanted = { ticket: 't', version: 2, holder: bob.publicKey, from: alice.publicKey }
    const accounts = { holderToken: accountOf(carol.publicKey) }
    expect(await put(wanted, { accounts })).toMatchObject({ error: 'NotTheHoldersAccount' })
  })

  it('out of an account that the token is not in, as after a change that the sender did not see', async () => {
    const { put, held } = await issued()
    await put({ ticket: 't', version: 2, holder: bob.publicKey, from: alice.publicKey })
    const elsewhere = { error: 'TokenIsElsewhere' }
    const wanted = { ticket: 't', version: 4, holder: carol.publicKey, from: alice.publicKey }
    expect(await put(wanted)).toMatchObject(elsewhere)
    expect(await put({ ...wanted, from: carol.publicKey })).toMatchObject(elsewhere)
    expect(await put({ ...wanted, status: 'closed' })).toMatchObject(elsewhere)
    expect(await held('t', bob.publicKey)).toEqual(FROZEN)
  })

  it("out of an account of another ticket's token", async () => {
    const { put, held, tokenAccount } = await issued()
    await put({ ticket: 'u', version: 1, holder: alice.publicKey })
    const wanted = { ticket: 't', version: 2, holder: bob.publicKey, from: alice.publicKey }
    const accounts = { previousToken: tokenAccount('u', alice.publicKey) }
    expect(await put(wanted, { accounts })).toMatchObject({ error: 'TokenIsElsewhere' })
    expect(await held('u', alice.publicKey)).toEqual(FROZEN)
  })

  it("with another ticket's mint", async () => {
    const { put, mint } = await issued()
    const wanted = { ticket: 'u', version: 1, holder: alice.publicKey }
    expect(await put(wanted, { accounts: { mint: mint('t') } })).toMatchObject({ error: 'ConstraintSeeds' })
  })

  it('if the previous holder is named and does not sign', async () => {
    const { putTicketOf, ledger, held } = await issued()
    const wanted = { ticket: 't', version: 2, holder: bob.publicKey, from: alice.publicKey }
    const named = putTicketOf(ledger.authority.publicKey, wanted, { previousHolder: alice.publicKey })
    expect(await ledger.send([unsigned(named, alice.publicKey)])).toMatchObject({ error: 'AccountNotSigner' })
    expect(await held('t', alice.publicKey)).toEqual(FROZEN)
  })

  it('if who signs as the previous holder is somebody else', async () => {
    const { put, held } = await issued()
    const wanted = { ticket: 't', version: 2, holder: bob.publicKey, from: alice.publicKey }
    const accounts = { previousHolder: carol.publicKey }
    expect(await put(wanted, { accounts, signer: carol })).toMatchObject({ error: 'NotThePreviousHolder' })
    expect(await held('t', alice.publicKey)).toEqual(FROZEN)
  })
})

describe('close_ticket, where tickets have tokens', () => {
  it('burns a token that is still there, and closes its mint', async () => {
    const { close, held, ticket, ledger, mint, accountOf, isMinted } = await issued()
    const accounts = { mint: mint('t'), holderToken: accountOf(alice.publicKey), tokenProgram: TOKEN_2022_PROGRAM_ID }
    expect(await close('t', { accounts })).toMatchObject({ error: 'EventIsOpen' })
    ledger.setTime(CLOSES_AT)
    for (const left of ['mint', 'holderToken', 'tokenProgram'])
      expect(await close('t', { accounts: { ...accounts, [left]: null } })).toMatchObject({
        error: 'TokenAccountsMissing',
      })
    expect(await close('t', { accounts })).not.toHaveProperty('error')
    expect([ticket('t'), isMinted()]).toEqual([undefined, false])
    expect(await held('t', alice.publicKey)).toEqual(EMPTIED)
  })

  it('is refused with an account that the token is not in, or another who signs as its holder', async () => {
    const { close, put, ledger, mint, accountOf } = await issued()
    await put({ ticket: 't', version: 2, holder: bob.publicKey, from: alice.publicKey })
    ledger.setTime(CLOSES_AT)
    const accounts = { mint: mint('t'), holderToken: accountOf(alice.publicKey), tokenProgram: TOKEN_2022_PROGRAM_ID }
    expect(await close('t', { accounts })).toMatchObject({ error: 'TokenIsElsewhere' })
    const signed = { ...accounts, holderToken: accountOf(bob.publicKey), holder: alice.publicKey }
    expect(await close('t', { accounts: signed, signer: alice })).toMatchObject({ error: 'NotThePreviousHolder' })
  })

  it('asks for nothing of a token that was burnt before', async () => {
    const { close, put, ticket, ledger } = await issued()
    await put({ ticket: 't', version: 2, status: 'closed', holder: alice.publicKey, from: alice.publicKey })
    ledger.setTime(CLOSES_AT)
    expect(await close('t')).not.toHaveProperty('error')
    expect(ticket('t')).toBeUndefined()
  })
})
