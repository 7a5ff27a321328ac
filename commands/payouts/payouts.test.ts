import { describe, expect, it } from 'vitest'
import { Unavailable } from '../../domain/ledger.ts'
import { days, plus } from '../../domain/time.ts'
import { paySellers } from './paying.ts'
import { BOB, EVENT_ENDS, payoutWorld, SHARE, VENUE } from './payouts.world.ts'

const NOTHING = { paid: 0, failed: 0, reversed: 0, lost: 0, waiting: 0 }

/** Sold, credited, and after the event; Sue has told her account. */
const afterTheEvent = async (account = 'acct_sue') => {
  const w = await payoutWorld()
  const orderId = await w.sell('one')
  await w.follow()
  await w.tellAccount(account)
  w.pass(EVENT_ENDS)
  return { w, orderId }
}

describe('a seller’s share of a confirmed resale', () => {
  it('F11.9 is credited once, however often its sale is looked at', async () => {
    const w = await payoutWorld()
    const orderId = await w.sell('one')
    for (let n = 0; n < 3; n++) await w.follow()
    expect(w.facts()).toEqual(['AccountCredited'])
    expect(await w.creditOf(orderId)).toMatchObject({ amount: { amount: SHARE, currency: 'EUR' }, payableFrom: null })
  })

  it('is nobody’s where no seller has one', async () => {
    const w = await payoutWorld()
    const orderId = await w.sell('one', { to: [{ account: `venue:${VENUE}`, amount: 10_000 }] })
    await w.dispute(orderId)
    await w.follow()
    expect(w.log.filter(({ stream }) => stream.startsWith('account-'))).toEqual([])
  })

  it('F11.9 is paid out once the event has ended, once', async () => {
    const w = await payoutWorld()
    const orderId = await w.sell('one')
    await w.follow()
    await w.tellAccount('acct_sue')
    w.pass(plus(EVENT_ENDS, -1))
    expect(await w.pay()).toEqual({ ...NOTHING, looked: 1, waiting: 1 })
    w.pass(EVENT_ENDS)
    expect(await w.pay()).toEqual({ ...NOTHING, looked: 1, paid: 1 })
    expect(await w.pay()).toEqual({ ...NOTHING, looked: 0 })
    expect(w.moved).toEqual([`${SHARE} to acct_sue`])
    expect(await w.status(orderId)).toBe('paid')
  })

  it('F11.9 is paid out so many days after the sale where the event says so', async () => {
    const w = await payoutWorld({ payableFrom: async ({ confirmedAt }) => plus(confirmedAt, days(2)) })
    await w.sell('one')
    await w.follow()
    await w.tellAccount('acct_sue')
    w.wait(days(2) - 1)
    expect(await w.pay()).toMatchObject({ waiting: 1 })
    w.wait(1)
    expect(await w.pay()).toMatchObject({ paid: 1 })
  })

  it('is paid out once by two workers at the same time', async () => {
    const { w, orderId } = await afterTheEvent()
    await Promise.all([w.pay(), w.pay()])
    expect(w.facts().filter((type) => type === 'PayoutMade')).toHaveLength(1)
    expect(await w.status(orderId)).toBe('paid')
  })

  it('is one of many, each paid out by itself, whatever befalls another', async () => {
    const w = await payoutWorld()
    for (let n = 0; n < 20; n++) await w.sell(`order ${n}`)
    await w.follow()
    await w.tellAccount('acct_sue')
    w.pass(EVENT_ENDS)
    w.loseAnswer(() => new Error('the provider answered nonsense'))
    await expect(w.pay()).rejects.toThrow('could not be dealt with')
    expect(w.facts().filter((type) => type === 'PayoutMade')).toHaveLength(19)
    expect(await w.pay()).toEqual({ ...NOTHING, looked: 1, paid: 1 })
    expect(w.moved).toHaveLength(21)
  })
})

