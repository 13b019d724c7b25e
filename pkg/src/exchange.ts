/** The requests for tokens, and the parameters that they are for the engine. */
import type { TokenResponse } from './generated/results.js'

/** What the requests of all grants have. */
interface Target {
  /** The application that asks. */
  clientId: string
  audience?: string | readonly string[] | undefined
  resource?: string | readonly string[] | undefined
  /** Scopes, as a list or with spaces between. */
  scope?: string | readonly string[] | undefined
}

/** A token exchange (RFC 8693). Token types may be given by the last word of their URN. */
export interface ExchangeRequest extends Target {
  subjectToken: string
  /** A URN of RFC 8693 section 3, or its last word: `jwt`, `access_token`, `id_token`, `refresh_token`. */
  subjectTokenType: string
  actorToken?: string | undefined
  actorTokenType?: string | undefined
  requestedTokenType?: string | undefined
}

/** A JWT as authorization grant (RFC 7523). */
export interface AssertionRequest extends Target {
  assertion: string
}

/** The use of a refresh token (RFC 6749 section 6). */
export interface RefreshRequest extends Target {
  refreshToken: string
}

/** A request for a token, by any grant. */
export type TokenRequest = ExchangeRequest | AssertionRequest | RefreshRequest

/** What a token exchange resolves to (RFC 8693 section 2.2.1). */
export type ExchangeResponse = TokenResponse & { issued_token_type: string }

/** A question about an issued token, or its revocation, for an application. */
export interface TokenOfClient {
  /** The application that asks. */
  clientId: string
  token: string
}

/** A grant as the engine takes it: its number in `fields.rs`, and its parameters in their order. */
export interface GrantParameters {
  readonly grant: number
  readonly parameters: readonly (string | undefined)[]
}

const TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:'

/** @throws {TypeError} when a parameter is missing or is no string */
export function grantParameters(request: TokenRequest): GrantParameters {
  const { grant, parameters } = ofGrant(request)
  return {
    grant,
    parameters: [
      text(request, 'clientId'),
      list(request.scope).join(' '),
      ...parameters,
      ...list(request.audience),
      ...list(request.resource),
    ],
  }
}

function ofGrant(request: TokenRequest): GrantParameters {
  if ('assertion' in request) return { grant: 1, parameters: [text(request, 'assertion')] }
  if ('refreshToken' in request) return { grant: 2, parameters: [text(request, 'refreshToken')] }
  const { actorToken, actorTokenType, requestedTokenType } = request
  return {
    grant: 0,
    parameters: [
      text(request, 'subjectToken'),
      urn(text(request, 'subjectTokenType')),
      actorToken,
      urn(actorTokenType),
      urn(requestedTokenType),
    ],
  }
}

/** @throws {TypeError} when it is missing or no string */
export function text<Name extends string>(request: { readonly [name in Name]: string }, name: Name): string {
  const value: unknown = request[name]
  if (typeof value === 'string') return value
  throw new TypeError(`\`${name}\` is ${value === undefined ? 'missing' : 'no string'}: a string was expected`)
}

function urn(type: string): string
function urn(type: string | undefined): string | undefined
function urn(type: string | undefined): string | undefined {
  return type === undefined || type.includes(':') ? type : TOKEN_TYPE + type
}

function list(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === 'string' ? [value] : value
}
