/** Validates a token with keys that the caller has: no I/O, no store, no clock but the caller's. */
import type { Algorithm } from './algorithms.js'
import type { Jwk } from './crypto/provider.js'
import { listOf, textsOf } from './exchange.js'
import { Validator } from './glue.js'
import { type Names, checkMembers } from './members.js'

/** What a token is measured against. */
export interface ValidateOptions {
  /** The issuer's keys (RFC 7517 section 5). */
  jwks: { readonly keys: readonly Jwk[] }
  /** Exactly the token's `iss`. */
  issuer: string
  /** One of them must be in the token's `aud`. */
  audience: string | readonly string[]
  /** Seconds since the epoch. Default: the system's clock. */
  now?: number | undefined
  /** Algorithms that are accepted. Default: every asymmetric one that the key is for. */
  algorithms?: readonly Algorithm[] | undefined
  /** Leeway for clocks, in seconds. Default: 30. */
  clockSkew?: number | undefined
}

/** What came of it. */
export type Validity =
  | { ok: true; claims: Record<string, unknown> }
  | {
      ok: false
      /** Stable and dotted: `claim.exp.expired`. */
      reason: string
      /** The claim at fault, if it is one. */
      claim: string | null
      /** One sentence for a person; never holds the token. */
      message: string
    }

/** Parsed key sets that are kept, the one that came first going first. */
const MOST = 100

const validators = new Map<string, Validator>()

const OPTIONS: Names<ValidateOptions> = { jwks: true, issuer: true, audience: true, now: true, algorithms: true, clockSkew: true }

/** @throws {Error} when the key set holds no usable key: that is not the token's fault. */
export function validateWith(token: string, options: ValidateOptions, now: number): Validity {
  checkMembers('validate', options, OPTIONS)
  const { jwks, issuer, audience, algorithms = [], clockSkew = 30 } = options
  const audiences = [...listOf('audience', audience)]
  // Keyed by content: a key set that its owner changes is another one.
  const key = JSON.stringify([jwks, issuer, audiences, algorithms, clockSkew])
  let validator = validators.get(key)
  if (validator === undefined) {
    validator = new Validator(JSON.stringify(jwks), issuer, audiences, [...textsOf('algorithms', algorithms)] as Algorithm[], clockSkew)
    const oldest = validators.size >= MOST ? validators.keys().next().value : undefined
    if (oldest !== undefined) {
      validators.get(oldest)?.free()
      validators.delete(oldest)
    }
    validators.set(key, validator)
  }
  return JSON.parse(validator.validate(token, now)) as Validity
}
