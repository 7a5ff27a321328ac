import { Refused } from '../client.ts'
import { buy, buyersOf, countFacts, putOnSale } from './box-office.ts'
import { issueCodes, registerDevices, type Scan, ticketsOf } from './gates.ts'
import { load, secondsOf, times } from './load.ts'
import type { Options } from './report.ts'
import { makeFolder, startServer } from './server.ts'

const PLACES = 100
const BUYERS = 300
const GATES = 32

/** Many at one instant for what only some can have. */
export const races = async ({ report }: Options): Promise<void> => {
  const server = await startServer(makeFolder())
  const organizer = await server.as('organizer', 'olga')
  const onSale = await putOnSale(organizer, PLACES)
  const buyers = await buyersOf(server, BUYERS)
  let refused = 0
  const buyOne = async (client: number) => {
    try {
      await buy(buyers[client]!, onSale, 1)
    } catch (error) {
      if (!(error instanceof Refused && error.code === 'SoldOut')) throw error
      refused++
    }
  }
  const rush = report.sound(await load(BUYERS, times(BUYERS), buyOne))
  const sold = await countFacts(server, 'TicketSold', onSale.eventId)
  report.figure({
    name: `${BUYERS} buyers at once for ${PLACES} places`,
    value: sold,
    unit: 'sold',
    goal: { exactly: PLACES },
    note: `${refused} were told that it is sold out; all of it took ${secondsOf(rush).toFixed(2)} s`,
  })
  report.figure({ name: 'of them refused', value: refused, unit: 'buyers', goal: { exactly: BUYERS - PLACES } })

  const party = await putOnSale(organizer, 10)
  const credentials = await registerDevices(organizer, party, GATES)
  const gates = credentials.map(server.clients.as)
  const order = await buy(buyers[0]!, party, 1)
  const [code] = await issueCodes(server, party, ticketsOf(party, [order]))
  let allowed = 0
  const scanIt = async (gate: number) => {
    const { body } = await gates[gate]!.call<Scan>('POST', '/scan', { code })
    if (body.verdict === 'allow') allowed++
  }
  const scanned = report.sound(await load(GATES, times(GATES), scanIt))
  report.figure({
    name: `${GATES} gates at once with one ticket`,
    value: allowed,
    unit: 'let in',
    goal: { exactly: 1 },
    note: `all answered after ${(secondsOf(scanned) * 1_000).toFixed(0)} ms`,
  })
  const admitted = await countFacts(server, 'TicketAdmitted', party.eventId)
  report.figure({ name: 'let in, says the ledger', value: admitted, unit: 'let in', goal: { exactly: 1 } })
  await server.stop()
}
