import { execFile } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { FastifyInstance, RouteOptions } from 'fastify'
import { newWallet } from '../commands/wallet.world.ts'
import type { Action } from '../domain/roles.ts'
import type { Client } from './client.ts'
import type { OwnTicket, Page, PlacedOrder, World } from './counterfoil.world.ts'

export type Route = { readonly method: string; readonly url: string; readonly action: Action | 'public' | 'webhook' }

/** What a route is asked with. Parameters that are not named here are those of the stage. */
export type Sample = { readonly params?: Readonly<Record<string, string>>; readonly body?: object }

export type Answer = {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever was answered
  readonly json: any
}

/** Every route that servers made from now on take, whether or not their document tells of it. */
export const watchRoutes = () => {
  const taken: RouteOptions[] = []
  const watch = (message: unknown) =>
    (message as { fastify: FastifyInstance }).fastify.addHook('onRoute', (route) => {
      taken.push(route)
    })
  subscribe('fastify.initialization', watch)
  return (): readonly Route[] => {
    unsubscribe('fastify.initialization', watch)
    return taken.flatMap(({ method, url, config }) =>
      [method].flat().map((one) => ({ method: one, url, action: config?.action ?? 'public' })),
    )
  }
}

export const nameOf = ({ method, url }: Pick<Route, 'method' | 'url'>): string =>
  `${method === 'HEAD' ? 'GET' : method} ${url}`

export const isGuarded = (route: Route): route is Route & { action: Action } =>
  route.action !== 'public' && route.action !== 'webhook'

/** How many facts the ledger holds that requests have made, read beside the server. */
export const factCounter = (folder: string) => {
  const ledger = new DatabaseSync(join(folder, 'ledger.db'), { readOnly: true })
  // What reactors and workers make of earlier requests comes whenever they get to it.
  const count = ledger.prepare(
    `select count(*) as facts from fact where metadata ->> '$.actor.id' not in ('refunds', 'event-rescheduling')`,
  )
  return { count: () => (count.get() as { facts: number }).facts, close: () => ledger.close() }
}

