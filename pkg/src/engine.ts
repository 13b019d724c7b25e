/** The engine as the host sees it: the other half of `hosts/js`. */
import { ALGORITHMS, type Algorithm } from './algorithms.js'
import type { Jwk } from './crypto/provider.js'
import { ENTROPY_BYTES } from './entropy.js'
import { ConfigurationError } from './errors.js'
import { Authority, Certificate, type Checked } from './glue.js'
import { EngineMemory, type Memory } from './engine-memory.js'
import { type TokenOfClient, type TokenRequest, putTokenRequest, text } from './exchange.js'
import type { Decision, Explanation, Problem, ReasonCode } from './generated/results.js'
import { fieldsOf, headOf } from './head.js'
import { type Names, checkMembers } from './members.js'
import type { ClientCertificate } from './options.js'
import { type Answer, type ColdAsk, jsonOf } from './step.js'
import type { StoreWrite } from './stores/store.js'

/** The number of a request that waits; {@link DONE} when it does not. */
export type Step = number

/** The reply is there to be read, at once. */
export const DONE: Step = -1

/** Stands for a number: the call was wrong, and the engine says why. */
const MISUSED = -2

/** The engine asks whether a signature is good. */
export const VERIFY = 1
/** The engine asks for a signature. */
export const SIGN = 2
/** The engine asks for writes. */
export const COMMIT = 4

/** What stands for no number in a batch of writes, and for any version. */
const NOTHING = -1
const ANYTHING = -2

/** The status of a result that is no refusal. */
const OK = 200

/** What a request to a protected API brings. */
export type Presented = ({ readonly token: string } | { readonly header: string | undefined }) & {
  readonly proof: string | undefined
  readonly method: string | undefined
  readonly url: string | undefined
}

/** Asks for a secret by its source; throws when there is none. */
export type Secrets = (kind: 'env' | 'file', name: string) => string

/** A configuration that is good and not in use yet. One that is never used has to be freed. */
export interface CheckedConfiguration {
  /** What it allows and probably does not mean. */
  warnings(): unknown
  free(): void
}

/** A reply, whole. */
export interface Reply {
  /** HTTP status. */
  readonly status: number
  /** Header fields, name and value in turn; names in lower case. */
  readonly headers: string[]
  readonly body: Uint8Array<ArrayBuffer>
  /** The reason code of a refusal, dotted. */
  readonly reason: ReasonCode | undefined
  /** The claim that the reason is about. */
  readonly claim: string | undefined
  /** The audit line, JSON; only when somebody listens. */
  readonly audit: string | undefined
}

/** Why the engine refuses. */
export interface Refusal {
  readonly code?: string
  readonly reason?: ReasonCode
  readonly message: string
  readonly claim?: string
  readonly retryAfter?: number
  readonly dpopNonce?: string
}

/** The result of a typed operation. A refusal that no endpoint makes has the status 0. */
export type Result<T> =
  | { readonly status: typeof OK; readonly value: T }
  | { readonly status: number; readonly refusal: Refusal }

export interface EngineOptions {
  memory: Memory
  config: string
  secrets: Secrets
  verifies: readonly string[]
  signs: readonly string[]
  auditing: boolean
  /** Seconds since the epoch. */
  now: number
  /** Lets its bearer administer. */
  adminToken: string | undefined
  /** Encrypts the signing keys in the store. */
  keyWrappingKey: string | undefined
}

export class Engine {
  readonly #authority: Authority
  readonly #memory: EngineMemory
  readonly #auditing: boolean
  readonly #secrets: Secrets

  constructor(options: EngineOptions) {
    this.#auditing = options.auditing
    this.#secrets = options.secrets
    this.#authority = newAuthority(options)
    this.#memory = new EngineMemory(options.memory, this.#authority)
  }

