import { describe, expect, it } from 'vitest'
import { gateWorld, VENUE } from '../gate.world.ts'

const home = async () => {
  const world = await gateWorld()
  const ann = await world.token('attendee', 'ann')
  const tell = (body: object, bearer = ann, key?: string) =>
    world.call('PUT', '/me', bearer, { body, ...(key && { key }) })
  return {
    ...world,
    tell,
    me: async (bearer = ann) => (await world.call('GET', '/me', bearer)).body,
    forget: (key?: string) => world.call('DELETE', '/me', ann, key ? { key } : {}),
  }
}

const ANN = { name: 'Ann Lee', email: 'ann@example.org' }

describe('my profile', () => {
  it('says who the token speaks for, and nothing more of who has told nothing', async () => {
    const { me, personId } = await home()
    const personal = { personId: personId('ann'), tenant: 'acme', role: 'attendee', venues: [VENUE] }
    expect(await me()).toEqual({ ...personal, profile: null, walletAddress: null, isVerified: false })
  })

  it('is in the vault, while the ledger knows only that there is one', async () => {
    const { me, tell, ofType, log } = await home()
    expect(await tell(ANN)).toMatchObject({ status: 200, body: ANN })
    await tell({ name: 'Ann L. Lee' })
    expect((await me()).profile).toEqual({ name: 'Ann L. Lee', email: null })
    expect(ofType('PersonRegistered')).toHaveLength(1)
    expect(JSON.stringify(log)).not.toMatch(/Ann|ann@/)
  })

  it('is the same in every tenant, each of which knows of it', async () => {
    const { me, tell, token, ofType } = await home()
    const elsewhere = await token('attendee', 'ann', { tenant: 'other' })
    await tell(ANN)
    expect((await me(elsewhere)).profile).toEqual(ANN)
    await tell(ANN, elsewhere)
    expect(new Set(ofType('PersonRegistered').map(({ stream }) => stream)).size).toBe(2)
  })

  it('is gone once it is erased, and stays so when an older request is repeated', async () => {
    const { me, tell, forget, ofType } = await home()
    await tell(ANN, undefined, 'key-1')
    expect(await forget()).toMatchObject({
      status: 204,
      headers: { 'ledger-position': ofType('PersonErased')[0]!.position },
    })
    expect((await me()).profile).toBeNull()
    expect((await tell(ANN, undefined, 'key-1')).text).toBe('null')
    expect((await me()).profile).toBeNull()
  })

  it('can be told anew, and a repeated erasure does not take that', async () => {
    const { me, tell, forget } = await home()
    await tell(ANN)
    await forget('key-2')
    await tell(ANN, undefined, 'key-3')
    await forget('key-2')
    expect((await me()).profile).toEqual(ANN)
  })

  it('is erased in spite of a backup that reads the vault just then', async () => {
    const { me, tell, forget, deps, vault } = await home()
    await tell(ANN)
    let isBusy = true
    const { erase } = vault.people
    deps.people = {
      ...vault.people,
      erase: async (personId) => {
        await erase(personId)
        if (isBusy) {
          isBusy = false
          throw new Error('erase again')
        }
      },
    }
    expect((await forget()).status).toBe(204)
    expect(isBusy).toBe(false)
    expect((await me()).profile).toBeNull()
  })

  it('tells the language to write in, if there is one', async () => {
    const { me, tell } = await home()
    await tell({ ...ANN, locale: 'pt-BR' })
    expect((await me()).profile).toEqual({ ...ANN, locale: 'pt-BR' })
    await tell(ANN)
    expect((await me()).profile).toEqual(ANN)
    expect((await tell({ ...ANN, locale: 'no language' })).status).toBe(400)
  })

  it.each([{}, { name: '' }, { name: 'Ann', email: 'ann' }, { name: 'Ann', role: 'admin' }])(
    'is no %j',
    async (body) => {
      const { tell } = await home()
      expect((await tell(body)).status).toBe(400)
    },
  )
})
