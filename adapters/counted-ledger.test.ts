import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import type { Proposed } from '../domain/fact.ts'
import { versionOf } from '../domain/registry.ts'
import { countedLedger } from './counted-ledger.ts'
import { type Fault, memoryLedger } from './memory-ledger.ts'

const stored = (type: string, changed: object = {}): Proposed => {
  const file = new URL(`../domain/golden/${type}@${versionOf(type)}.json`, import.meta.url)
  return {
    id: randomUUID(),
    type,
    data: { ...JSON.parse(readFileSync(file, 'utf8')), ...changed },
    metadata: {
      ...{ $correlationId: 'c', $causationId: randomUUID(), tenant: 'acme', actor: { id: 'ann', role: 'attendee' } },
      ...{ at: '2030-01-01T10:00:00.000Z', v: versionOf(type), request: '' },
    },
  }
}

const counting = (faults: Fault[] = []) => {
  const metrics = new Registry()
  const ledger = countedLedger(memoryLedger({ fault: () => faults.pop() ?? 'none' }), metrics)
  const append = (...facts: Proposed[]) => ledger.append(`ticket-${randomUUID()}`, 'none', facts)
  return { append, ledger, shown: () => metrics.metrics() }
}

describe('a ledger that counts', () => {
  it('tells transfers, resales, locks, reissues and refunds apart by kind and outcome (F16.19)', async () => {
    const { append, shown } = counting()
    await append(stored('TicketTransferred', { kind: 'gift' }), stored('TicketResold'))
    await append(stored('TicketTransferred', { kind: 'transfer' }))
    await append(stored('TicketTransferred', { kind: 'transfer' }))
    await append(stored('TicketOfferClosed', { reason: 'declined' }), stored('TicketOfferClosed', { reason: 'lapsed' }))
    await append(stored('TicketLocked', { reason: 'legal_hold' }), stored('TicketReissued'), stored('TicketRefunded'))
    const counted = (await shown()).split('\n').filter((line) => line.startsWith('counterfoil_facts_total'))
    expect(counted).toEqual([
      'counterfoil_facts_total{type="TicketTransferred",detail="gift"} 1',
      'counterfoil_facts_total{type="TicketResold",detail="none"} 1',
      'counterfoil_facts_total{type="TicketTransferred",detail="transfer"} 2',
      'counterfoil_facts_total{type="TicketOfferClosed",detail="declined"} 1',
      'counterfoil_facts_total{type="TicketOfferClosed",detail="lapsed"} 1',
      'counterfoil_facts_total{type="TicketLocked",detail="legal_hold"} 1',
      'counterfoil_facts_total{type="TicketReissued",detail="duplicate_ticket"} 1',
      'counterfoil_facts_total{type="TicketRefunded",detail="none"} 1',
    ])
  })

  it('counts nothing that was not recorded, nor what a provider wrote', async () => {
    const { append, shown } = counting(['none', 'conflict'])
    await expect(append(stored('TicketResold'))).rejects.toThrow()
    await append(stored('PaymentDeclined', { reason: 'Insufficient funds, says the bank of Ann' }))
    expect(await shown()).not.toContain('TicketResold')
    expect(await shown()).toContain('counterfoil_facts_total{type="PaymentDeclined",detail="none"} 1')
  })
})
