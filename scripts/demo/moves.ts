import { setTimeout as sleep } from 'node:timers/promises'
import type { Role } from '../../domain/roles.ts'
import type { Client } from '../client.ts'

type Stage = {
  readonly as: (role: Role, subject: string) => Promise<Client>
  readonly tell: (step: string, ...lines: string[]) => void
}

type Scene = { readonly venueId: string; readonly ticketId: string }

type Mail = { readonly to: string; readonly subject: string; readonly text: string }
type Listing = { readonly listingId: string; readonly price: Amount }
type Order = { orderId: string; status: string; payment: { id: string; clientSecret: string } }
type Amount = { readonly formatted: string }

const BOB = 'bob@example.org'

/** The part of the tour in which a ticket changes hands twice: given away, then sold on. */
export const moves = async ({ as, tell }: Stage, { venueId, ticketId }: Scene): Promise<void> => {
  const [ann, bob, cid] = [await as('attendee', 'ann'), await as('attendee', 'bob'), await as('attendee', 'cid')]
  const gift = await ann.call<{ offerId: string }>('POST', '/transfers/gift', { ticketId, email: BOB })
  const mail = await mailTo(BOB, await as('admin', 'ada'))
  const code = /\b[0-9A-Z]{4}-[0-9A-Z]{4}\b/.exec(mail.text)![0]
  tell('Ann gives the second to a friend, of whom she knows an address', `${BOB} has mail: ${mail.subject}`)

  const { body: taken } = await bob.call<{ status: string }>('POST', `/transfers/${gift.body.offerId}/accept`, { code })
  tell(`Bob has the code ${code}`, `The gift is ${taken.status}: the ticket is his, and Ann's code of it is dead.`)

  const { body: listed } = await bob.call<Listing>('POST', '/listings', { ticketId, priceCents: 3_000 })
  const { body: order } = await cid.call<Order>('POST', '/transfers/purchase', {
    listingId: listed.listingId,
    priceCents: 3_000,
  })
  const card = { clientSecret: order.payment.clientSecret, card: 'good' }
  await cid.call('POST', `/sandbox/payments/${order.payment.id}/confirm`, card)
  const { status, asOf } = (
    await cid.call<{ status: string; asOf: string }>('GET', `/orders/${order.orderId}?wait=10s`)
  ).body
  const shares = await sharesOf({ as }, bob, venueId, asOf)
  tell(`Bob cannot come, and lists it for ${listed.price.formatted}; Cid buys it`, `The order is ${status}. ${shares}`)
  const { items } = (
    await cid.call<{ items: { kind: string }[] }>('GET', `/tickets/${ticketId}/transfers?minPosition=${asOf}`)
  ).body
  tell('Where it has been', ['sold', ...items.toReversed().map(({ kind }) => kind)].join(' → '))
}

/** From the outbox, where mails are written down as long as there is no mail server. */
const mailTo = async (address: string, admin: Client): Promise<Mail> => {
  for (let i = 0; i < 100; i++) {
    const { items } = (await admin.call<{ items: Mail[] }>('GET', '/admin/outbox')).body
    const mail = items.find(({ to }) => to.includes(address))
    if (mail) return mail
    await sleep(100)
  }
  throw new Error(`no mail came to ${address}: see /health`)
}

const sharesOf = async ({ as }: Pick<Stage, 'as'>, bob: Client, venueId: string, asOf: string): Promise<string> => {
  const olga = await as('organizer', 'olga')
  const postings = await olga.call<{ items: { money: Amount }[] }>(
    'GET',
    `/venues/${venueId}/postings?limit=1&minPosition=${asOf}`,
  )
  for (let i = 0; i < 100; i++) {
    const [payout] = (await bob.call<{ items: { share: Amount }[] }>('GET', '/me/payouts')).body.items
    if (payout)
      return `Bob gets ${payout.share.formatted}, the venue ${postings.body.items[0]!.money.formatted}, the platform the rest.`
    await sleep(100)
  }
  throw new Error('the seller was not credited: see /health')
}
