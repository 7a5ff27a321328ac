import type { FastifyRequest } from 'fastify'
import { format, type Money } from '../../domain/money.ts'

/** The first language that the client prefers, to write money and dates for people; `en` where it names none. */
export const localeOf = ({ headers }: Pick<FastifyRequest, 'headers'>): string => {
  const preferred = (headers['accept-language'] ?? '')
    .split(',')
    .map((part) => /^\s*([a-z]{1,8}(?:-[a-z0-9]{1,8})*)\s*(?:;\s*q=([01](?:\.\d{1,3})?)\s*)?$/i.exec(part))
    .flatMap((match) => (match ? [{ tag: match[1]!, weight: Number(match[2] ?? 1) }] : []))
    .filter(({ weight }) => weight > 0)
    .toSorted((a, b) => b.weight - a.weight)
  return preferred.find(({ tag }) => isLocale(tag))?.tag ?? 'en'
}

/** An amount for machines and for people. */
export const moneyView = (money: Money, locale: string) => ({ ...money, formatted: format(money, locale) })

const isLocale = (tag: string): boolean => {
  try {
    return Intl.NumberFormat.supportedLocalesOf(tag).length > 0
  } catch {
    return false
  }
}
