/** The requests for tokens, and the parameters that they are for the engine. */
import type { TokenResponse } from './generated/results.js'
import { type Names, checkMembers } from './members.js'

/** What the requests of all grants have. */
interface Target {
  /** The application that asks. */
  clientId: string
  audience?: string | readonly string[] | undefined
  resource?: string | readonly string[] | undefined
  /** Scopes, as a list or with spaces between. */
  scope?: string | readonly string[] | undefined
  /** The DPoP proof of the client (RFC 9449): what is issued is bound to its key. */
  dpop?: DpopProof | undefined
}

/** A DPoP proof, and the request that it came with. */
export interface DpopProof {
  /** The value of the `DPoP` header. */
  proof: string
  /** The method of the request. Default: `POST`, as for a token request. */
  method?: string | undefined
  /** The URL of the request, as the client sees it. Default: that of the token endpoint. */
  url?: string | undefined
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

/**
 * A token about the application itself (RFC 6749 section 4.4). The grant is named, so that an
 * exchange whose token is missing is not taken for it.
 */
export interface ClientCredentialsRequest extends Target {
  grantType: 'client_credentials'
}

/** A request for a token, by any grant. */
export type TokenRequest = ExchangeRequest | AssertionRequest | RefreshRequest | ClientCredentialsRequest

/** What a token exchange resolves to (RFC 8693 section 2.2.1). */
export type ExchangeResponse = TokenResponse & { issued_token_type: string }

/** A question about an issued token, or its revocation, for an application. */
export interface TokenOfClient {
  /** The application that asks. */
  clientId: string
  token: string
}

export const TOKEN_REQUEST: Names<TokenRequest> = {
  clientId: true,
  audience: true,
  resource: true,
  scope: true,
  dpop: true,
  subjectToken: true,
  subjectTokenType: true,
  actorToken: true,
  actorTokenType: true,
  requestedTokenType: true,
  assertion: true,
  refreshToken: true,
  grantType: true,
}

export const DPOP_PROOF: Names<DpopProof> = { proof: true, method: true, url: true }

export const TOKEN_OF_CLIENT: Names<TokenOfClient> = { clientId: true, token: true }

/** Where the parameters of a typed call are written, in the order of `fields.rs`. */
interface Parameters {
  put(parameter: string | undefined): void
}

const TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:'

/**
 * Writes a request for a token, and returns the number of its grant in `fields.rs`.
 *
 * @throws {TypeError} when a parameter is missing or is no string
 */
export function putTokenRequest(request: TokenRequest, into: Parameters): number {
  const { scope } = request
  into.put(text('clientId', request.clientId))
  into.put(scope === undefined || typeof scope === 'string' ? scope : textsOf('scope', scope).join(' '))
  putProof(request.dpop, into)
  const grant = putGrant(request, into)
  putList('audience', request.audience, into)
  putList('resource', request.resource, into)
  return grant
}

function putProof(dpop: DpopProof | undefined, into: Parameters): void {
  if (dpop === undefined) return into.put(undefined)
  checkMembers('dpop', dpop, DPOP_PROOF)
  into.put(text('proof', dpop.proof))
  into.put(dpop.method)
  into.put(dpop.url)
}

function putGrant(request: TokenRequest, into: Parameters): number {
  if ('assertion' in request) {
    into.put(text('assertion', request.assertion))
    return 1
  }
  if ('refreshToken' in request) {
    into.put(text('refreshToken', request.refreshToken))
    return 2
  }
  if ('grantType' in request) {
    if (request.grantType === 'client_credentials') return 3
    throw new TypeError('`grantType` is not `client_credentials`: only this grant is named, the others are told by their token')
  }
  into.put(text('subjectToken', request.subjectToken))
  into.put(urn(text('subjectTokenType', request.subjectTokenType)))
  into.put(request.actorToken)
  into.put(urn(request.actorTokenType))
  into.put(urn(request.requestedTokenType))
  return 0
}

function putList(name: string, value: string | readonly string[] | undefined, into: Parameters): void {
  if (value === undefined) return
  for (const one of listOf(name, value)) into.put(one)
}

/** @throws {TypeError} when it is neither a string nor a list of them */
export function listOf(name: string, value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : textsOf(name, value)
}

/** @throws {TypeError} when it is no list of strings */
export function textsOf(name: string, value: readonly string[]): readonly string[] {
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value
  throw new TypeError(`\`${name}\` is no list of strings: one was expected`)
}

/**
 * A parameter that must be there. It is read where its name is known: V8 needs longer to look
 * up a name that differs from call to call.
 *
 * @throws {TypeError} when it is missing or no string
 */
export function text(name: string, value: unknown): string {
  if (typeof value === 'string') return value
  throw new TypeError(`\`${name}\` is ${value === undefined ? 'missing' : 'no string'}: a string was expected`)
}

function urn(type: string): string
function urn(type: string | undefined): string | undefined
function urn(type: string | undefined): string | undefined {
  return type === undefined || type.includes(':') ? type : TOKEN_TYPE + type
}
