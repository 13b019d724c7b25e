/** A security token service in this process: one engine with its host. */
import type { Jwk } from './crypto/provider.js'
import { drive } from './drive.js'
import type { Engine, Reply, Step } from './engine.js'
import { AccessError, type Problem, SupplyKeysError, TokenError } from './errors.js'
import { type ExchangeRequest, type TokenResponse, exchangeForm } from './exchange.js'
import { fromRequest, toResponse } from './fetch-api.js'
import type { AccessOptions, Claims, ExchequerOptions, PlainRequest } from './options.js'
import type { Store } from './stores/store.js'
import { type Host, HostWorld } from './world.js'

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
    return toResponse(await this.handle(await fromRequest(request)))
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

  /**
   * Takes over the keys of a trusted token issuer from this program: a JWK set, as an object or
   * as JSON text of at most 512 KiB. They replace the keys that the configuration names, until
   * others are supplied, and nothing is fetched for that issuer any more. A set without keys
   * makes no token of the issuer good.
   *
   * Keys of an issuer of the configuration count before this returns; one that the
   * administration API made is looked up in the store first.
   *
   * @param issuer exactly the `iss` of its tokens
   * @throws {SupplyKeysError} when there is no such issuer, or what is given is not a JWK set
   */
  async supplyKeys(issuer: string, jwks: { readonly keys: readonly Jwk[] } | string): Promise<void> {
    this.#checkOpen()
    const text = typeof jwks === 'string' ? jwks : (JSON.stringify(jwks) ?? '')
    let problem = this.#engine.supplyKeys(issuer, text, this.#now())
    if (problem?.reason === UNKNOWN_ISSUER) {
      const driven = drive(this.#engine, this.#world, this.#engine.findIssuer(issuer, this.#now()))
      const { status } = driven instanceof Promise ? await this.#track(driven) : driven
      if (status === 503) throw new SupplyKeysError('store.unavailable', STORE_SILENT)
      problem = this.#engine.supplyKeys(issuer, text, this.#now())
    }
    if (problem !== undefined) throw new SupplyKeysError(problem.reason, problem.message)
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
    this.#checkOpen()
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

const UNKNOWN_ISSUER = 'issuer.unknown'
const STORE_SILENT = 'the store does not say whether there is such an issuer; try again'

const FORM = ['content-type', 'application/x-www-form-urlencoded']
