/** A security token service in this process: one engine with its host. */
import type { CryptoProvider } from './crypto/provider.js'
import { drive } from './drive.js'
import { BODY_LIMIT, type Engine, type Reply, type Secrets, type Step } from './engine.js'
import { AccessError, type Problem, TokenError } from './errors.js'
import { type ExchangeRequest, type TokenResponse, exchangeForm } from './exchange.js'
import { type FetchFunction, read } from './fetch.js'
import type { Awaitable, Store } from './stores/store.js'
import { type Host, HostWorld } from './world.js'

/** What a service runs on. Every part has a default. */
export interface ExchequerOptions {
  /**
   * Where records are kept, or a function that opens it once the configuration
   * is known to be good. Default: in memory, gone with the process.
   */
  store?: Store | (() => Awaitable<Store>) | undefined
  /** Fetches issuers' keys. Default: the global `fetch`. */
  fetch?: FetchFunction | undefined
  /** Computes signatures. Default: the fastest there is on this platform. */
  crypto?: CryptoProvider | undefined
  /** The time in seconds since the epoch. Default: the system's. */
  now?: (() => number) | undefined
  /** Takes one line of JSON for each request that was decided and each administrative write. Contains no token and no secret. */
  audit?: ((line: string) => void) | undefined
  /** Finds the secrets that the configuration names; throws when there is none. */
  secrets?: Secrets | undefined
  /**
   * Lets its bearer administer over HTTP: at least 16 printable characters. Default: nobody is
   * an administrator but bearers of access tokens with the scope `exchequer:admin`.
   */
  adminToken?: string | undefined
  /** Hears of what failed outside a request's reply: a store that is down, an audit sink that throws. */
  onError?: ((error: unknown) => void) | undefined
  /**
   * Takes work that goes on behind a reply, such as fetching keys before they grow old. For platforms
   * that stop when a request is answered, unless they are told: `waitUntil`.
   */
  background?: ((work: Promise<unknown>) => void) | undefined
}

/** What a token must have to be let in. */
export interface AccessOptions {
  /** Every one of these scopes. */
  scopes?: readonly string[] | undefined
  /** One of these audiences. Default: any, which is right only for the one API that tokens are issued for. */
  audience?: string | readonly string[] | undefined
}

/** The claims of an access token, in the names of RFC 7662 section 2.2. */
export interface Claims {
  iss: string
  sub: string
  aud: string[]
  client_id: string
  scope: string
  exp: number
  iat: number
  [claim: string]: unknown
}

/** An HTTP request as plain data. */
export interface PlainRequest {
  /** Upper case. */
  method: string
  /** Path and query. */
  target: string
  /** Header fields, name and value in turn. */
  headers?: readonly string[] | undefined
  body?: Uint8Array | string | undefined
}

const NOTHING = new Uint8Array()

export class Exchequer {
  readonly #engine: Engine
  readonly #world: HostWorld
  readonly #store: Store
  readonly #now: () => number
  readonly #audit: ((line: string) => void) | undefined
  readonly #onError: (error: unknown) => void
  readonly #background: ((work: Promise<unknown>) => void) | undefined
  readonly #underWay = new Set<Promise<unknown>>()
  #upkeepAt = 0
  #closed: Promise<void> | undefined

  /** @internal Use `createExchequer`. */
  constructor(engine: Engine, host: Host, { audit, background }: ExchequerOptions) {
    this.#engine = engine
    this.#world = new HostWorld(engine, host)
    this.#store = host.store
    this.#now = host.now
    this.#audit = audit
    this.#background = background
    this.#onError = host.onError
  }

  /** Serves a Fetch API request: every HTTP path there is. Bound, so it can be passed around. */
  readonly fetch = async (request: Request): Promise<Response> => {
    const { method, url } = request
    const headers: string[] = []
    for (const [name, value] of request.headers) headers.push(name, value)
    const body = request.body === null ? NOTHING : await readBody(request)
    const reply = await this.handle({ method, target: targetOf(url), headers, body })
    return toResponse(reply)
  }

  /**
   * Serves a request from the network given as plain data. The reply is there
   * at once when nothing had to be waited for.
   */
  handle({ method, target, headers = [], body = NOTHING }: PlainRequest): Reply | Promise<Reply> {
    return this.#serve(method, target, headers, body, false)
  }

  /**
   * Exchanges a token for the application named by `clientId`. The caller is
   * this program, which is trusted: there is no client secret.
   *
   * @returns the token endpoint's JSON, in the RFC's names
   * @throws {TokenError} when the exchange is refused or cannot be decided
   */
  async exchange(request: ExchangeRequest): Promise<TokenResponse> {
    const reply = await this.#serve('POST', '/oauth2/token', FORM, exchangeForm(request), true)
    const json = JSON.parse(new TextDecoder().decode(reply.body)) as Record<string, string>
    if (reply.status === 200) return json as unknown as TokenResponse
    const code = json['error'] ?? 'server_error'
    throw new TokenError(reply.status, code, json['error_description'] ?? code, reply)
  }

