/** Stored decisions: how the page reads them, and what the address says of the filter. */
import { ACTIVITY, AUDIT, call, type PageLink, placeOf } from '../../api.ts'
import type { StoredDecision } from '../../model.ts'
import { route } from '../../route.ts'

/** How many are read at once. */
const LIMIT = '50'

/** What the server keeps. */
export interface Overview {
  activity: { enabled: boolean; days: number }
  privateClaims: string[]
}

export const overview = () => call<Overview>('GET', AUDIT)

/** Lengths of time up to now, in seconds. */
export const TIMES = { hour: 3600, day: 86_400, week: 7 * 86_400, month: 30 * 86_400 } as const
export type TimeName = keyof typeof TIMES | 'all'
export const TIME_NAMES = [...Object.keys(TIMES), 'all'] as TimeName[]

/** Members of the query that filter. The address has the same names. */
export const FILTERS = ['outcome', 'clientId', 'issuer', 'reason'] as const
type Filters = Record<(typeof FILTERS)[number], string>

/** What the address asks for. */
export interface Asked extends Filters {
  time: TimeName
  /** A part of the chart, instead of a time up to now. */
  part: Span | undefined
}

export interface Span {
  from: number
  to: number
}

/** Seconds since the epoch. */
function seconds(text: string | null): number | undefined {
  const number = Number(text ?? '')
  return text !== null && Number.isSafeInteger(number) && number > 0 ? number : undefined
}

export function asked(): Asked {
  const { query } = route.value
  const text = (name: string) => query.get(name) ?? ''
  const [from, to] = [seconds(query.get('from')), seconds(query.get('to'))]
  const time = TIME_NAMES.find((name) => name === query.get('time')) ?? 'day'
  return {
    outcome: text('outcome'),
    clientId: text('clientId'),
    issuer: text('issuer'),
    reason: text('reason'),
    time,
    part: from === undefined || to === undefined || from > to ? undefined : { from, to },
  }
}

/** The time that is asked for, as the clock is now. */
export function spanOf({ time, part }: Asked, days: number): Span {
  if (part !== undefined) return part
  const to = Math.floor(Date.now() / 1000)
  return { from: to - (time === 'all' ? days * 86_400 : TIMES[time]), to }
}

export interface Decisions {
  decisions: StoredDecision[]
  /** Where older ones begin, if there are any. */
  next: string | undefined
}

/** A page of decisions. Without a part of the chart the newest are read, those that came since included. */
export async function decisions(filter: Asked, span: Span, after?: string): Promise<Decisions> {
  const query = { ...Object.fromEntries(FILTERS.map((name) => [name, filter[name]])), from: String(span.from), to: filter.part === undefined ? '' : String(span.to), after: after ?? '', limit: LIMIT }
  const given = Object.entries(query).filter(([, value]) => value !== '')
  const { activity, links } = await call<{ activity: StoredDecision[]; links: PageLink[] }>('GET', `${ACTIVITY}?${new URLSearchParams(given)}`)
  return { decisions: activity, next: placeOf(links) }
}

export interface Bucket {
  time: number
  granted: number
  refused: number
}

export interface Counts {
  /** Seconds. */
  bucket: number
  complete: boolean
  buckets: Bucket[]
}

/** About how many bars the chart has, and how long each may be. */
const BARS = 48
const LENGTHS = [60, 300, 600, 1800, 3600, 4 * 3600, 6 * 3600, 12 * 3600, 86_400, 7 * 86_400]

export function counts({ from, to }: Span): Promise<Counts> {
  const bucket = LENGTHS.find((length) => (to - from) / length <= BARS + 12) ?? Math.ceil((to - from) / BARS)
  return call<Counts>('GET', `${ACTIVITY}/counts?${new URLSearchParams({ from: String(from), to: String(to), bucket: String(bucket) })}`)
}

export const decision = (traceId: string) => call<StoredDecision>('GET', `${ACTIVITY}/${encodeURIComponent(traceId)}`)
