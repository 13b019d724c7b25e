/** Every error that this package throws on purpose. */

/** Something is wrong; `code` says what for a program, `message` for a person. */
export class ExchequerError extends Error {
  override readonly name: string = 'ExchequerError'
  /** The OAuth error code (RFC 6749 section 5.2), or one of ours in the same form. */
  readonly code: string
  /** Our reason code, dotted and stable: `subject_token.claim.aud.mismatch`. */
  readonly reason: string | undefined
  /** The claim that the reason is about. */
  readonly claim: string | undefined

  constructor(
    code: string,
    message: string,
    details: { reason?: string | undefined; claim?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.reason = details.reason
    this.claim = details.claim
  }
}

/** The token endpoint refused, or could not decide. */
export class TokenError extends ExchequerError {
  override readonly name = 'TokenError'
  /** The HTTP status the same request gets over the network; 503 may be tried again. */
  readonly status: number

  constructor(
    status: number,
    code: string,
    message: string,
    details: { reason?: string | undefined; claim?: string | undefined } = {},
  ) {
    super(code, message, details)
    this.status = status
  }
}

/** A request to a protected API has no access token that lets it in. */
export class AccessError extends ExchequerError {
  override readonly name = 'AccessError'
  /** What to answer: 401 or 403 with `WWW-Authenticate` (RFC 6750 section 3), or 503. */
  readonly response: Response

  constructor(code: string, message: string, response: Response) {
    super(code, message)
    this.response = response
  }
}

/** Keys that a host supplied for an issuer were not taken over; the issuer's keys are as they were. */
export class SupplyKeysError extends ExchequerError {
  override readonly name = 'SupplyKeysError'
  /** `issuer.unknown`, `key.document_unusable` or `store.unavailable`. */
  declare readonly reason: string

  constructor(reason: string, message: string) {
    super(SUPPLY_KEYS_CODES[reason] ?? 'invalid_request', message, { reason })
  }
}

const SUPPLY_KEYS_CODES: Record<string, string> = {
  'issuer.unknown': 'unknown_issuer',
  'key.document_unusable': 'invalid_key_set',
  'store.unavailable': 'temporarily_unavailable',
}

/** One thing that is wrong with a configuration document. */
export interface Problem {
  /** Where: `trustedTokenIssuers[0].certificate`; `document` is the document as a whole. */
  path: string
  /** What is wrong there. */
  problem: string
  /** What to do about it. */
  remedy: string
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
