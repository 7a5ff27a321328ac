import { z } from 'zod'

export const ZoneName = z.string().regex(/^[A-Z][A-Z0-9_-]{0,31}$/, 'is 1 to 32 capitals, digits, _ or -, such as GA')

/** From the outermost to the innermost: a ticket for one opens those before it too. */
export const Zones = z
  .array(ZoneName)
  .min(1)
  .max(20)
  .refine((zones) => new Set(zones).size === zones.length, 'names a zone twice')

export const DEFAULT_ZONES = ['GA', 'VIP', 'BACKSTAGE']

/** BACKSTAGE opens BACKSTAGE, VIP and GA; VIP opens VIP and GA; GA opens GA. */
export const opens = (zones: readonly string[], held: string, asked: string): boolean =>
  zones.includes(asked) && zones.indexOf(held) >= zones.indexOf(asked)
