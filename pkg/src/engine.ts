/**
 * The engine as the host sees it: the other half of `hosts/js`.
 *
 * Owns the views into WebAssembly memory and nothing else. Every view is gone
 * with the next call into the engine, so whoever keeps bytes copies them.
 */
import { ALGORITHMS } from './algorithms.js'
import type { Jwk } from './crypto/provider.js'
import { ENTROPY_BYTES, drawEntropy } from './entropy.js'
import { ConfigurationError, type Problem } from './errors.js'
import { Authority } from './glue.js'
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

/** The memory of the WebAssembly instance; its buffer is another one after it has grown. */
export interface Memory {
  readonly buffer: ArrayBuffer
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

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export class Engine {
  readonly #authority: Authority
  readonly #memory: Memory
  readonly #auditing: boolean
  readonly #registersAt: number
  #bytes!: Uint8Array<ArrayBuffer>
  #registers!: Uint32Array
  #input = 0
  #capacity = 0

  constructor(options: EngineOptions) {
    this.#memory = options.memory
    this.#auditing = options.auditing
    this.#authority = newAuthority(options)
    this.#registersAt = this.#authority.registers()
    this.#look()
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
    this.#reserve(ENTROPY_BYTES + head.length * 3 + (typeof body === 'string' ? body.length * 3 : body.length))
    drawEntropy(this.#bytes, this.#input)
    const headLength = this.#write(head, ENTROPY_BYTES)
    const bodyLength = this.#write(body, ENTROPY_BYTES + headLength)
    return this.#authority.handle(headLength, bodyLength, headers.length >> 1, now, trusted)
  }

  /**
   * Begins protecting an API: whether the bearer token of a request counts.
   * @param headers name and value in turn
   */
  beginProtect(headers: readonly string[], now: number, scopes: readonly string[], audiences: readonly string[]): Step {
    const head = headOf('GET', '/', headers)
    this.#reserve(ENTROPY_BYTES + head.length * 3)
    drawEntropy(this.#bytes, this.#input)
    const headLength = this.#write(head, ENTROPY_BYTES)
    return this.#authority.protect(headLength, headers.length >> 1, now, [...scopes], [...audiences])
  }

  /** Begins what is better done between requests; {@link DONE} when nothing is due. */
  upkeep(now: number): Step {
    this.#reserve(ENTROPY_BYTES)
    drawEntropy(this.#bytes, this.#input)
    return this.#authority.upkeep(now)
  }

  /** What the request that was just begun or resumed asks for. */
  ask(): Ask {
    this.#look()
    const alg = ALGORITHMS[this.#registers[1]!]!
    switch (this.#registers[0]) {
      case VERIFY:
        return { ask: 'verify', alg, thumbprint: this.#text(2), message: this.#copy(4), signature: this.#copy(6) }
      case SIGN:
        return { ask: 'sign', alg, keyId: this.#text(2), message: this.#copy(4) }
      default:
        return JSON.parse(this.#text(2)) as Ask
    }
  }

  /** Goes on with the answer. Throws when it is not one to the ask; the request is gone then. */
  resume(step: Step, answer: Answer): Step {
    if (typeof answer === 'boolean') return this.#authority.verdict(step, answer)
    const bytes = answer instanceof Uint8Array ? answer : JSON.stringify(answer)
    this.#reserve(typeof bytes === 'string' ? bytes.length * 3 : bytes.length)
    const length = this.#write(bytes, 0)
    return answer instanceof Uint8Array
      ? this.#authority.signature(step, length)
      : this.#authority.answer(step, length)
  }

  /** The reply of the request that was just done. */
  reply(): Reply {
    this.#look()
    const status = this.#registers[1]!
    return {
      status,
      headers: fields(this.#text(2)),
      body: this.#copy(4),
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

  /** Memory that has grown is a new buffer. */
  #look(): void {
    if (this.#bytes?.buffer === this.#memory.buffer) return
    this.#bytes = new Uint8Array(this.#memory.buffer)
    this.#registers = new Uint32Array(this.#memory.buffer, this.#registersAt, 8)
  }

  #reserve(length: number): void {
    if (length > this.#capacity) {
      this.#capacity = Math.max(length, 8 * 1024)
      this.#input = this.#authority.input(this.#capacity)
    }
    this.#look()
  }

  #write(what: Uint8Array | string, at: number): number {
    const start = this.#input + at
    if (typeof what === 'string') {
      return encoder.encodeInto(what, this.#bytes.subarray(start, this.#input + this.#capacity)).written
    }
    this.#bytes.set(what, start)
    return what.length
  }

  #view(register: number): Uint8Array<ArrayBuffer> {
    const start = this.#registers[register]!
    return this.#bytes.subarray(start, start + this.#registers[register + 1]!)
  }

  /** Bytes to keep: a view is gone with the next call into the engine, and fetching a key is one. */
  #copy(register: number): Uint8Array<ArrayBuffer> {
    return this.#view(register).slice()
  }

  #text(register: number): string {
    return decoder.decode(this.#view(register))
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
