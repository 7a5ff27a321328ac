import { onTestFinished } from 'vitest'
import { ledgerContract } from '../ledger.contract.ts'
import { isolated } from './isolated.world.ts'
import { eventStoreLedger } from './ledger.ts'
import { standIn } from './stand-in.world.ts'

ledgerContract('in EventStoreDB, as a stand-in answers', async () => {
  const { url, close } = await standIn()
  onTestFinished(close)
  return async () => eventStoreLedger({ url })
})

const url = process.env.EVENTSTORE_URL
if (url) ledgerContract('in EventStoreDB, on a real server', () => isolated(() => eventStoreLedger({ url })))
