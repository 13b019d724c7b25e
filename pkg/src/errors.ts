/** Every error that this package throws on purpose. */
import type { Refusal } from './engine.js'
import type { Problem, ReasonCode } from './generated/results.js'

/** Something is wrong; `code` says what for a program, `message` for a person. */
export class ExchequerError extends Error {
  override readonly name: string = 'ExchequerError'
  /** The OAuth error code (RFC 6749 section 5.2), or another one in the same form. */
  readonly code: string
  /** The reason code, dotted and stable: `subject_token.claim.aud.mismatch`. */
  readonly reason: ReasonCode | undefined
  /** The claim that the reason is about. */
  readonly claim: string | undefined

  constructor(code: string, message: string, { reason, claim, cause }: ErrorDetails = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.reason = reason
    this.claim = claim
  }
}

interface ErrorDetails {
  readonly reason?: ReasonCode
  readonly claim?: string
  readonly cause?: unknown
}

/** A token request was refused, or could not be decided. */
export class TokenError extends ExchequerError {
  override readonly name = 'TokenError'
  /** The HTTP status the same request gets over the network; 503 may be tried again. */
  readonly status: number
  /** Seconds after which the same request may succeed, when `status` is 503. */
  readonly retryAfter: number | undefined
  /** The nonce that the client's next DPoP proof needs, when `code` is `use_dpop_nonce`. */
  readonly dpopNonce: string | undefined

  constructor(status: number, refusal: Refusal) {
    super(refusal.code ?? 'server_error', refusal.message, refusal)
    this.status = status
    this.dpopNonce = refusal.dpopNonce
    this.retryAfter = refusal.retryAfter
  }
}

/** A request to a protected API has no access token that lets it in. */
export class AccessError extends ExchequerError {
  override readonly name = 'AccessError'
  /** What to answer: 401 or 403 with `WWW-Authenticate` (RFC 6750 section 3), or 503. */
  readonly response: Response

  constructor(refusal: Refusal, response: Response) {
    super(refusal.code ?? 'invalid_token', refusal.message, refusal)
    this.response = response
  }
}

/** Keys that a host supplied for an issuer were not taken over; the issuer's keys are as they were. */
export class SupplyKeysError extends ExchequerError {
  override readonly name = 'SupplyKeysError'
  /** `issuer.unknown`, `key.document_unusable` or `store.unavailable`. */
  declare readonly reason: ReasonCode

  constructor(refusal: Refusal) {
    super(refusal.code ?? 'invalid_request', refusal.message, refusal)
  }
}

/** The configuration document cannot be used. */
export class ConfigurationError extends ExchequerError {
  override readonly name = 'ConfigurationError'
  /** Everything that is wrong with it. */
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[]) {
    super('invalid_configuration', problems.map(sentence).join('\n'))
    this.problems = problems
  }
}

function sentence({ path, problem, remedy }: Problem): string {
  return `${path}: ${problem}; ${remedy}`
}
