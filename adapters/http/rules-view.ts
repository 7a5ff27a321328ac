import { z } from 'zod'
import { RefundRules, ResaleRules, type Rules, TransferRules } from '../../domain/event/rules.ts'

/** What an event asks of a ticket that is given away, sold on or given back: each is set under its name. */
export const RulesView = z.object({ transfers: TransferRules, resale: ResaleRules, refunds: RefundRules })

export const rulesView = ({ transfer, resale, refund }: Rules): z.infer<typeof RulesView> => ({
  transfers: transfer,
  resale,
  refunds: refund,
})
