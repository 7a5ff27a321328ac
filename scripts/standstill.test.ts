import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it, onTestFinished } from 'vitest'
import { wholeWorld } from './counterfoil.world.ts'

/** A fact of a type that this version does not know, as a newer one would leave it. */
const leaveUnknownFact = (folder: string) => {
  const ledger = new DatabaseSync(join(folder, 'ledger.db'), { timeout: 5_000 })
  ledger.exec(`
    insert into fact (stream, revision, id, type, data, metadata)
    select 'ticket-0190f3d5-7c1e-7a51-8a3e-9d3f5b7c1d01', 0, '0190f3d5-7c1e-7a51-8a3e-9d3f5b7c1d02', 'TicketFramed', '{}', metadata
    from fact limit 1`)
  ledger.close()
}

it('sells nothing, and says so in time, while the view of what is free stands still', async () => {
  const w = await wholeWorld()
  onTestFinished(w.close)
  const { eventId, typeId } = await w.onSale()
  const ann = await w.as('attendee', 'ann')
  leaveUnknownFact(w.folder)
  const order = ann.call('POST', '/orders', { eventId, items: [{ typeId, quantity: 1 }] })
  await expect(order).rejects.toMatchObject({ status: 503, code: 'unavailable' })
  const health = (await (await fetch(`${w.url}/health`)).json()) as { readModels: object }
  expect(health).toMatchObject({ ready: false, readModels: { availability: { halted: { type: 'TicketFramed' } } } })
}, 30_000)
