import type { Admission } from '../ticket/state.ts'
import type { Case } from './case.ts'
import type { AdmittedBefore } from './verdict.ts'

export const earlier = ({ happenedAt, deviceName, entrance, zone }: Admission): AdmittedBefore => ({
  at: happenedAt,
  deviceName,
  entrance,
  zone,
})

/** When, where and by which device somebody was admitted, in words. */
export const told = ({ happenedAt, deviceName, entrance, zone }: Admission, event: Case['event']): string =>
  `admitted ${onTheClock(happenedAt, event)} at ${entrance ?? 'no named entrance'}, zone ${zone}, by ${deviceName}`

/** What the clock on the venue's wall shows, as `2030-06-01 19:30`; in UTC where the venue's zone is not known. */
export const onTheClock = (at: string, event: Case['event']): string => {
  const timeZone = event?.details.timeZone ?? 'UTC'
  const clock =
    clocks.get(timeZone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' })
  clocks.set(timeZone, clock)
  return clock.format(new Date(at))
}

/** Kept, for making one takes longer than the whole verdict. */
const clocks = new Map<string, Intl.DateTimeFormat>()