  /**
   * Protects an API of one's own: the claims of the request's bearer token, if
   * it is an access token of this service that counts, JWT or opaque.
   *
   * @throws {AccessError} with the response to give instead
   */
  async authenticate(request: Request, { scopes = [], audience = [] }: AccessOptions = {}): Promise<Claims> {
    const authorization = request.headers.get('authorization')
    const headers = authorization === null ? [] : ['authorization', authorization]
    const audiences = typeof audience === 'string' ? [audience] : audience
    this.#checkOpen()
    const step = this.#engine.beginProtect(headers, this.#now(), scopes, audiences)
    const driven = drive(this.#engine, this.#world, step)
    const reply = driven instanceof Promise ? await this.#track(driven) : driven
    const json = JSON.parse(new TextDecoder().decode(reply.body)) as Record<string, string> | null
    if (reply.status === 200) return json as unknown as Claims
    const code = json?.['error'] ?? 'invalid_token'
    throw new AccessError(code, json?.['error_description'] ?? 'the request has no bearer token', toResponse(reply))
  }

  /** Waits for what is under way, then gives back memory and store. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  /** What the configuration allows and probably does not mean. */
  get warnings(): readonly Problem[] {
    return this.#engine.warnings
  }

  /** @internal How many requests wait inside the engine. */
  get waiting(): number {
    return this.#engine.waiting
  }

  #serve(
    method: string,
    target: string,
    headers: readonly string[],
    body: Uint8Array | string,
    trusted: boolean,
  ): Reply | Promise<Reply> {
    if (this.#closed !== undefined) throw new Error('this service is closed')
    try {
      const step = this.#engine.begin(method, target, headers, body, this.#now(), trusted)
      const reply = drive(this.#engine, this.#world, step)
      return reply instanceof Promise ? this.#track(reply.then(this.#done, this.#fault)) : this.#done(reply)
    } catch (error) {
      return this.#fault(error)
    }
  }

  /** A bug of this package or of its caller; never what the network sent. */
  readonly #fault = (error: unknown): never => {
    this.#onError(error)
    throw error
  }

  #checkOpen(): void {
    if (this.#closed !== undefined) throw new Error('this service is closed')
  }

  readonly #done = (reply: Reply): Reply => {
    try {
      if (reply.audit !== undefined) this.#audit?.(reply.audit)
    } catch (error) {
      this.#onError(error)
    }
    this.#upkeep()
    return reply
  }

  /** Does in the background what is better done between requests; once a second at most. */
  #upkeep(): void {
    const now = this.#now()
    if (now < this.#upkeepAt || this.#closed !== undefined) return
    this.#upkeepAt = now + 1
    try {
      const reply = this.#drive(this.#engine.upkeep(now))
      if (!(reply instanceof Promise)) return
      const work = this.#track(reply).catch(this.#onError)
      this.#background?.(work)
    } catch (error) {
      this.#onError(error)
    }
  }

  #drive(step: Step): Reply | Promise<Reply> | undefined {
    return step < 0 ? undefined : drive(this.#engine, this.#world, step)
  }

  #track<T>(promise: Promise<T>): Promise<T> {
    this.#underWay.add(promise)
    const forget = () => this.#underWay.delete(promise)
    promise.then(forget, forget)
    return promise
  }

  async #close(): Promise<void> {
    await Promise.allSettled(this.#underWay)
    this.#engine.free()
    await this.#store.close?.()
  }
}

const FORM = ['content-type', 'application/x-www-form-urlencoded']

function toResponse(reply: Reply): Response {
  const pairs: [string, string][] = []
  for (let i = 0; i < reply.headers.length; i += 2) pairs.push([reply.headers[i]!, reply.headers[i + 1]!])
  return new Response(reply.body.length === 0 ? null : reply.body, { status: reply.status, headers: pairs })
}

/** Path and query of an absolute URL. */
function targetOf(url: string): string {
  const path = url.indexOf('/', url.indexOf('//') + 2)
  const fragment = url.indexOf('#', path)
  return url.slice(path, fragment < 0 ? undefined : fragment)
}

/** A body that is too long is cut one byte behind the limit, and the engine refuses it. */
async function readBody(request: Request): Promise<Uint8Array> {
  return (await read(request, BODY_LIMIT)) ?? new Uint8Array(BODY_LIMIT + 1)
}

