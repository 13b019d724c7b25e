/**
 * Answers the engine's asks with what the host has: a fetch function, a store,
 * and a crypto provider. Decides nothing; what it cannot do is an answer too.
 */
import { isPromise } from './awaitable.js'
import { toBase64url } from './bytes.js'
import type { CryptoProvider } from './crypto/provider.js'
import type { World } from './drive.js'
import { COMMIT, type Engine, SIGN, type Step, VERIFY } from './engine.js'
import type { Fetcher } from './fetch.js'
import { Keys } from './keys.js'
import type { SignFunction, SignRequest } from './options.js'
import { type Answer, type ColdAnswer, type ColdAsk, type ListAsk, type RecordJson, failed } from './step.js'
import { NoStore, type Store, type StoredRecord } from './stores/store.js'
import { now } from './telemetry/otlp.js'
import type { StoreOperation, Telemetry } from './telemetry/telemetry.js'

export interface Host {
  fetcher: Fetcher
  store: Store
  crypto: CryptoProvider
  /**
   * Whether `crypto` has read the bytes that it is given when its call returns,
   * though the result be a promise. WebCrypto has to; who knows what else does.
   */
  readsAtOnce: boolean
  /** Signs with keys whose private half is elsewhere. */
  sign: SignFunction | undefined
  telemetry: Telemetry
  now: () => number
  onError: (error: unknown) => void
}

export class HostWorld implements World {
  readonly #engine: Engine
  readonly #host: Host
  readonly #keys = new Keys()

  constructor(engine: Engine, host: Host) {
    this.#engine = engine
    this.#host = host
  }

  answer(step: Step): Answer | Promise<Answer> {
    try {
      switch (this.#engine.asked()) {
        case VERIFY:
          return this.#verify(step)
        case SIGN:
          return this.#sign(step)
        case COMMIT:
          return this.#commit()
        default:
          return this.#cold(this.#engine.coldAsk())
      }
    } catch (error) {
      return this.broken(error)
    }
  }

  broken(error: unknown): Answer {
    if (error instanceof NoStore) return failed('unsupported')
    this.#host.onError(error)
    return failed('broken')
  }

  #cold(ask: ColdAsk): ColdAnswer | Promise<ColdAnswer> {
    switch (ask.ask) {
      case 'fetch':
        return this.#host.telemetry.fetching(ask, (ask) => this.#host.fetcher.fetch(ask))
      case 'submit':
        return this.#host.fetcher.submit(ask)
      case 'read':
        return after(this.#timed('read', () => this.#host.store.read(ask.keys, this.#host.now())), (records) => ({
          answer: 'records',
          records: records.map((record) => (record === undefined ? null : toJson(record))),
        }))
      case 'list':
        return this.#list(ask)
      default:
        return failed('unsupported')
    }
  }

  #verify(step: Step): boolean | Promise<boolean> {
    const [engine, { crypto, readsAtOnce }] = [this.#engine, this.#host]
    const alg = engine.algorithm()
    const number = engine.keyNumber()
    const known = this.#keys.known(number)
    if (readsAtOnce && known !== undefined) return crypto.verify(alg, known, engine.message(), engine.signature())
    // The key may have to be waited for, and views are gone with the next call.
    const [message, signature] = [engine.message().slice(), engine.signature().slice()]
    const key = known ?? this.#keys.keep(number, crypto.publicKey(alg, engine.verificationKey(step)))
    if (!isPromise(key)) return crypto.verify(alg, key, message, signature)
    return key.then((ready) => crypto.verify(alg, ready, message, signature))
  }

  #sign(step: Step): Uint8Array | Promise<Uint8Array> {
    const [engine, { crypto, readsAtOnce }] = [this.#engine, this.#host]
    const alg = engine.algorithm()
    const number = engine.keyNumber()
    const known = this.#keys.known(number)
    if (readsAtOnce && known !== undefined) return crypto.sign(alg, known, engine.message())
    const message = engine.message().slice()
    const jwk = known === undefined ? engine.signingKey(step) : undefined
    if (jwk?.['private'] === 'host') return this.#signElsewhere({ alg, kid: String(jwk['kid']), message })
    const key = known ?? this.#keys.keep(number, crypto.privateKey(alg, jwk!))
    if (!isPromise(key)) return crypto.sign(alg, key, message)
    return key.then((ready) => crypto.sign(alg, ready, message))
  }

  #signElsewhere(request: SignRequest): Uint8Array | Promise<Uint8Array> {
    const { sign } = this.#host
    if (sign === undefined) {
      throw new Error(`the private half of the key ${request.kid} is elsewhere; give \`sign\` to createExchequer`)
    }
    return sign(request)
  }

  /** Asks the store for one record more than wanted, to know whether there is a next page. */
  #list({ prefix, cursor, limit }: ListAsk): ColdAnswer | Promise<ColdAnswer> {
    const listed = this.#timed('list', () => this.#host.store.list(prefix, cursor ?? undefined, limit + 1, this.#host.now()))
    return after(listed, (records) => {
      const page = records.slice(0, limit).map(toJson)
      return { answer: 'page', records: page, next: records.length > limit ? (page.at(-1)?.key ?? null) : null }
    })
  }

  #commit(): boolean | Promise<boolean> {
    const writes = this.#engine.writes()
    return after(this.#timed('commit', () => this.#host.store.commit(writes, this.#host.now())), Boolean)
  }

  /** Measures a call of the store. */
  #timed<T>(operation: StoreOperation, call: () => T | Promise<T>): T | Promise<T> {
    const { telemetry } = this.#host
    const start = now()
    let value: T | Promise<T>
    try {
      value = call()
    } catch (error) {
      telemetry.stored(operation, start, false)
      throw error
    }
    if (!isPromise(value)) {
      telemetry.stored(operation, start, true)
      return value
    }
    return value.then(
      (done) => {
        telemetry.stored(operation, start, true)
        return done
      },
      (error) => {
        telemetry.stored(operation, start, false)
        throw error
      },
    )
  }
}

function toJson({ key, value, version }: StoredRecord): RecordJson {
  return { key, value: toBase64url(value), version }
}

/** `then` that stays synchronous when the value is there. */
function after<T, A extends Answer>(value: T | Promise<T>, map: (value: T) => A): A | Promise<A> {
  return isPromise(value) ? value.then(map) : map(value)
}
