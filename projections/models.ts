import type { Known } from '../domain/registry.ts'
import { availability } from './availability/model.ts'
import { catalogue } from './catalogue/model.ts'
import { closings } from './closings/model.ts'
import { devices } from './devices/model.ts'
import { due } from './due/model.ts'
import { journal } from './journal/model.ts'
import { listings } from './listings/model.ts'
import { log } from './log/model.ts'
import { orders } from './orders/model.ts'
import { payouts } from './payouts/model.ts'
import type { ReadModel } from './read-model.ts'
import { sales } from './sales/model.ts'
import { scanLog } from './scan-log/model.ts'
import { tickets } from './tickets/model.ts'
import { transfers } from './transfers/model.ts'

/** Every read model there is. */
export const readModels: readonly ReadModel<Known>[] = [
  catalogue,
  availability,
  orders,
  tickets,
  listings,
  transfers,
  due,
  journal,
  payouts,
  scanLog,
  sales,
  closings,
  devices,
  log,
]
