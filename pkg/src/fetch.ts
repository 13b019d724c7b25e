/**
 * Fetches documents for the engine: issuers' keys and discovery documents. Sends the
 * form with which people sign in.
 *
 * Follows no redirect, sends no credentials, reads no more than allowed, and
 * asks a server once however many requests wait for the same URL with the same
 * limits, where one request may wait for another.
 *
 * A runtime keeps connections, and the server may close one in the moment in which
 * it is used again. So a GET of which the connection is lost is sent once more to a
 * server that answered last time (RFC 9110, section 9.2.2); no form is. A server that
 * never answers gets no second one.
 */
import { toBase64url } from './bytes.js'
import { causeOf, isLost } from './cause.js'
import { type ColdAnswer, type FetchAsk, failed, type SubmitAsk } from './step.js'

/** The part of the global `fetch` that is used. */
export type FetchFunction = (url: string, init: RequestInit) => Promise<Response>

/**
 * workerd has no credentials to send, and refuses a request that mentions them.
 * Asked with the first fetch: to look at `Request` makes Node load its `fetch`,
 * which takes as long as everything else at the start.
 */
let noCredentials: RequestInit | undefined

function withoutCredentials(): RequestInit {
  noCredentials ??= typeof Request === 'function' && 'credentials' in Request.prototype ? { credentials: 'omit' } : {}
  return noCredentials
}

/** To more servers than these no connection is thought to be kept. */
const MOST_ORIGINS = 1000

export class Fetcher {
  readonly #fetch: FetchFunction
  readonly #joins: boolean
  readonly #underWay = new Map<string, Promise<ColdAnswer>>()
  /** The servers that answered when they were asked last: connections to them may be kept. */
  readonly #answered = new Set<string>()

  /** @param joins whether a request may wait for what another one has begun */
  constructor(fetch: FetchFunction, joins = true) {
    this.#fetch = fetch
    this.#joins = joins
  }

  /** The answer to this ask; never rejects. */
  fetch(ask: FetchAsk): Promise<ColdAnswer> {
    if (!this.#joins) return this.#once(ask)
    // With other limits it is another question: a URL may be the key set of an issuer
    // and the client id that a stranger sends, whose document is to be a short one.
    const name = `${ask.maxBytes} ${ask.timeoutMs} ${ask.url}`
    const joined = this.#underWay.get(name)
    if (joined !== undefined) return joined
    const answer = this.#once(ask).finally(() => this.#underWay.delete(name))
    this.#underWay.set(name, answer)
    return answer
  }

  /** Sends a form; never rejects. Its answer is for nobody else. */
  submit(ask: SubmitAsk): Promise<ColdAnswer> {
    return this.#once(ask)
  }

  async #once(ask: FetchAsk | SubmitAsk): Promise<ColdAnswer> {
    // The signal covers the body as well as the head; a `fetch` that does not
    // heed it must not keep everybody who needs this URL waiting.
    const signal = AbortSignal.timeout(ask.timeoutMs)
    const timedOut = new Promise<ColdAnswer>((resolve) => {
      signal.addEventListener('abort', () => resolve(failed('timedOut')), { once: true })
    })
    return Promise.race([this.#document(ask, signal), timedOut])
  }

  async #document(ask: FetchAsk | SubmitAsk, signal: AbortSignal): Promise<ColdAnswer> {
    try {
      const isForm = ask.ask === 'submit'
      const response = await this.#sent(ask.url, {
        ...(isForm && { method: 'POST', body: ask.body }),
        headers: {
          accept: 'application/json',
          ...(isForm && { 'content-type': 'application/x-www-form-urlencoded' }),
          ...(ask.ask === 'fetch' && ask.traceparent !== undefined && { traceparent: ask.traceparent }),
        },
        redirect: 'manual',
        ...withoutCredentials(),
        signal,
      })
      const body = await read(response, ask.maxBytes)
      if (body === undefined) return failed('tooLarge')
      return {
        answer: 'fetched',
        status: response.status,
        cacheControl: response.headers.get('cache-control'),
        location: response.headers.get('location'),
        body: toBase64url(body),
      }
    } catch (error) {
      return failed(signal.aborted ? 'timedOut' : causeOf(error))
    }
  }

  /** What a server answers to this; a GET may have to be sent once more. */
  async #sent(url: string, init: RequestInit): Promise<Response> {
    const fetch = this.#fetch
    const { origin } = new URL(url)
    const mayHaveKept = this.#answered.has(origin) && init.method !== 'POST'
    const answer = async () => {
      const response = await fetch(url, init)
      if (this.#answered.size >= MOST_ORIGINS) this.#answered.clear()
      this.#answered.add(origin)
      return response
    }
    try {
      return await answer()
    } catch (error) {
      this.#answered.delete(origin)
      if (!mayHaveKept || init.signal?.aborted || !isLost(error)) throw error
      return answer()
    }
  }
}

/** The body, or `undefined` as soon as it is longer than allowed. */
export async function read(
  message: { body: ReadableStream<Uint8Array> | null },
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  if (message.body === null) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let length = 0
  const reader = message.body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return join(chunks, length)
    length += value.length
    if (length > maxBytes) {
      // Whether the peer hears of it is its business.
      reader.cancel().catch(() => undefined)
      return undefined
    }
    chunks.push(value)
  }
}

export function join(chunks: readonly Uint8Array[], length: number): Uint8Array {
  if (chunks.length === 1) return chunks[0]!
  const whole = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}
