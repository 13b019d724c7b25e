/** The engine as the host sees it: the other half of `hosts/js`. */
import { ALGORITHMS } from './algorithms.js'
import type { Jwk } from './crypto/provider.js'
import { ENTROPY_BYTES } from './entropy.js'
import { ConfigurationError, type Problem } from './errors.js'
import { Authority } from './glue.js'
import { EngineMemory, type Memory } from './engine-memory.js'
import type { Answer, Ask } from './step.js'

/** The number of a request that waits; {@link DONE} when it does not. */
export type Step = number

/** The reply is there to be read, at once. */
export const DONE: Step = -1

const VERIFY = 1
const SIGN = 2

/** Longest request body that the engine reads; more is cut, and refused by it. */
export const BODY_LIMIT = 64 * 1024

/** Asks for a secret by its source; throws when there is none. */
export type Secrets = (kind: 'env' | 'file', name: string) => string

/** A reply, whole. */
export interface Reply {
  /** HTTP status. */
  readonly status: number
  /** Header fields, name and value in turn; names in lower case. */
  readonly headers: string[]
  readonly body: Uint8Array<ArrayBuffer>
  /** The reason code of a refusal, dotted. */
  readonly reason: string | undefined
  /** The claim that the reason is about. */
  readonly claim: string | undefined
  /** The audit line, JSON; only when somebody listens. */
  readonly audit: string | undefined
}

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
}

export class Engine {
  readonly #authority: Authority
  readonly #memory: EngineMemory
  readonly #auditing: boolean

  constructor(options: EngineOptions) {
    this.#auditing = options.auditing
    this.#authority = newAuthority(options)
    this.#memory = new EngineMemory(options.memory, this.#authority)
  }

  /**
   * Begins a request.
   * @param headers name and value in turn
   * @param now seconds since the epoch
   * @param trusted sent by the embedding program, not by the network
   */
  begin(
    method: string,
    target: string,
    headers: readonly string[],
    body: Uint8Array | string,
    now: number,
    trusted: boolean,
  ): Step {
    const head = headOf(method, target, headers)
    // A UTF-16 code unit is at most three bytes of UTF-8.
    this.#memory.reserve(ENTROPY_BYTES + head.length * 3 + (typeof body === 'string' ? body.length * 3 : body.length))
    this.#memory.drawEntropy()
    const headLength = this.#memory.write(head, ENTROPY_BYTES)
    const bodyLength = this.#memory.write(body, ENTROPY_BYTES + headLength)
    return this.#authority.handle(headLength, bodyLength, headers.length >> 1, now, trusted)
  }

  /**
   * Begins protecting an API: whether the bearer token of a request counts.
   * @param headers name and value in turn
   */
  beginProtect(headers: readonly string[], now: number, scopes: readonly string[], audiences: readonly string[]): Step {
    const head = headOf('GET', '/', headers)
    this.#memory.reserve(ENTROPY_BYTES + head.length * 3)
    this.#memory.drawEntropy()
    const headLength = this.#memory.write(head, ENTROPY_BYTES)
    return this.#authority.protect(headLength, headers.length >> 1, now, [...scopes], [...audiences])
  }

  /** Begins what is better done between requests; {@link DONE} when nothing is due. */
  upkeep(now: number): Step {
    this.#memory.reserve(ENTROPY_BYTES)
    this.#memory.drawEntropy()
    return this.#authority.upkeep(now)
  }

  /**
   * Takes over the keys of an issuer: a JWK set as JSON text.
   * @returns why not, if they were not taken over
   */
  supplyKeys(issuer: string, jwks: string, now: number): { reason: string; message: string } | undefined {
    const problem = this.#authority.supply_keys(issuer, jwks, now)
    return problem === undefined ? undefined : (JSON.parse(problem) as { reason: string; message: string })
  }

  /** Begins looking up an issuer, so that `supplyKeys` knows it. */
  findIssuer(issuer: string, now: number): Step {
    this.#memory.reserve(ENTROPY_BYTES)
    this.#memory.drawEntropy()
    return this.#authority.find_issuer(issuer, now)
  }

  /** What the request that was just begun or resumed asks for. */
  ask(): Ask {
    const memory = this.#memory.look()
    const alg = ALGORITHMS[memory.register(1)]!
    switch (memory.register(0)) {
      case VERIFY:
        return { ask: 'verify', alg, thumbprint: memory.text(2), message: memory.copy(4), signature: memory.copy(6) }
      case SIGN:
        return { ask: 'sign', alg, keyId: memory.text(2), message: memory.copy(4) }
      default:
        return JSON.parse(memory.text(2)) as Ask
    }
  }

  /** Goes on with the answer. Throws when it is not one to the ask; the request is gone then. */
  resume(step: Step, answer: Answer): Step {
    if (typeof answer === 'boolean') return this.#authority.verdict(step, answer)
    const bytes = answer instanceof Uint8Array ? answer : JSON.stringify(answer)
    this.#memory.reserve(typeof bytes === 'string' ? bytes.length * 3 : bytes.length)
    const length = this.#memory.write(bytes, 0)
    return answer instanceof Uint8Array
      ? this.#authority.signature(step, length)
      : this.#authority.answer(step, length)
  }

  /** The reply of the request that was just done. */
  reply(): Reply {
    const status = this.#memory.look().register(1)
    return {
      status,
      headers: fields(this.#memory.text(2)),
      body: this.#memory.copy(4),
      reason: status >= 400 ? this.#authority.reason() : undefined,
      claim: status >= 400 ? this.#authority.claim() : undefined,
      audit: this.#auditing ? this.#authority.audit() : undefined,
    }
  }

  /** The public JWK that a waiting request wants a signature verified with. */
  verificationKey(step: Step): Jwk {
    return key(this.#authority.verification_key(step))
  }

  /** The private JWK of a key of ours. */
  signingKey(keyId: string): Jwk {
    return key(this.#authority.signing_key(keyId))
  }

  /** What is allowed in the configuration and probably not meant. */
  get warnings(): Problem[] {
    return JSON.parse(this.#authority.warnings()) as Problem[]
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

function headOf(method: string, target: string, headers: readonly string[]): string {
  let head = `${method} ${target}`
  for (let i = 0; i + 1 < headers.length; i += 2) head += `\n${headers[i]}:${headers[i + 1]}`
  return head
}

function newAuthority({ config, secrets, verifies, signs, now, adminToken }: EngineOptions): Authority {
  try {
    return new Authority(config, secrets, verifies.join(' '), signs.join(' '), now, adminToken)
  } catch (thrown) {
    if (typeof thrown !== 'string') throw thrown
    throw new ConfigurationError(JSON.parse(thrown) as Problem[])
  }
}

function fields(head: string): string[] {
  if (head === '') return []
  const out: string[] = []
  for (const line of head.split('\n')) {
    const colon = line.indexOf(':')
    out.push(line.slice(0, colon), line.slice(colon + 1))
  }
  return out
}

function key(jwk: string | undefined): Jwk {
  if (jwk === undefined) throw new Error('the engine has no such key')
  return JSON.parse(jwk) as Jwk
}
