import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ChainUnavailable } from '../../commands/chain/chain.ts'
import { settle, someTicket, someWallet } from './chain.contract.ts'
import { type Fault, faultyChain, TIMEOUT_MS } from './faults.world.ts'
import { solanaChain } from './solana-chain.ts'

/** Of which a blockhash lives 150. */
const BLOCK_MS = 400

const failing = (call: Promise<unknown>): Promise<Error> =>
  call.then(
    () => expect.fail('it was answered'),
    (error) => error,
  )

describe('a transaction whose answer is lost', () => {
  it('may have been carried out: its outcome says so, and sent again it does nothing more', async () => {
    const { chain, event, faults } = await faultyChain()
    const [signed] = await chain.signTickets([someTicket(event.eventId)])
    faults.push(['sendTransaction', 'lost-after'])
    const error = await failing(chain.send(signed!))
    expect(error).toBeInstanceOf(ChainUnavailable)
    expect(error.message).toBe(`Solana could not take a transaction: the node did not answer within ${TIMEOUT_MS} ms`)
    const before = await chain.funds()
    expect(await settle(chain, [signed])).toEqual(['final'])
    expect(await chain.funds()).toEqual(before)
  })

  it('may not have been: then it is unknown, and the same bytes do it', async () => {
    const { chain, event, faults } = await faultyChain()
    const [signed] = await chain.signTickets([someTicket(event.eventId)])
    faults.push(['sendTransaction', 'lost-before'])
    await failing(chain.send(signed!))
    expect((await chain.look([signed!.signature])).outcomes).toEqual(['unknown'])
    expect(await settle(chain, [signed])).toEqual(['final'])
  })
})

describe('a transaction that is too old', () => {
  it.each<[string, Fault | undefined]>([
    ['is dropped in silence', undefined],
    [
      'is refused',
      {
        status: 200,
        body: JSON.stringify({
          error: { code: -32002, message: 'Transaction simulation failed: Blockhash not found' },
        }),
      },
    ],
  ])('%s: it is unknown beyond its last height, and is signed anew', async (_, fault) => {
    const { chain, event, faults, pass } = await faultyChain()
    const copy = someTicket(event.eventId)
    const [signed] = await chain.signTickets([copy])
    pass(150 * BLOCK_MS)
    expect((await chain.look([signed!.signature])).height).toBe(signed!.lastValidBlockHeight)
    pass(BLOCK_MS)
    if (fault) faults.push(['sendTransaction', fault])
    await chain.send(signed!)
    const { outcomes, height } = await chain.look([signed!.signature])
    expect(outcomes).toEqual(['unknown'])
    expect(height).toBeGreaterThan(signed!.lastValidBlockHeight)
    expect(await settle(chain, await chain.signTickets([copy]))).toEqual(['final'])
  })
})

describe('what may still be undone', () => {
  it('is under way, and final only once nothing can undo it', async () => {
    const { chain, event, pass } = await faultyChain({ finalAfterMs: 13_000 })
    const [signed] = await chain.signTickets([someTicket(event.eventId)])
    await chain.send(signed!)
    expect((await chain.look([signed!.signature])).outcomes).toEqual(['underway'])
    pass(13_000 + BLOCK_MS)
    expect((await chain.look([signed!.signature])).outcomes).toEqual(['final'])
  })

  it('may be a failure too: it is none before it is final', async () => {
    const { chain, event, pass } = await faultyChain({ finalAfterMs: 13_000 })
    const [signed] = await chain.signClosing([someTicket(event.eventId)])
    expect(signed).toBeUndefined()
    const copy = someTicket(event.eventId)
    for (const transaction of await chain.signTickets([copy])) await chain.send(transaction)
    const [tooEarly] = await chain.signClosing([copy])
    await chain.send(tooEarly!)
    expect((await chain.look([tooEarly!.signature])).outcomes).toEqual(['underway'])
    pass(13_000 + BLOCK_MS)
    expect((await chain.look([tooEarly!.signature])).outcomes).toEqual([
      { failed: "EventIsOpen: The event is still open: its tickets' accounts stay" },
    ])
  })
})