describe('a seller', () => {
  it('who told no account waits for it, which is said once, and is paid once it is told', async () => {
    const w = await payoutWorld()
    const orderId = await w.sell('one')
    await w.follow()
    w.pass(EVENT_ENDS)
    for (let n = 0; n < 3; n++) expect(await w.pay()).toMatchObject({ waiting: 1 })
    expect(w.facts()).toEqual(['AccountCredited', 'PayoutFailed'])
    expect((await w.creditOf(orderId))!.failed).toMatchObject({ reason: 'no_account' })
    await w.tellAccount('acct_sue')
    expect(await w.pay()).toMatchObject({ paid: 1 })
    expect((await w.creditOf(orderId))!.failed).toBeNull()
  })

  it('whose account is closed is paid to another one', async () => {
    const { w, orderId } = await afterTheEvent('acct_closed')
    expect(await w.pay()).toMatchObject({ failed: 1 })
    expect(await w.status(orderId)).toBe('due')
    expect((await w.creditOf(orderId))!.failed).toMatchObject({ reason: 'account_closed' })
    await w.tellAccount('acct_sue')
    expect(await w.pay()).toMatchObject({ paid: 1 })
    expect(w.moved).toEqual([`${SHARE} to acct_closed: account_closed`, `${SHARE} to acct_sue`])
  })

  it('who was erased waits until they tell an account anew', async () => {
    const { w } = await afterTheEvent()
    await w.forget()
    expect(await w.pay()).toMatchObject({ waiting: 1 })
    await w.tellAccount('acct_again')
    expect(await w.pay()).toMatchObject({ paid: 1 })
  })

  it('whose transfer came through unheard is not paid a second time, whatever account is told meanwhile', async () => {
    const { w, orderId } = await afterTheEvent()
    w.loseAnswer(() => new Unavailable('the provider was not heard'))
    expect(await w.pay()).toMatchObject({ looked: 1, paid: 0 })
    await w.tellAccount('acct_else')
    expect(await w.pay()).toMatchObject({ paid: 1 })
    expect(w.moved).toEqual([`${SHARE} to acct_sue`, `${SHARE} to acct_sue`])
    expect(await w.status(orderId)).toBe('paid')
  })

  it('whose transfer came through unheard, and who was then erased, is for a person to see to', async () => {
    const { w } = await afterTheEvent()
    w.loseAnswer(() => new Unavailable('the provider was not heard'))
    await w.pay()
    await w.forget()
    await expect(w.pay()).rejects.toThrow('1 of 1 could not be dealt with')
  })
})

describe('a dispute of the buyer’s payment', () => {
  it('F11.9 withholds the payout until it is won', async () => {
    const { w, orderId } = await afterTheEvent()
    await w.dispute(orderId)
    await w.follow()
    expect([await w.status(orderId), await w.pay()]).toEqual(['withheld', { ...NOTHING, looked: 0 }])
    await w.closeDispute(orderId, true)
    await w.follow()
    expect([await w.status(orderId), await w.pay()]).toMatchObject(['due', { paid: 1 }])
  })

  it('F11.9 withholds it also where nobody has heard of it but the books', async () => {
    const { w, orderId } = await afterTheEvent()
    await w.dispute(orderId)
    expect(await w.pay()).toEqual({ ...NOTHING, looked: 1 })
    expect([await w.status(orderId), w.moved]).toEqual(['withheld', []])
  })

  it('F11.9 that is lost before the payout leaves nothing to pay', async () => {
    const { w, orderId } = await afterTheEvent()
    await w.dispute(orderId)
    await w.closeDispute(orderId, false)
    for (let n = 0; n < 2; n++) await w.follow()
    await w.pay()
    expect([await w.status(orderId), w.moved]).toEqual(['cancelled', []])
    expect(w.facts().filter((type) => type === 'AccountDebited')).toHaveLength(1)
  })

  it('F11.9 that is lost after the payout takes it back, once', async () => {
    const { w, orderId } = await afterTheEvent()
    await w.pay()
    await w.dispute(orderId)
    await w.follow()
    expect(await w.status(orderId)).toBe('paid')
    await w.closeDispute(orderId, false)
    await w.follow()
    expect(await w.status(orderId)).toBe('reversing')
    expect(await w.pay()).toMatchObject({ reversed: 1 })
    expect(await w.pay()).toMatchObject({ looked: 0 })
    expect([await w.status(orderId), w.moved.at(-1)]).toEqual(['reversed', `${SHARE} back: reversed`])
  })

  it('that is lost once the seller has spent the money is borne by the platform, and recorded', async () => {
    const { w, orderId } = await afterTheEvent('acct_spent')
    await w.pay()
    await w.dispute(orderId)
    await w.closeDispute(orderId, false)
    await w.follow()
    expect(await w.pay()).toMatchObject({ lost: 1 })
    expect(await w.pay()).toMatchObject({ looked: 0 })
    expect(w.facts().at(-1)).toBe('PayoutReversalRefused')
  })

  it('is one of several: a second that is lost counts though the first was won', async () => {
    const { w, orderId } = await afterTheEvent()
    for (const id of ['dp_1', 'dp_2']) await w.dispute(orderId, id)
    await w.closeDispute(orderId, true, 'dp_1')
    await w.follow()
    expect(await w.status(orderId)).toBe('withheld')
    await w.closeDispute(orderId, false, 'dp_2')
    await w.follow()
    expect(await w.status(orderId)).toBe('cancelled')
  })
})

