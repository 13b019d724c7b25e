/** Times, in the language and the time zone that were chosen. */
import { signal } from '@preact/signals'

import { preferences } from '../preferences.ts'
import { language, t } from '../texts/index.ts'

/** The clock of what is relative; it ticks twice a minute. */
const now = signal(Date.now())
setInterval(() => (now.value = Date.now()), 30_000)

/** Seconds since the epoch. */
export const seconds = () => Math.floor(now.value / 1000)

/** The zone of the system. */
export const ownZone = () => new Intl.DateTimeFormat().resolvedOptions().timeZone
export const zones = () => ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')]

const DAY = { year: 'numeric', month: 'short', day: 'numeric' } as const
const MINUTE = { ...DAY, hour: '2-digit', minute: '2-digit', timeZoneName: 'short' } as const
const STYLES = { day: DAY, minute: MINUTE, second: { ...MINUTE, second: '2-digit' } } as const
export type Precision = keyof typeof STYLES

function absolute(date: Date, precision: Precision): string {
  const { zone } = preferences.value
  try {
    return new Intl.DateTimeFormat(language.value, { ...STYLES[precision], ...(zone !== undefined && { timeZone: zone }) }).format(date)
  } catch {
    // A zone that this browser does not know.
    return new Intl.DateTimeFormat(language.value, STYLES[precision]).format(date)
  }
}

/** A time in seconds since the epoch, as text. */
export const moment = (at: number) => absolute(new Date(at * 1000), 'minute')

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
]

/** `3 hours ago`, `in 2 days`. */
export function relative(at: number): string {
  const distance = at - seconds()
  const format = new Intl.RelativeTimeFormat(language.value, { numeric: 'auto' })
  const [unit, length] = UNITS.find(([, length]) => Math.abs(distance) >= length) ?? ['second', 1]
  return unit === 'second' ? format.format(0, 'second') : format.format(Math.trunc(distance / length), unit)
}

/** A time in seconds since the epoch, and how long ago it was or how soon it comes. */
export function When({ at, precision = 'minute', alone = false }: { at: number; precision?: Precision; alone?: boolean }) {
  const date = new Date(at * 1000)
  // A token may say anything.
  if (Number.isNaN(date.getTime())) return <>{t().never}</>
  return (
    <>
      <time dateTime={date.toISOString()}>{absolute(date, precision)}</time>
      {!alone && <span class="quiet relative"> ({relative(at)})</span>}
    </>
  )
}
