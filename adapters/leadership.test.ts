import { leadershipContract } from './leadership.contract.ts'
import { soleLeader } from './leadership.ts'

leadershipContract('of the only process', async () => soleLeader)