describe('a refund of the buyer’s payment', () => {
  it('before the payout leaves nothing to pay, or what is left', async () => {
    const w = await payoutWorld()
    const [whole, part] = [await w.sell('whole'), await w.sell('part')]
    await w.follow()
    await w.tellAccount('acct_sue')
    await w.refund(whole)
    await w.refund(part, 0.2)
    await w.follow()
    w.pass(EVENT_ENDS)
    expect(await w.pay()).toMatchObject({ looked: 1, paid: 1 })
    expect(w.moved).toEqual([`${SHARE * 0.8} to acct_sue`])
    expect([await w.status(whole), await w.status(part)]).toEqual(['cancelled', 'paid'])
  })

  it('that is still on its way lets nothing be paid out, and then leaves nothing to pay', async () => {
    const { w, orderId } = await afterTheEvent()
    await w.closeTicket(orderId)
    expect(await w.pay()).toMatchObject({ looked: 1, paid: 0, waiting: 1 })
    await w.refund(orderId)
    await w.follow()
    expect(await w.pay()).toMatchObject({ looked: 0 })
    expect([await w.status(orderId), w.moved]).toEqual(['cancelled', []])
  })

  it('after the payout takes back the seller’s part of it', async () => {
    const { w, orderId } = await afterTheEvent()
    await w.pay()
    await w.refund(orderId, 0.2)
    await w.follow()
    expect(await w.pay()).toMatchObject({ reversed: 1 })
    await w.refund(orderId, 0.8)
    await w.follow()
    expect(await w.pay()).toMatchObject({ reversed: 1 })
    expect(w.moved.slice(1)).toEqual([`${SHARE * 0.2} back: reversed`, `${SHARE * 0.8} back: reversed`])
    expect(await w.status(orderId)).toBe('reversed')
  })

  it('that comes while a transfer is unheard of takes it back once that is known', async () => {
    const { w, orderId } = await afterTheEvent()
    w.loseAnswer(() => new Unavailable('the provider was not heard'))
    await w.pay()
    await w.refund(orderId)
    await w.follow()
    expect(await w.pay()).toMatchObject({ looked: 1, paid: 1, reversed: 1 })
    expect(await w.status(orderId)).toBe('reversed')
  })

  it('whose reversal came through unheard is not reversed twice', async () => {
    const { w, orderId } = await afterTheEvent()
    await w.pay()
    await w.refund(orderId)
    await w.follow()
    w.loseAnswer(() => new Unavailable('the provider was not heard'))
    await w.pay()
    expect(await w.pay()).toMatchObject({ reversed: 1 })
    expect(await w.status(orderId)).toBe('reversed')
    expect(w.facts().filter((type) => type === 'PayoutReversed')).toHaveLength(1)
  })
})

it('a sale that a provider took which is not in use here is for a person to see to', async () => {
  const { w } = await afterTheEvent()
  const other = { ...w.deps, providerCalled: () => undefined }
  await expect(paySellers(other)).rejects.toThrow('1 of 1 could not be dealt with')
})

it('no fact of an account says what the provider calls it', async () => {
  const { w } = await afterTheEvent()
  await w.pay()
  expect(JSON.stringify(w.log)).not.toContain('acct_')
  expect(JSON.stringify(w.log)).toContain(BOB)
})
