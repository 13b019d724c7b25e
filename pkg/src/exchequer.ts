/** A security token service in this process: one engine with its host. */
import { accessOf } from './access.js'
import { isPromise } from './awaitable.js'
import type { Jwk } from './crypto/provider.js'
import { within } from './deadline.js'
import { textOf } from './document.js'
import { drive } from './drive.js'
import type { Engine, Reply, Result, Step } from './engine.js'
import { AccessError, SupplyKeysError, TokenError } from './errors.js'
import { type ExchangeRequest, type ExchangeResponse, TOKEN_OF_CLIENT, TOKEN_REQUEST, type TokenOfClient, type TokenRequest } from './exchange.js'
import { fromRequest, toResponse } from './fetch-api.js'
import type { ExchequerConfig } from './generated/config.js'
import type { Claims, Decision, Explanation, IntrospectionResponse, Problem, TokenResponse } from './generated/results.js'
import { senderOf } from './head.js'
import { type Names, checkMembers } from './members.js'
import type { AccessOptions, ExchequerOptions, PlainRequest, SenderAddress } from './options.js'
import type { Store } from './stores/store.js'
import { type OtlpSettings, now } from './telemetry/otlp.js'
import { type Telemetry, telemetryOf } from './telemetry/telemetry.js'
import { type Host, HostWorld } from './world.js'

const NOTHING = new Uint8Array()

const PLAIN_REQUEST: Names<PlainRequest> = {
  method: true,
  target: true,
  headers: true,
  body: true,
  certificate: true,
  peer: true,
  address: true,
}

export class Exchequer {
  readonly #engine: Engine
  readonly #world: HostWorld
  readonly #store: Store
  readonly #now: () => number
  readonly #audit: ExchequerOptions['audit']
  readonly #onDecision: ((decision: Decision) => void) | undefined
  readonly #onError: (error: unknown) => void
  readonly #telemetry: Telemetry
  readonly #background: ((work: Promise<unknown>) => void) | undefined
  /** How many operations wait for something. */
  #underWay = 0
  /** Hears that none is left. */
  #idle: (() => void) | undefined
  #refreshKeysAt = 0
  #closed: Promise<void> | undefined

  /** @internal Use `createExchequer`. */
  constructor(engine: Engine, host: Host, { audit, onDecision, background }: ExchequerOptions) {
    this.#engine = engine
    this.#world = new HostWorld(engine, host)
    this.#store = host.store
    this.#telemetry = host.telemetry
    this.#now = host.now
    this.#audit = audit
    this.#onDecision = onDecision
    this.#background = background
    this.#onError = host.onError
  }

  /**
   * Serves a Fetch API request: every HTTP path there is. Bound, so it can be passed around.
   *
   * @param sender which address it comes from; without it failed attempts are not limited
   */
  readonly fetch = async (request: Request, sender?: SenderAddress): Promise<Response> => {
    return toResponse(await this.handle({ ...(await fromRequest(request)), ...addressOf(sender) }))
  }

  /**
   * Serves a request from the network given as plain data. The reply is there
   * at once when nothing had to be waited for.
   *
   * @throws {TypeError} when it has a member that is unknown: a misspelt `address` would limit nobody
   */
  handle(request: PlainRequest): Reply | Promise<Reply> {
    checkMembers('handle', request, PLAIN_REQUEST)
    const { method, target, body = NOTHING, certificate } = request
    const observed = this.#telemetry.begin(request)
    const begin = () => this.#engine.begin(method, target, observed.headers, body, senderOf(request), this.#now(), certificate)
    const done = this.#run(begin, () => {
      if (this.#telemetry.exports) observed.decision = this.#engine.decision()
      return this.#reply()
    })
    return isPromise(done)
      ? done.then((reply) => this.#telemetry.end(observed, reply))
      : this.#telemetry.end(observed, done)
  }

  /**
   * Exchanges a token for the application named by `clientId`; or uses an
   * assertion or a refresh token of it; or gets a token about the application
   * itself. The caller is this program, which is
   * trusted: there is no client secret.
   *
   * @returns the token endpoint's JSON, in the RFC's names
   * @throws {TokenError} when the request is refused or cannot be decided
   */
  exchange(request: ExchangeRequest): Promise<ExchangeResponse>
  exchange(request: TokenRequest): Promise<TokenResponse>
  async exchange(request: TokenRequest): Promise<TokenResponse> {
    checkMembers('exchange', request, TOKEN_REQUEST)
    const start = now()
    const done = this.#run(() => this.#engine.exchange(request, this.#now()), () => this.#resultSince<TokenResponse>(start))
    return granted(done instanceof Promise ? await done : done)
  }

