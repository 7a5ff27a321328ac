import type { EventDetails } from '../../domain/event/facts.ts'

type Place = Pick<EventDetails, 'timeZone'>

/** When an event is, as the clocks on the wall show it there. */
export const whenOf = (
  { startsAt, endsAt, timeZone }: Place & Pick<EventDetails, 'startsAt' | 'endsAt'>,
  locale: string,
): string => new Intl.DateTimeFormat(locale, { ...CLOCK, timeZone }).formatRange(new Date(startsAt), new Date(endsAt))

/** A moment, by the same clocks. */
export const momentOf = (at: string, { timeZone }: Place, locale: string): string =>
  new Intl.DateTimeFormat(locale, { ...CLOCK, timeZone }).format(new Date(at))

/** The date of a moment there. */
export const dateOf = (at: string, { timeZone }: Place, locale: string): string =>
  new Intl.DateTimeFormat(locale, { timeZone, day: 'numeric', month: 'long', year: 'numeric' }).format(new Date(at))

/** A day of the calendar, such as 2030-06-01. */
export const dayOf = (day: string, locale: string): string =>
  new Intl.DateTimeFormat(locale, { timeZone: 'UTC', day: 'numeric', month: 'long' }).format(new Date(day))

const CLOCK = {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: 'numeric',
  minute: '2-digit',
  timeZoneName: 'short',
} as const