describe('a node that is behind', () => {
  it('is not believed that it knows nothing of a transaction: it might be on chain, and too old by now', async () => {
    const { chain, event, faults, pass } = await faultyChain()
    const [signed] = await chain.signTickets([someTicket(event.eventId)])
    expect((await chain.look([signed!.signature])).outcomes).toEqual(['unknown'])
    await chain.send(signed!)
    pass(151 * BLOCK_MS)
    faults.push(['getSignatureStatuses', 'stale'])
    const error = await failing(chain.look([signed!.signature]))
    expect(error).toEqual(
      new ChainUnavailable('Solana could not tell what became of transactions: the node is behind others'),
    )
    expect((await chain.look([signed!.signature])).outcomes).toEqual(['final'])
  })

  it('leads to a transaction in vain where it does not know a ticket yet: the newest version stays', async () => {
    const { chain, event, faults } = await faultyChain()
    const copy = someTicket(event.eventId, { version: 3 })
    await settle(chain, await chain.signTickets([copy]))
    faults.push(['getMultipleAccounts', 'stale'])
    const again = await chain.signTickets([copy])
    expect(again).toHaveLength(1)
    expect(await settle(chain, again)).toEqual(['final'])
    expect((await chain.find([copy]))[0]!.found).toMatchObject({ version: 3, status: 'active' })
  })

  it('leads to one that fails where it names an old holder: signed anew it goes through', async () => {
    const { chain, event, faults } = await faultyChain()
    const first = someTicket(event.eventId, { wallet: someWallet() })
    await settle(chain, await chain.signTickets([first]))
    const second = { ...first, version: 3, heldSince: 3, wallet: someWallet() }
    await settle(chain, await chain.signTickets([second]))
    const third = { ...first, version: 4, heldSince: 4, wallet: someWallet() }
    faults.push(['getMultipleAccounts', 'stale'])
    expect(await settle(chain, await chain.signTickets([third]))).toEqual([
      { failed: "TokenIsElsewhere: The ticket's token is not in this account" },
    ])
    await settle(chain, await chain.signTickets([third]))
    expect((await chain.find([third]))[0]!.found).toMatchObject({ version: 4, tokenHolder: third.wallet })
  })
})

describe('a node that has too much to do', () => {
  const busy = ['getBalance', { status: 429, body: 'slow down' }] as [string, Fault]

  it('is asked again, a little later each time', async () => {
    const { chain, faults, asked } = await faultyChain()
    faults.push(busy, busy)
    await chain.funds()
    expect(asked.filter((method) => method === 'getBalance')).toHaveLength(3)
  })

  it('is let alone after the fifth time', async () => {
    const { chain, faults, asked } = await faultyChain()
    faults.push(...Array.from({ length: 9 }, () => busy))
    expect(await failing(chain.funds())).toEqual(
      new ChainUnavailable('Solana could not tell a balance: the node answers with HTTP 429'),
    )
    expect(asked.filter((method) => method === 'getBalance')).toHaveLength(5)
  })
})

describe('what is no answer', () => {
  it.each<[string, Fault, string]>([
    ['nobody there', 'unreachable', 'the node cannot be reached (ECONNREFUSED)'],
    ['silence', 'lost-before', `the node did not answer within ${TIMEOUT_MS} ms`],
    ['an error of a proxy', { status: 502, body: '<html>Bad gateway</html>' }, 'the node answers with HTTP 502'],
    ['a page', { status: 200, body: '<html>Welcome</html>' }, 'what answers is not a node'],
    ['something else', { status: 200, body: '[]' }, 'what answers is not a node'],
    ['another result', { status: 200, body: '{"result":{"value":"much"}}' }, 'what answers is not a node'],
    [
      'an error of the node',
      { status: 200, body: '{"error":{"code":-32005,"message":"Node is unhealthy"}}' },
      'Node is unhealthy',
    ],
  ])('%s is told as such, and trying again may help', async (_, fault, why) => {
    const { chain, faults } = await faultyChain()
    faults.push(['getBalance', fault])
    expect(await failing(chain.funds())).toEqual(new ChainUnavailable(`Solana could not tell a balance: ${why}`))
    await chain.funds()
  })

  it('tells nobody the key in the URL, whatever the node says', async () => {
    const server = createServer((request, response) =>
      response.end(JSON.stringify({ error: { code: -32401, message: `no such key: ${request.url}` } })),
    ).listen(0)
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const rpc = `http://127.0.0.1:${port}/v2/PATH-SECRET?api-key=QUERY-SECRET`
    const chain = solanaChain({ rpc, authority: randomBytes(32), key: randomBytes(32) })
    const error = await failing(chain.funds())
    expect(inspect(error, { depth: 9 })).toContain('no such key: /v2/…?api-key=…')
    expect(inspect(error, { depth: 9 })).not.toContain('SECRET')
  })
})