  /**
   * Rehearses a token request: how it would be decided, and why. Nothing is
   * issued and nothing is stored; that it would be refused is no error.
   */
  async explain(request: TokenRequest): Promise<Explanation> {
    checkMembers('explain', request, TOKEN_REQUEST)
    return this.#run(() => this.#engine.explain(request, this.#now()), this.#explanation)
  }

  /**
   * Describes an issued token to the application named by `clientId` (RFC 7662):
   * the one that it was issued to, or that it is meant for. To any other one it
   * is not active.
   *
   * @throws {TokenError} when it cannot be decided
   */
  async introspect(request: TokenOfClient): Promise<IntrospectionResponse> {
    checkMembers('introspect', request, TOKEN_OF_CLIENT)
    const start = now()
    const done = this.#run(() => this.#engine.introspect(request, this.#now()), () => this.#resultSince<IntrospectionResponse>(start))
    return granted(done instanceof Promise ? await done : done)
  }

  /**
   * Revokes a token that was issued to the application named by `clientId` (RFC
   * 7009). A refresh token takes the access tokens of its family with it. A
   * token that is unknown, or another application's, is no error.
   *
   * @throws {TokenError} when the store does not answer
   */
  async revoke(request: TokenOfClient): Promise<void> {
    checkMembers('revoke', request, TOKEN_OF_CLIENT)
    const start = now()
    const done = this.#run(() => this.#engine.revoke(request, this.#now()), () => this.#resultSince<undefined>(start))
    granted(done instanceof Promise ? await done : done)
  }

