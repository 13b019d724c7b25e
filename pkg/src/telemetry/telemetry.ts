/**
 * What is measured of a service: how long its requests, fetches and store calls take, what was
 * decided, and the trace of each request. Nothing of what was sent becomes a label. No token, no
 * secret and no subject is in a trace.
 */
import { parsed } from '../document.js'
import type { Reply } from '../engine.js'
import type { Decision } from '../generated/results.js'
import type { PlainRequest } from '../options.js'
import type { ColdAnswer, FetchAsk } from '../step.js'
import { endpointOf } from './endpoint.js'
import { Latencies, type Row, count } from './latencies.js'
import { type Attributes, OtlpExporter, type OtlpHost, type OtlpSettings, now } from './otlp.js'
import { type TraceContext, below, traceparentOf } from './trace-context.js'

const PROMETHEUS = 'text/plain; version=0.0.4; charset=utf-8'
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
/** Asked all the time, and never of interest. */
const UNTRACED = ['health', 'metrics']

/** A call of the store, as a label says it. */
export type StoreOperation = 'read' | 'list' | 'commit'

/** A request under way. */
export interface Observed {
  readonly endpoint: string
  /** The header fields that the engine gets. */
  readonly headers: readonly string[]
  readonly start: number
  readonly method: string
  /** Where there is somebody to send the trace to. */
  readonly context: TraceContext | undefined
  decision: Decision | undefined
}

export class Telemetry {
  readonly #host: OtlpHost
  readonly #requests = new Latencies('exchequer_request_duration_seconds', 'How long requests took, by endpoint and status.', ['endpoint', 'status'])
  readonly #fetches = new Latencies('exchequer_fetch_duration_seconds', "How long fetches of issuers' documents took.", ['outcome'])
  readonly #stores = new Latencies('exchequer_store_duration_seconds', 'How long calls of the store took.', ['operation', 'outcome'])
  /** Rows of `#stores` that were looked up: a request may take several. */
  readonly #storeRows: Record<StoreOperation, { done?: Row; failed?: Row }> = { read: {}, list: {}, commit: {} }
  readonly #decisions = new Map<string, { attributes: Attributes; count: number }>()
  #auditLost = 0
  #exporter: OtlpExporter | undefined
  #settings = ''

  constructor(host: OtlpHost) {
    this.#host = host
  }

  /** Whether decisions are wanted. */
  get exports(): boolean {
    return this.#exporter !== undefined
  }

