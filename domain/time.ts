import { z } from 'zod'

/** As facts hold it: ISO 8601 in UTC with milliseconds, so times compare as strings. */
export const At = z.iso.datetime({ precision: 3 })

/** As a client may write it: offsets and other precisions are normalised on the way in. An offset can lead out of the years 0 to 9999. */
export const Instant = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text).toISOString())
  .pipe(At)

export const Day = z.iso.date()

export const TimeZone = z.string().refine(isTimeZone, 'is not an IANA time zone such as Europe/Berlin')

export const plus = (at: string, seconds: number): string => new Date(Date.parse(at) + seconds * 1_000).toISOString()

export const minutes = (n: number): number => n * 60

export const hours = (n: number): number => n * 3_600

export const days = (n: number): number => n * 86_400

/** The calendar date that a clock on the wall shows there, as YYYY-MM-DD. */
export const localDay = (at: string, timeZone: string): string => formatter(timeZone).format(new Date(at))

/** Days as they are so many later, or with a minus earlier. */
export const shifted = (dates: readonly string[], by: number): string[] =>
  dates.map((date) => plus(`${date}T00:00:00.000Z`, days(by)).slice(0, 10))

/** How many days lie between two dates. */
export const daysBetween = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / (days(1) * 1_000)

const formatters = new Map<string, Intl.DateTimeFormat>()

/** Kept, for making one costs a hundred times what using it does. */
const formatter = (timeZone: string): Intl.DateTimeFormat => {
  const known = formatters.get(timeZone)
  if (known) return known
  // Sweden writes dates as ISO 8601 does.
  const made = new Intl.DateTimeFormat('sv-SE', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
  formatters.set(timeZone, made)
  return made
}

function isTimeZone(name: string): boolean {
  // An offset such as +02:00 is accepted by Intl, and knows no summer time.
  if (!/^[A-Za-z]/.test(name)) return false
  try {
    formatter(name)
    return true
  } catch {
    return false
  }
}