  /**
   * Protects your API: the claims of the request's access token, or
   * of this access token, if it was issued here and counts, JWT or opaque. A token that is
   * bound to a key needs a DPoP proof of it, and `origin`.
   *
   * @throws {AccessError} with the response to give instead
   * @throws {TypeError} when an option is unknown, or is not what it should be
   */
  async authenticate(request: Request | string, options: AccessOptions = {}): Promise<Claims> {
    const { token, scopes, audiences } = accessOf(request, options)
    const begin = () => this.#engine.authenticate(token, scopes, audiences, this.#now(), options.certificate)
    const claims = await this.#run(begin, this.#claims)
    if (claims instanceof AccessError) throw claims
    return claims
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
    const text = typeof jwks === 'string' ? jwks : (JSON.stringify(jwks) ?? '')
    const supply = () => this.#engine.supplyKeys(issuer, text, this.#now())
    const supplied = () => this.#engine.result<unknown>()
    let done = this.#run(supply, supplied)
    if (!(done instanceof Promise) && 'refusal' in done && done.refusal.reason === UNKNOWN_ISSUER) {
      const find = () => this.#engine.findIssuer(issuer, this.#now())
      done = this.#run(find, () => {
        const found = this.#engine.result<boolean>()
        if ('refusal' in found) return found
        supply()
        return supplied()
      })
    }
    const result = done instanceof Promise ? await done : done
    if ('refusal' in result) throw new SupplyKeysError(result.refusal)
  }

  /**
   * Puts another configuration document in the place of the present one. Issuers' keys that were
   * fetched or supplied, counters and cached tokens that are still valid go on. Requests that are
   * under way end under the configuration that they began with.
   *
   * @param config the document, as an object or as JSON text; its secrets are found as before
   * @throws {ConfigurationError} with everything that is wrong with the document; the present one goes on
   */
  async reconfigure(config: ExchequerConfig | string): Promise<void> {
    this.prepare(config).adopt()
  }

  /** @internal Checks another configuration document; one that is not adopted has to be discarded. */
  prepare(config: ExchequerConfig | string): Prepared {
    if (this.#closed !== undefined) throw new Error('this service is closed')
    const text = textOf(config)
    const checked = this.#engine.check(text, this.#now())
    let telemetry: OtlpSettings | undefined
    try {
      telemetry = telemetryOf(text)
    } catch (error) {
      checked.free()
      throw error
    }
    return {
      warnings: checked.warnings() as Problem[],
      adopt: () => {
        if (this.#closed === undefined) {
          this.#engine.succeed(checked)
          this.#telemetry.configure(telemetry)
        } else checked.free()
      },
      discard: () => checked.free(),
    }
  }

  /**
   * Waits for what is under way, then gives back memory and store. What is not done after `graceMs`
   * is waited for no longer. Default: 10000.
   */
  close({ graceMs = 10_000 }: { graceMs?: number | undefined } = {}): Promise<void> {
    this.#closed ??= this.#close(graceMs)
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

  /** Drives an operation to its result, which is there at once when nothing has to be waited for. */
  #run<T>(begin: () => Step, result: () => T): T | Promise<T> {
    if (this.#closed !== undefined) throw new Error('this service is closed')
    try {
      const done = drive(this.#engine, this.#world, begin(), result)
      return done instanceof Promise ? this.#tracked(done, this.#fault) : done
    } catch (error) {
      return this.#fault(error)
    }
  }

  /** A bug of this package or of its caller; never what the network sent. */
  readonly #fault = (error: unknown): never => {
    this.#onError(error)
    throw error
  }

  readonly #reply = (): Reply => {
    const reply = this.#engine.reply()
    this.#decided(reply.audit)
    return reply
  }

  /** The result of a typed operation that began then. */
  #resultSince<T>(start: number): Result<T> {
    if (this.#telemetry.exports) this.#telemetry.decided(this.#engine.decision(), start)
    const result = this.#engine.result<T>()
    this.#decided(this.#engine.audit())
    return result
  }

  readonly #explanation = (): Explanation => {
    const explanation = this.#engine.explanation()
    this.#decided(this.#engine.audit())
    return explanation
  }

  readonly #claims = (): Claims | AccessError => {
    const result = this.#engine.result<Claims>()
    if ('value' in result) return result.value
    return new AccessError(result.refusal, toResponse(this.#engine.reply()))
  }

  /** Tells who listens, and does what is better done between requests. */
  #decided(line: string | undefined): void {
    if (line !== undefined && this.#audit !== undefined) this.#write(this.#audit, line)
    try {
      if (this.#onDecision !== undefined) {
        const decision = this.#engine.decision()
        if (decision !== undefined) this.#onDecision(decision)
      }
    } catch (error) {
      this.#onError(error)
    }
    this.#refreshKeys()
  }

  /** Writes a line of the audit log. That it cannot be written fails no request. */
  #write(audit: NonNullable<ExchequerOptions['audit']>, line: string): void {
    const lost = (error: unknown) => {
      this.auditLost(1)
      this.#onError(error)
    }
    try {
      const written = audit(line)
      if (isPromise(written)) written.then(undefined, lost)
    } catch (error) {
      lost(error)
    }
  }

  /** @internal Tells of an error to `onError`. */
  report(error: unknown): void {
    this.#onError(error)
  }

  /** @internal Counts lines of the audit log that could not be written. */
  auditLost(lines: number): void {
    this.#telemetry.auditLost(lines)
  }

  /** Fetches keys ahead of their end, in the background; looks once a second at most. */
  #refreshKeys(): void {
    const now = this.#now()
    if (now < this.#refreshKeysAt || this.#closed !== undefined) return
    this.#refreshKeysAt = now + 1
    try {
      const refreshed = drive(this.#engine, this.#world, this.#engine.refreshKeys(now), nothing)
      if (refreshed === undefined) return
      const work = this.#tracked(refreshed, this.#onError)
      this.#background?.(work)
    } catch (error) {
      this.#onError(error)
    }
  }

  /** What is waited for, and counted until it is there. */
  async #tracked<T>(work: Promise<T>, failed: (error: unknown) => T): Promise<T> {
    this.#underWay++
    try {
      return await work
    } catch (error) {
      return failed(error)
    } finally {
      this.#underWay--
      if (this.#underWay === 0) this.#idle?.()
    }
  }

  async #close(graceMs: number): Promise<void> {
    const idle = this.#underWay > 0 ? new Promise<void>((resolve) => (this.#idle = resolve)) : Promise.resolve()
    // Something that is under way still needs the engine, however late it comes.
    const freed = idle.then(() => this.#engine.free())
    const end = now() + graceMs
    await within(graceMs, freed)
    try {
      await within(Math.max(end - now(), LEAST_MS), Promise.resolve(this.#store.close?.()))
    } finally {
      await this.#telemetry.close()
    }
  }
}

/** A configuration that was checked: one of the two is called, once. */
export interface Prepared {
  /** What it allows and probably does not mean. */
  readonly warnings: readonly Problem[]
  adopt(): void
  discard(): void
}

/** What may be passed around as `fetch` gets other things in this place: a platform's bindings, an index. */
function addressOf(sender: unknown): SenderAddress {
  if (typeof sender !== 'object' || sender === null) return {}
  const { peer, address } = sender as Record<string, unknown>
  return { ...(typeof peer === 'string' && { peer }), ...(typeof address === 'string' && { address }) }
}

/** What a store may take to close in any case, in milliseconds. */
const LEAST_MS = 500

const UNKNOWN_ISSUER = 'issuer.unknown'

/** @throws {TokenError} when it is refused */
function granted<T>(result: Result<T>): T {
  if ('value' in result) return result.value
  throw new TokenError(result.status, result.refusal)
}

/** What is read of a refresh of keys: its failure shows with the next request that needs them. */
function nothing(): void {}
