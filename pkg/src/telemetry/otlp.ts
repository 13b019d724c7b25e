/**
 * Traces and metrics to an OpenTelemetry collector: OTLP over HTTP, as JSON. What cannot be sent is
 * dropped and counted. Nothing waits for it, and no request fails because of it.
 */
import { within } from '../deadline.js'
import type { FetchFunction } from '../fetch.js'
import { BOUNDS, type Latencies } from './latencies.js'
import type { TraceContext } from './trace-context.js'

/** Where to send, and as whom. */
export interface OtlpSettings {
  readonly otlp: string
  readonly serviceName?: string | null | undefined
}

export type Attributes = Readonly<Record<string, string | number | undefined>>

/** Something that was done, with its place in a trace. */
export interface Span {
  readonly context: TraceContext
  readonly name: string
  readonly kind: 'server' | 'client' | 'internal'
  /** Milliseconds since 1970, with fractions. */
  readonly start: number
  readonly end: number
  readonly attributes: Attributes
  readonly failed: boolean
}

/** What is read when metrics are sent. */
export interface Figures {
  decisions(): Iterable<{ readonly attributes: Attributes; readonly count: number }>
  readonly latencies: readonly Latencies[]
}

const KINDS = { internal: 1, server: 2, client: 3 } as const
const ERROR = 2
const CUMULATIVE = 2
const TIMEOUT_MS = 10_000
/** How long the end may take: all that is sent last, together. */
const END_MS = 1000
const SPANS_EVERY_MS = 5000
const METRICS_EVERY_MS = 30_000
/** More spans than these do not wait to be sent. */
const MOST_SPANS = 2048
const PER_REQUEST = 512

export interface OtlpHost {
  readonly fetch: FetchFunction
  readonly onError: (error: unknown) => void
  /** As in `ExchequerOptions`. */
  readonly background: ((work: Promise<unknown>) => void) | undefined
}

export class OtlpExporter {
  readonly #settings: OtlpSettings
  readonly #host: OtlpHost
  readonly #figures: Figures
  readonly #since = nanoseconds(now())
  readonly #instance = crypto.randomUUID()
  #spans: Span[] = []
  #spansTimer: ReturnType<typeof setTimeout> | undefined
  #metricsTimer: ReturnType<typeof setTimeout> | undefined
  #isDown = false
  /** Nothing is sent any more. */
  #isLate = false
  #isClosed = false
  /** What is being sent, each by what gives it up. */
  readonly #sending = new Map<AbortController, Promise<boolean>>()
  #metricsSent = now()
  /** How many spans were sent, and how many were not. */
  sent = 0
  dropped = 0

  constructor(settings: OtlpSettings, host: OtlpHost, figures: Figures) {
    this.#settings = settings
    this.#host = host
    this.#figures = figures
  }

