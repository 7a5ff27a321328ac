import { randomBytes, randomUUID } from 'node:crypto'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Vault } from '../domain/vault.ts'

/** What every vault must do. `fresh` makes an empty one; what it returns opens it, and opens it again beside. */
export const vaultContract = (name: string, fresh: () => Promise<() => Promise<Vault>>) =>
  describe(`a vault: ${name}`, () => {
    const opened = async (open?: () => Promise<Vault>) => {
      const vault = await (open ?? (await fresh()))()
      onTestFinished(() => vault.close())
      return vault
    }

    const ann = { name: 'Ann Bøe', email: 'ann@example.org' }

    it('knows a person as they last described themselves', async () => {
      const { people } = await opened()
      const id = randomUUID()
      await people.save(id, ann)
      await people.save(id, { name: 'Ann', email: null })
      expect(await people.find(id)).toEqual({ name: 'Ann', email: null })
    })

    it('knows nothing of a person who has told nothing', async () =>
      expect(await (await opened()).people.find(randomUUID())).toBeUndefined())

    it('forgets an erased person, and nobody else', async () => {
      const { people } = await opened()
      const [erased, other] = [randomUUID(), randomUUID()]
      await people.save(erased, ann)
      await people.save(other, ann)
      await people.erase(erased)
      await people.erase(erased)
      expect(await people.find(erased)).toBeUndefined()
      expect(await people.find(other)).toEqual(ann)
    })

    it('takes an erased person in again', async () => {
      const { people } = await opened()
      const id = randomUUID()
      await people.save(id, ann)
      await people.erase(id)
      await people.save(id, { name: 'Ann again', email: null })
      expect(await people.find(id)).toEqual({ name: 'Ann again', email: null })
    })

    it('finds a person by their address, however it is written', async () => {
      const { people } = await opened()
      const [id, other] = [randomUUID(), randomUUID()]
      await people.save(id, { name: 'Zoë', email: 'Zo\u00eb@Example.org' })
      await people.save(other, ann)
      for (const written of ['zo\u00eb@example.org', ' ZO\u00cb@EXAMPLE.ORG ', 'zoe\u0308@example.org'])
        expect(await people.withEmail(written)).toEqual([id])
      expect(await people.withEmail('zoe@example.org')).toEqual([])
    })

    it('finds everyone who told the same address', async () => {
      const { people } = await opened()
      const ids = [randomUUID(), randomUUID(), randomUUID()]
      for (const id of ids) await people.save(id, ann)
      expect(await people.withEmail('ann@example.org')).toEqual(ids.toSorted())
    })

    it('finds a person by the address they told last, and no longer once they are erased', async () => {
      const { people } = await opened()
      const id = randomUUID()
      const found = async () => [await people.withEmail('ann@example.org'), await people.withEmail('ann@work.example')]
      await people.save(id, ann)
      await people.save(id, { ...ann, email: 'ann@work.example' })
      expect(await found()).toEqual([[], [id]])
      await people.save(id, { ...ann, email: null })
      expect(await found()).toEqual([[], []])
      await people.save(id, ann)
      expect(await found()).toEqual([[id], []])
      await people.erase(id)
      expect(await found()).toEqual([[], []])
    })

    it('makes the secret of an event on first use, and keeps it', async () => {
      const { eventSecrets } = await opened()
      const [eventId, other] = [randomUUID(), randomUUID()]
      const [made, ...older] = await eventSecrets.of(eventId)
      expect(made.secret).toHaveLength(32)
      expect(older).toEqual([])
      expect(await eventSecrets.of(eventId)).toEqual([made])
      const [another] = await eventSecrets.of(other)
      expect(another.keyId).not.toBe(made.keyId)
      expect(another.secret).not.toEqual(made.secret)
    })

    it('makes one key for each purpose', async () => {
      const { keyFor } = await opened()
      const key = await keyFor('token-issuer')
      expect(key).toHaveLength(32)
      expect(await keyFor('token-issuer')).toEqual(key)
      expect(await keyFor('sandbox-bank')).not.toEqual(key)
    })

    it('keeps the newest credential of a device, with its tenant', async () => {
      const { deviceCredentials } = await opened()
      const deviceId = randomUUID()
      const secretHash = new Uint8Array(randomBytes(32))
      await deviceCredentials.save('acme', deviceId, new Uint8Array(randomBytes(32)))
      await deviceCredentials.save('acme', deviceId, secretHash)
      expect({ ...(await deviceCredentials.find(deviceId)) }).toEqual({ tenant: 'acme', secretHash })
      expect(await deviceCredentials.find(randomUUID())).toBeUndefined()
    })

    it('shows the same to everyone who opens it, now and later', async () => {
      const open = await fresh()
      const [one, other] = [await opened(open), await opened(open)]
      const id = randomUUID()
      await one.people.save(id, ann)
      const [secrets, key] = [await one.eventSecrets.of(id), await one.keyFor('p')]
      for (const vault of [other, await opened(open)]) {
        expect(await vault.people.find(id)).toEqual(ann)
        expect(await vault.people.withEmail('ann@example.org')).toEqual([id])
        expect(await vault.eventSecrets.of(id)).toEqual(secrets)
        expect(await vault.keyFor('p')).toEqual(key)
      }
      await other.people.erase(id)
      expect(await one.people.find(id)).toBeUndefined()
    })

    it('keeps what each worker told last, and its last run until there is another', async () => {
      const { workers } = await opened()
      const lastRun = { at: '2030-01-01T10:00:00.000Z', outcome: { looked: 3 }, error: null }
      const sweep = { name: 'sweep', every: '* * * * *', nextRun: '2030-01-01T10:01:00.000Z', lastRun: null }
      const audit = { ...sweep, name: 'audit' }
      await workers.tell(sweep)
      await workers.tell(audit)
      await workers.tell({ ...sweep, lastRun })
      await workers.tell({ ...sweep, nextRun: null })
      expect(await workers.all()).toEqual([audit, { ...sweep, nextRun: null, lastRun }])
    })
  })