  /**
   * Reads another configuration document. It is not used before `succeed`.
   * @throws {ConfigurationError} with everything that is wrong with it
   */
  check(config: string, now: number): CheckedConfiguration {
    return unlessProblems(() => this.#authority.check(config, this.#secrets, now))
  }

  /** Puts another configuration in the place of this one; requests under way end under this one. */
  succeed(checked: CheckedConfiguration): void {
    this.#authority.succeed(checked as Checked)
  }

  /**
   * Begins a request.
   * @param headers name and value in turn
   * @param sender who sends it: `senderOf`
   * @param now seconds since the epoch
   */
  begin(
    method: string,
    target: string,
    headers: readonly string[],
    body: Uint8Array | string,
    sender: string,
    now: number,
    certificate?: ClientCertificate,
  ): Step {
    const head = headOf(method, sender, target, headers)
    // A UTF-16 code unit is at most three bytes of UTF-8.
    this.#memory.reserve(ENTROPY_BYTES + head.length * 3 + (typeof body === 'string' ? body.length * 3 : body.length))
    this.#memory.drawEntropy()
    const headLength = this.#memory.write(head, ENTROPY_BYTES)
    const bodyLength = this.#memory.write(body, ENTROPY_BYTES + headLength)
    return this.#step(this.#authority.handle(headLength, bodyLength, headers.length >> 1, now, given(certificate)))
  }

  /** Begins a token request. */
  exchange(request: TokenRequest, now: number): Step {
    const grant = putTokenRequest(request, this.#memory.begin())
    return this.#step(this.#authority.exchange(grant, this.#memory.end(), now))
  }

  /** Begins a rehearsal of a token request. */
  explain(request: TokenRequest, now: number): Step {
    const grant = putTokenRequest(request, this.#memory.begin())
    return this.#step(this.#authority.explain(grant, this.#memory.end(), now))
  }

  /** Begins the description of a token. */
  introspect(request: TokenOfClient, now: number): Step {
    return this.#step(this.#authority.introspect(this.#ofToken(request), now))
  }

  /** Begins the revocation of a token. */
  revoke(request: TokenOfClient, now: number): Step {
    return this.#step(this.#authority.revoke(this.#ofToken(request), now))
  }

  #ofToken(request: TokenOfClient): number {
    this.#memory.begin().put(text('clientId', request.clientId))
    this.#memory.put(text('token', request.token))
    return this.#memory.end()
  }

  /**
   * Begins protecting an API.
   * @param token an access token, or the `Authorization` header of a request; with its DPoP proof
   */
  authenticate(
    token: Presented,
    scopes: readonly string[],
    audiences: readonly string[],
    now: number,
    certificate?: ClientCertificate,
  ): Step {
    const isHeader = 'header' in token
    this.#memory.begin().put(isHeader ? token.header : token.token)
    this.#memory.put(token.proof)
    this.#memory.put(token.method)
    this.#memory.put(token.url)
    for (const scope of scopes) this.#memory.put(scope)
    for (const audience of audiences) this.#memory.put(audience)
    return this.#step(this.#authority.authenticate(isHeader, scopes.length, this.#memory.end(), now, given(certificate)))
  }

  /** Begins fetching keys that are about to expire; {@link DONE} when none are due. */
  refreshKeys(now: number): Step {
    this.#memory.begin().end()
    return this.#step(this.#authority.refresh_keys(now))
  }

  /** Takes over the keys of an issuer: a JWK set as JSON text. The result is there at once. */
  supplyKeys(issuer: string, jwks: string, now: number): Step {
    return this.#step(this.#authority.supply_keys(issuer, jwks, now))
  }

  /** Begins looking up an issuer, so that `supplyKeys` knows it. */
  findIssuer(issuer: string, now: number): Step {
    this.#memory.begin().end()
    return this.#step(this.#authority.find_issuer(issuer, now))
  }

  /** What the request that was just begun or resumed asks for: {@link VERIFY}, {@link SIGN}, {@link COMMIT}, or something cold. */
  asked(): number {
    return this.#memory.look().register(0)
  }

  /** The algorithm of the signature that is asked for. */
  algorithm(): Algorithm {
    return ALGORITHMS[this.#memory.register(1)]!
  }

  /** The number of the key that is asked for: of this key with this algorithm, and of no other one. */
  keyNumber(): number {
    return this.#memory.register(2)
  }

  /** What is signed, or to be signed: a view that is gone with the next call into the engine. */
  message(): Uint8Array<ArrayBuffer> {
    return this.#memory.view(4)
  }

  /** The signature that is asked about: a view that is gone with the next call into the engine. */
  signature(): Uint8Array<ArrayBuffer> {
    return this.#memory.view(6)
  }

  /** The writes that are asked for: see `batch.rs`. */
  writes(): StoreWrite[] {
    const keys = this.#memory.text(2)
    const writes: StoreWrite[] = []
    // A request mostly has one write, and no list is made of one key.
    for (let [keyAt, valueAt, place] = [0, 0, 0]; keyAt < keys.length; place += 3) {
      const line = keys.indexOf('\n', keyAt)
      const keyEnd = line < 0 ? keys.length : line
      const expected = this.#memory.number(6, place)
      const expiresAt = this.#memory.number(6, place + 1)
      const length = this.#memory.number(6, place + 2)
      writes.push({
        key: keys.slice(keyAt, keyEnd),
        value: length === NOTHING ? undefined : this.#memory.copy(4, valueAt, length),
        expect: expected === NOTHING ? 'absent' : expected === ANYTHING ? 'any' : expected,
        expiresAt: expiresAt === NOTHING ? undefined : expiresAt,
      })
      keyAt = keyEnd + 1
      if (length !== NOTHING) valueAt += length
    }
    return writes
  }

  /** What is asked for, when it is no signature and no writes. */
  coldAsk(): ColdAsk {
    return JSON.parse(this.#memory.text(2)) as ColdAsk
  }

  /** Goes on with the answer. Throws when it is not one to the ask; the request is gone then. */
  resume(step: Step, answer: Answer): Step {
    if (typeof answer === 'boolean') return this.#step(this.#authority.yes_or_no(step, answer))
    const bytes = answer instanceof Uint8Array ? answer : jsonOf(answer)
    this.#memory.reserve(typeof bytes === 'string' ? bytes.length * 3 : bytes.length)
    const length = this.#memory.write(bytes, 0)
    return this.#step(
      answer instanceof Uint8Array ? this.#authority.signature(step, length) : this.#authority.answer(step, length),
    )
  }

  #step(number: number): Step {
    if (number === MISUSED) throw new Error(this.#authority.misuse())
    return number
  }

  /** The reply of the request that was just done. */
  reply(): Reply {
    const status = this.#memory.look().register(1)
    return {
      status,
      headers: fieldsOf(this.#memory.text(2)),
      body: this.#memory.view(4).slice(),
      reason: status >= 400 ? (this.#authority.reason() as ReasonCode | undefined) : undefined,
      claim: status >= 400 ? this.#authority.claim() : undefined,
      audit: this.audit(),
    }
  }

  /** The result of the typed operation that was just done. */
  result<T>(): Result<T> {
    const status = this.#memory.look().register(1)
    if (status !== OK) return { status, refusal: this.#authority.refusal() as Refusal }
    const json = this.#memory.text(4)
    return { status, value: (json === '' ? undefined : JSON.parse(json)) as T }
  }

  /** Why the reply that was just read is one, when it is a typed result. */
  refusal(): Refusal {
    return this.#authority.refusal() as Refusal
  }

  /** The explanation that was just made. */
  explanation(): Explanation {
    return this.#authority.explanation() as Explanation
  }

  /** The audit line of what was just done, when somebody listens. */
  audit(): string | undefined {
    return this.#auditing ? this.#authority.audit() : undefined
  }

  /** The same as an object. */
  decision(): Decision | undefined {
    return this.#authority.decision() as Decision | undefined
  }

  /** The public JWK that a waiting request wants a signature verified with. */
  verificationKey(step: Step): Jwk {
    return key(this.#authority.verification_key(step))
  }

  /** The private JWK that a waiting request wants a signature of. */
  signingKey(step: Step): Jwk {
    return key(this.#authority.signing_key(step))
  }

  /** What is allowed in the configuration and probably not meant. */
  get warnings(): Problem[] {
    return this.#authority.warnings() as Problem[]
  }

  /** How many requests wait for an answer. */
  get waiting(): number {
    return this.#authority.waiting()
  }

  /** Gives the memory back. No other method may be called after it. */
  free(): void {
    this.#authority.free()
  }
}

const CLIENT_CERTIFICATE: Names<ClientCertificate> = { der: true, sha256: true, subject: true, verified: true }

/**
 * A client certificate as the engine takes it: made where it is handed over, so that a call that
 * fails leaves none behind for the next one.
 *
 * @throws {TypeError} when it is of no form that is known
 */
function given(certificate: ClientCertificate | undefined): Certificate | undefined {
  if (certificate === undefined) return undefined
  const { der, sha256, subject, verified } = (certificate ?? {}) as Readonly<Record<string, unknown>>
  // Not by its class: bytes may come from another realm, as in some test runners.
  const isWhole = ArrayBuffer.isView(der)
  if (!isWhole && typeof sha256 !== 'string') {
    throw new TypeError('`certificate` has neither `der`, bytes, nor `sha256`, text: one of the two was expected, with `verified`')
  }
  checkMembers('certificate', certificate, CLIENT_CERTIFICATE)
  if (isWhole) return Certificate.whole(new Uint8Array(der.buffer, der.byteOffset, der.byteLength), verified === true)
  return Certificate.described(text('sha256', sha256), subject === undefined ? undefined : text('subject', subject), verified === true)
}

function newAuthority({ config, secrets, verifies, signs, now, adminToken, keyWrappingKey }: EngineOptions): Authority {
  return unlessProblems(() => new Authority(config, secrets, verifies.join(' '), signs.join(' '), now, adminToken, keyWrappingKey))
}

/** @throws {ConfigurationError} for problems that the engine found */
function unlessProblems<T>(read: () => T): T {
  try {
    return read()
  } catch (thrown) {
    if (!Array.isArray(thrown)) throw thrown
    throw new ConfigurationError(thrown as Problem[])
  }
}

function key(jwk: string | undefined): Jwk {
  if (jwk === undefined) throw new Error('the engine has no such key')
  return JSON.parse(jwk) as Jwk
}