  /** Takes a span, to be sent soon. */
  add(span: Span): void {
    if (this.#spans.length >= MOST_SPANS) {
      this.dropped++
      return
    }
    this.#spans.push(span)
    const { background } = this.#host
    // A platform that stops behind a reply has no timers there.
    if (background !== undefined) {
      background(this.#sendSpans())
      if (now() - this.#metricsSent >= METRICS_EVERY_MS) background(this.#sendMetrics())
      return
    }
    this.#spansTimer ??= later(() => void this.#sendSpans(), SPANS_EVERY_MS)
    this.#metricsTimer ??= later(() => void this.#sendMetrics(), METRICS_EVERY_MS)
  }

  /** Sends what is there, and ends soon, whatever the collector does. Where nothing was decided nothing is sent. */
  async close(): Promise<void> {
    this.#isClosed = true
    const isDue = this.#metricsTimer !== undefined
    clearTimeout(this.#metricsTimer)
    const before = [...this.#sending.values()]
    const last = Promise.all([...before, this.#sendSpans(), isDue ? this.#sendMetrics() : undefined])
    if (await within(END_MS, last)) return
    this.#isLate = true
    for (const sending of this.#sending.keys()) sending.abort(new Error('it did not answer before the end'))
  }

  async #sendSpans(): Promise<void> {
    clearTimeout(this.#spansTimer)
    this.#spansTimer = undefined
    while (this.#spans.length > 0) {
      const spans = this.#spans.splice(0, PER_REQUEST)
      const body = { resourceSpans: [{ resource: this.#resource(), scopeSpans: [{ scope: SCOPE, spans: spans.map(spanOf) }] }] }
      if (await this.#post('/v1/traces', body)) this.sent += spans.length
      else this.dropped += spans.length
    }
  }

  async #sendMetrics(): Promise<void> {
    this.#metricsSent = now()
    const time = { startTimeUnixNano: this.#since, timeUnixNano: nanoseconds(now()) }
    const decisions = Array.from(this.#figures.decisions(), ({ attributes, count }) => ({
      ...time,
      asInt: String(count),
      attributes: listOf(attributes),
    }))
    const metrics = [
      {
        name: 'exchequer.decisions',
        description: 'Requests that were decided.',
        unit: '{decision}',
        sum: { dataPoints: decisions, aggregationTemporality: CUMULATIVE, isMonotonic: true },
      },
      ...this.#figures.latencies.map((latencies) => histogramOf(latencies, time)),
    ]
    await this.#post('/v1/metrics', { resourceMetrics: [{ resource: this.#resource(), scopeMetrics: [{ scope: SCOPE, metrics }] }] })
    const goesOn = !this.#isClosed && this.#host.background === undefined
    this.#metricsTimer = goesOn ? later(() => void this.#sendMetrics(), METRICS_EVERY_MS) : undefined
  }

  #resource() {
    const name = this.#settings.serviceName ?? 'exchequer'
    return { attributes: listOf({ 'service.name': name, 'service.instance.id': this.#instance }) }
  }

  /** Whether the collector took it. */
  async #post(path: string, body: object): Promise<boolean> {
    if (this.#isLate) return false
    const sending = new AbortController()
    const timer = later(() => sending.abort(new Error('it did not answer in time')), TIMEOUT_MS)
    const sent = this.#send(path, body, sending.signal)
    this.#sending.set(sending, sent)
    try {
      return await sent
    } finally {
      clearTimeout(timer)
      this.#sending.delete(sending)
    }
  }

  /** That the collector does not take it is said once. */
  async #send(path: string, body: object, signal: AbortSignal): Promise<boolean> {
    const url = this.#settings.otlp.replace(/\/$/, '') + path
    let why: string | undefined
    try {
      const { fetch } = this.#host
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        redirect: 'manual',
        signal,
      })
      await response.body?.cancel()
      if (!response.ok) why = `answers ${response.status}`
    } catch (error) {
      why = `cannot be reached: ${error instanceof Error ? error.message : 'unknown'}`
    }
    if (why !== undefined && !this.#isDown) this.#host.onError(new Error(`telemetry is lost: ${url} ${why}`))
    this.#isDown = why !== undefined
    return why === undefined
  }
}

const SCOPE = { name: 'exchequer' }

// A getter in Node, and the time is taken with every call of a store.
const clock = performance

/** The time in milliseconds since 1970, with fractions. */
export function now(): number {
  return clock.timeOrigin + clock.now()
}

function nanoseconds(milliseconds: number): string {
  return String(BigInt(Math.round(milliseconds * 1000)) * 1000n)
}

/** A timer that keeps no process alive. */
function later(work: () => void, milliseconds: number): ReturnType<typeof setTimeout> {
  const timer = setTimeout(work, milliseconds)
  ;(timer as { unref?: () => void }).unref?.()
  return timer
}

function spanOf({ context, name, kind, start, end, attributes, failed }: Span) {
  return {
    traceId: context.traceId,
    spanId: context.spanId,
    ...(context.parentId !== undefined && { parentSpanId: context.parentId }),
    name,
    kind: KINDS[kind],
    startTimeUnixNano: nanoseconds(start),
    endTimeUnixNano: nanoseconds(end),
    attributes: listOf(attributes),
    status: failed ? { code: ERROR } : {},
  }
}

function histogramOf(latencies: Latencies, time: object) {
  const { name, help, labels } = latencies
  const dataPoints = Array.from(latencies.rows(), ({ values, buckets, sum, count }) => ({
    ...time,
    count: String(count),
    sum,
    bucketCounts: buckets.map(String),
    explicitBounds: BOUNDS,
    attributes: listOf(Object.fromEntries(labels.map((label, index) => [label, values[index]]))),
  }))
  return {
    name: name.replace(/_seconds$/, '').replaceAll('_', '.'),
    description: help,
    unit: 's',
    histogram: { dataPoints, aggregationTemporality: CUMULATIVE },
  }
}

function listOf(attributes: Attributes) {
  return Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value } }],
  )
}