/** One thing of each kind in the tenant demo, and for each route a request that it accepts. */
export const stage = async (w: World) => {
  const { olga, venueId, eventId, typeId } = await w.onSale({ size: 1_000 })
  const spare = await w.onSale()
  const doomed = await w.onSale()
  const ann = await w.as('attendee', 'ann')
  const { personId } = (await ann.call<{ personId: string }>('GET', '/me')).body
  const [{ ticketId }] = (await w.buyTickets(ann, eventId, typeId)) as [OwnTicket]
  const toRefund = await w.buy(ann, eventId, typeId)
  const [{ ticketId: toGiveBack }] = (await w.buyTickets(ann, eventId, typeId)) as [OwnTicket]
  const [{ ticketId: toRevoke }] = (await w.buyTickets(ann, eventId, typeId)) as [OwnTicket]
  const place = async () =>
    (await ann.call<PlacedOrder>('POST', '/orders', { eventId, items: [{ typeId, quantity: 1 }] })).body
  const [toRead, toCancel, toPay] = [await place(), await place(), await place()]
  const disputed = await place()
  const { id: paymentId, clientSecret } = disputed.payment
  await ann.call('POST', `/sandbox/payments/${paymentId}/confirm`, { clientSecret, card: 'disputed' })
  const isDisputed = async () =>
    (await ann.call<{ payments: { disputed: boolean }[] }>('GET', `/orders/${disputed.orderId}`)).body.payments[0]!
      .disputed
  while (!(await isDisputed())) await setTimeout(50)
  // Or its lock would be recorded at any moment from here on.
  const isLocked = async () =>
    (await ann.call<Page<{ orderId: string; lockReason: string | null }>>('GET', '/tickets')).body.items.some(
      ({ orderId, lockReason }) => orderId === disputed.orderId && lockReason !== null,
    )
  while (!(await isLocked())) await setTimeout(50)

  const list = async () => {
    const [owned] = (await w.buyTickets(ann, eventId, typeId)) as [OwnTicket]
    const body = { ticketId: owned.ticketId, priceCents: 2_000 }
    return (await ann.call<{ listingId: string }>('POST', '/listings', body)).body.listingId
  }
  const [listingId, toWithdraw, toBuy] = [await list(), await list(), await list()]
  const [toList] = (await w.buyTickets(ann, eventId, typeId)) as [OwnTicket]

  const shop = await w.as('service', 'shop')
  const external = { confirm: crypto.randomUUID(), release: crypto.randomUUID(), reserve: crypto.randomUUID() }
  const reserve = { eventId, buyerId: personId, items: [{ typeId, quantity: 1 }] }
  for (const orderId of [external.confirm, external.release])
    await shop.call('POST', '/internal/tickets/reserve', { orderId, ...reserve })

  const device = { name: 'Scanner', venueId, zone: 'GA' }
  const register = async (deviceId: string) =>
    (await olga.call<{ credential: string }>('POST', '/devices/register', { deviceId, ...device })).body.credential
  const [credential] = [await register('gate-1'), await register('gate-2')]
  await olga.call('PUT', `/events/${eventId}/entrances/North`, { zone: 'GA' })
  const { code } = (await ann.call<{ code: string }>('GET', `/tickets/${ticketId}/qr`)).body

  const [toLock, toReissue] = (await w.buyTickets(ann, spare.eventId, spare.typeId, 2)).map(({ ticketId }) => ({
    ticketId,
  })) as [{ ticketId: string }, { ticketId: string }]
  const ada = await w.as('admin', 'ada')
  await ann.call('POST', `/tickets/${toReissue.ticketId}/report`, { kind: 'lost' })
  const bob = await w.as('attendee', 'bob')
  const bobsId = (await bob.call<{ personId: string }>('GET', '/me')).body.personId
  const [bobs] = await w.buyTickets(bob, eventId, typeId)
  const toGive = await w.buyTickets(ann, eventId, typeId, 3)
  const offer = async (giver: Client, ticket: OwnTicket, email: string) =>
    (
      await giver.call<{ offerId: string; acceptanceCode: string }>('POST', '/transfers/gift', {
        ticketId: ticket.ticketId,
        email,
      })
    ).body
  const [bobs2] = await w.buyTickets(bob, eventId, typeId)
  const toAccept = await offer(bob, bobs!, 'friend@example.org')
  const toDecline = await offer(bob, bobs2!, 'friend@example.org')
  const toTakeBack = await offer(ann, toGive[0]!, 'friend@example.org')

  const wallet = newWallet()
  const { address } = wallet
  const { message } = (await ada.call<{ message: string }>('POST', '/me/wallet/challenge', { address })).body

  await anchored(w)
  while ((await ada.call('GET', `/tickets/${ticketId}/proof`).catch(() => undefined)) === undefined)
    await setTimeout(50)

  const inAnHour = Date.now() + 3_600_000
  const event = {
    venueId,
    name: 'Matinee',
    startsAt: new Date(inAnHour).toISOString(),
    endsAt: new Date(inAnHour + 3_600_000).toISOString(),
    timeZone: 'Europe/Amsterdam',
    currency: 'EUR',
  }
  const fee = { code: 'booking_fee', flat: [{ amount: 100, currency: 'EUR' }], basisPoints: 100, paidBy: 'buyer' }
  const type = { name: 'Seated', pool: 'GA', priceCents: 3_000, zone: 'GA' }
  const order = { eventId, items: [{ typeId, quantity: 1 }] }
  const payment = { reference: 'inv-1', amountCents: 2_500, currency: 'EUR' }

  const samples: Readonly<Record<string, Sample>> = {
    'POST /api/v1/venues': { body: { name: 'Melkweg', timeZone: 'Europe/Amsterdam' } },
    'PUT /api/v1/venues/:venueId/fees': { params: { venueId: spare.venueId }, body: { fees: [fee] } },
    'PUT /api/v1/venues/:venueId/royalty': { body: { basisPoints: 500 } },
    'POST /api/v1/events': { body: event },
    'PUT /api/v1/events/:eventId/pools/:pool': { body: { size: 1_001 } },
    'POST /api/v1/events/:eventId/ticket-types': { body: type },
    'PUT /api/v1/events/:eventId/ticket-types/:typeId': {
      params: { eventId: spare.eventId, typeId: spare.typeId },
      body: type,
    },
    'PUT /api/v1/events/:eventId/entrances/:name': { body: { zone: 'GA' } },
    'POST /api/v1/events/:eventId/sales/close': { params: { eventId: spare.eventId } },
    'POST /api/v1/events/:eventId/reschedule': { body: { startsAt: event.startsAt, endsAt: event.endsAt } },
    'POST /api/v1/events/:eventId/cancel': { params: { eventId: doomed.eventId }, body: { reason: 'weather' } },
    'POST /api/v1/orders/:orderId/refund': { params: { orderId: toRefund.orderId } },
    'POST /api/v1/admin/tickets/:ticketId/refund': { params: { ticketId: toGiveBack } },
    'POST /api/v1/admin/tickets/:ticketId/revoke': { params: { ticketId: toRevoke }, body: { reason: 'fraud' } },
    'POST /api/v1/orders': { body: order },
    'POST /api/v1/purchase': { body: order },
    'POST /api/v1/orders/:orderId/cancel': { params: { orderId: toCancel.orderId } },
    'POST /api/v1/listings': { body: { ticketId: toList.ticketId, priceCents: 2_000 } },
    'PUT /api/v1/listings/:listingId': { body: { priceCents: 2_200 } },
    'DELETE /api/v1/listings/:listingId': { params: { listingId: toWithdraw } },
    'POST /api/v1/transfers/purchase': { body: { listingId: toBuy, priceCents: 2_000 } },
    'POST /api/v1/sandbox/payments/:paymentId/confirm': {
      body: { clientSecret: toPay.payment.clientSecret, card: 'good' },
    },
    'POST /api/v1/sandbox/payments/:paymentId/dispute': { params: { paymentId }, body: { outcome: 'won' } },
    'POST /api/v1/internal/tickets/availability': { body: { eventId } },
    'POST /api/v1/internal/tickets/prices': { body: order },
    'POST /api/v1/internal/tickets/reserve': { body: { orderId: external.reserve, ...reserve } },
    'POST /api/v1/internal/tickets/confirm': { body: { orderId: external.confirm, payment } },
    'POST /api/v1/internal/tickets/release': { body: { orderId: external.release } },
    'POST /api/v1/transfer': { body: { ticketId: toGive[1]!.ticketId, toPersonId: bobsId } },
    'POST /api/v1/transfers/gift': { body: { ticketId: toGive[2]!.ticketId, email: 'friend@example.org' } },
    'POST /api/v1/transfers/:offerId/accept': {
      params: { offerId: toAccept.offerId },
      body: { code: toAccept.acceptanceCode },
    },
    'POST /api/v1/transfers/:offerId/decline': {
      params: { offerId: toDecline.offerId },
      body: { code: toDecline.acceptanceCode },
    },
    'POST /api/v1/transfers/:offerId/cancel': { params: { offerId: toTakeBack.offerId } },
    'PUT /api/v1/events/:eventId/rules/transfers': { body: { cooldownMinutes: 15 } },
    'PUT /api/v1/events/:eventId/rules/resale': { body: { cap: { basisPoints: 10_000 } } },
    'PUT /api/v1/events/:eventId/rules/refunds': { body: { feesRefunded: true } },
    'POST /api/v1/admin/people/:personId/identity': { body: { document: 'passport' } },
    'POST /api/v1/devices/register': { body: { deviceId: 'gate-3', ...device } },
    'POST /api/v1/devices/:deviceId/assign': { body: { eventId, zone: 'GA', entrance: 'North' } },
    'POST /api/v1/devices/:deviceId/deactivate': { params: { deviceId: 'gate-2' } },
    'POST /api/v1/scan': { body: { code } },
    'POST /api/v1/tickets/validate-qr': { body: { code } },
    'POST /api/v1/tickets/:ticketId/report': { params: toLock, body: { kind: 'stolen' } },
    'DELETE /api/v1/tickets/:ticketId/report': { params: toLock },
    'POST /api/v1/admin/tickets/:ticketId/lock': { params: toLock, body: { reason: 'legal_hold' } },
    'DELETE /api/v1/admin/tickets/:ticketId/lock': { params: toLock },
    'POST /api/v1/admin/tickets/locks': { body: { orderId: toRead.orderId, reason: 'event_policy' } },
    'POST /api/v1/admin/tickets/locks/lift': { body: { eventId: spare.eventId } },
    'POST /api/v1/admin/tickets/:ticketId/report/reject': { params: toLock },
    'POST /api/v1/admin/tickets/:ticketId/identity-check': {
      params: toReissue,
      body: { document: 'passport', outcome: 'matched' },
    },
    'POST /api/v1/admin/tickets/:ticketId/reissue': { params: toReissue },
    'PUT /api/v1/me': { body: { name: 'Ann Lee', email: 'ann@example.org' } },
    'PUT /api/v1/me/payout-account': { body: { account: 'acct_1Nv0FGQ9RKHgCVdK' } },
    'POST /api/v1/me/wallet/challenge': { body: { address } },
    'POST /api/v1/me/wallet': { body: { address, message, signature: wallet.sign(message), consent: true } },
    'POST /api/v1/admin/inventory/:eventId/reconcile': { body: { repair: false } },
  }

  const params: Readonly<Record<string, string>> = {
    ...{ venueId, eventId, typeId, ticketId, orderId: toRead.orderId, paymentId: toPay.payment.id },
    ...{ listingId, userId: personId, personId, deviceId: 'gate-1', pool: 'GA', name: 'North' },
  }
  const sampleOf = (route: Route): Required<Pick<Sample, 'params'>> & Sample => {
    const sample = samples[nameOf(route)] ?? {}
    return { ...sample, params: { ...params, ...sample.params } }
  }

  return {
    credential,
    venueId,
    eventId,
    typeId,
    ticketId,
    orderToPay: toPay.orderId,
    samples,
    sampleOf,
    pathOf: (route: Route): string =>
      route.url.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(sampleOf(route).params[name]!)),
    /** What nobody outside may see; a person is the same everywhere. */
    secrets: [
      venueId,
      eventId,
      typeId,
      ticketId,
      toRead.orderId,
      toCancel.orderId,
      toPay.orderId,
      'gate-1',
      'gate-2',
      toAccept.offerId,
    ],
  }
}

/** Has a head of the log published, as an operator would. */
const anchored = ({ folder }: World): Promise<unknown> =>
  promisify(execFile)(process.execPath, [fileURLToPath(new URL('anchor.ts', import.meta.url))], {
    env: { ...process.env, DATA_DIR: folder },
  })

/** Who may use a route, and for whom its sample is: the device, the service, the buyer, else an admin. */
export const userOf = (action: Action): 'gate' | 'shop' | 'ann' | 'ada' => {
  if (action === 'gate.scan') return 'gate'
  if (action === 'internal.tickets') return 'shop'
  const own: readonly Action[] = ['ticket.qr', 'ticket.sell', 'payment.confirm', 'loss.own', 'transfer.give']
  return own.includes(action) ? 'ann' : 'ada'
}

/** One request as it is, with whatever comes back. */
export const ask = async (url: string, init: RequestInit & { token?: string } = {}): Promise<Answer> => {
  const { token, ...rest } = init
  const headers = new Headers(rest.headers)
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
  const response = await fetch(url, { ...rest, headers })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.includes('json') && text !== ''
  return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined }
}

export const withBody = (body: unknown): RequestInit =>
  body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