  /** Sends to the collector that the configuration names, from now on. */
  configure(settings: OtlpSettings | undefined): void {
    const text = JSON.stringify(settings ?? null)
    if (text === this.#settings) return
    this.#settings = text
    void this.#exporter?.close()
    const latencies = [this.#requests, this.#fetches, this.#stores]
    const figures = { decisions: () => this.#decisions.values(), latencies }
    this.#exporter = settings === undefined ? undefined : new OtlpExporter(settings, this.#host, figures)
  }

  /** A request has come. */
  begin({ method, target, headers = [] }: PlainRequest): Observed {
    const endpoint = endpointOf(target)
    const observed = { endpoint, headers, start: now(), method, context: undefined, decision: undefined }
    if (this.#exporter === undefined || UNTRACED.includes(endpoint)) return observed
    const [others, values] = without(headers, 'traceparent')
    const context = below(values.length === 1 ? values[0] : undefined)
    return { ...observed, headers: [...others, 'traceparent', traceparentOf(context)], context }
  }

  /** It is answered. */
  end(observed: Observed, reply: Reply): Reply {
    const { endpoint, start, decision } = observed
    const end = now()
    this.#requests.count(end - start, endpoint, `${Math.floor(reply.status / 100)}xx`)
    if (decision !== undefined) this.#countDecision(decision)
    if (this.#exporter !== undefined && observed.context?.isSampled === true) {
      const method = METHODS.includes(observed.method) ? observed.method : '_OTHER'
      this.#exporter.add({
        context: observed.context,
        name: `${method} ${endpoint}`,
        kind: 'server',
        start,
        end,
        attributes: { 'http.request.method': method, 'http.route': endpoint, 'http.response.status_code': reply.status, ...shown(decision) },
        failed: reply.status >= 500,
      })
    }
    return endpoint === 'metrics' && reply.status === 200 && reply.headers.includes(PROMETHEUS) ? this.#withLatencies(reply) : reply
  }

  /** A typed operation was decided. */
  decided(decision: Decision | undefined, start: number): void {
    if (decision === undefined || this.#exporter === undefined) return
    this.#countDecision(decision)
    const attributes = shown(decision)
    this.#exporter.add({ context: below(undefined), name: decision.event, kind: 'internal', start, end: now(), attributes, failed: decision.status >= 500 })
  }

  /** A document is fetched, as part of the trace that the ask belongs to. */
  async fetching(ask: FetchAsk, fetch: (ask: FetchAsk) => Promise<ColdAnswer>): Promise<ColdAnswer> {
    const start = now()
    const context = this.#exporter === undefined || ask.traceparent === undefined ? undefined : below(ask.traceparent)
    const answer = await fetch(context === undefined ? ask : { ...ask, traceparent: traceparentOf(context) })
    const outcome = answer.answer === 'fetched' ? `${Math.floor(answer.status / 100)}xx` : answer.answer === 'failed' ? answer.failed : 'failed'
    this.#fetches.count(now() - start, outcome)
    if (context?.isSampled === true) {
      const status = answer.answer === 'fetched' ? answer.status : undefined
      this.#exporter?.add({
        context,
        name: 'GET',
        kind: 'client',
        start,
        end: now(),
        attributes: {
          'http.request.method': 'GET',
          'server.address': new URL(ask.url).hostname,
          'http.response.status_code': status,
          'error.type': status === undefined ? outcome : undefined,
        },
        failed: status === undefined || status >= 400,
      })
    }
    return answer
  }

  /** A call of the store has ended. */
  stored(operation: StoreOperation, start: number, isDone: boolean): void {
    const outcome = isDone ? 'done' : 'failed'
    count((this.#storeRows[operation][outcome] ??= this.#stores.row(operation, outcome)), now() - start)
  }

  /** Lines of the audit log could not be written. */
  auditLost(lines: number): void {
    this.#auditLost += lines
  }

  async close(): Promise<void> {
    await this.#exporter?.close()
  }

  #countDecision({ event, status, reason, error }: Decision): void {
    const attributes = { event, outcome: status < 400 ? 'granted' : 'refused', reason: reason ?? error ?? '' }
    const key = `${event} ${attributes.reason}`
    const counted = this.#decisions.get(key)
    if (counted === undefined) this.#decisions.set(key, { attributes, count: 1 })
    else counted.count++
  }

  #withLatencies(reply: Reply): Reply {
    let text = new TextDecoder().decode(reply.body) + this.#requests.text() + this.#fetches.text() + this.#stores.text()
    text += auditLostText(this.#auditLost)
    if (this.#exporter !== undefined) {
      const { sent, dropped } = this.#exporter
      text += '# HELP exchequer_telemetry_spans_total Spans that were sent to the collector, and that were not.\n# TYPE exchequer_telemetry_spans_total counter\n'
      text += `exchequer_telemetry_spans_total{outcome="sent"} ${sent}\nexchequer_telemetry_spans_total{outcome="dropped"} ${dropped}\n`
    }
    return { ...reply, body: new TextEncoder().encode(text) }
  }
}

/** The counter of lines of the audit log that were lost, in the text format of Prometheus. */
export function auditLostText(lines: number): string {
  const name = 'exchequer_audit_lines_lost_total'
  return `# HELP ${name} Lines of the audit log that could not be written.\n# TYPE ${name} counter\n${name} ${lines}\n`
}

/** What a trace says of a decision: who was involved, and not whom it is about. */
function shown(decision: Decision | undefined): Attributes {
  if (decision === undefined) return {}
  const { event, status, reason, error, clientId, grantType, trustedTokenIssuer } = decision
  return {
    'exchequer.event': event,
    'exchequer.outcome': status < 400 ? 'granted' : 'refused',
    'exchequer.reason': reason ?? error ?? undefined,
    'exchequer.client_id': clientId ?? undefined,
    'exchequer.grant_type': grantType ?? undefined,
    'exchequer.issuer': trustedTokenIssuer ?? undefined,
  }
}

/** Header fields without those of a name, and the values of those. */
function without(headers: readonly string[], name: string): [others: string[], values: string[]] {
  const [others, values]: [string[], string[]] = [[], []]
  for (let i = 0; i + 1 < headers.length; i += 2) {
    if (headers[i]!.toLowerCase() === name) values.push(headers[i + 1]!)
    else others.push(headers[i]!, headers[i + 1]!)
  }
  return [others, values]
}

/** What a document that the engine has accepted says of telemetry. */
export function telemetryOf(config: string): OtlpSettings | undefined {
  if (!config.includes('"telemetry"')) return undefined
  return parsed<{ telemetry?: OtlpSettings | null }>(config).telemetry ?? undefined
}
