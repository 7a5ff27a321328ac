import { memorySlotPool } from './memory-slot-pool.ts'
import { slotPoolContract } from './slot-pool.contract.ts'

slotPoolContract('the slot pool of one process', (options) => ({ processes: [memorySlotPool(options)] }))
