/** The form of a token exchange request (RFC 8693 section 2.1) and what comes back. */

/** A token exchange. Token types may be given by the last word of their URN. */
export interface ExchangeRequest {
  /** The application that exchanges. */
  clientId: string
  subjectToken: string
  /** A URN of RFC 8693 section 3, or its last word: `jwt`, `access_token`, `id_token`, `refresh_token`. */
  subjectTokenType: string
  actorToken?: string | undefined
  actorTokenType?: string | undefined
  requestedTokenType?: string | undefined
  audience?: string | readonly string[] | undefined
  resource?: string | readonly string[] | undefined
  /** Scopes, as a list or with spaces between. */
  scope?: string | readonly string[] | undefined
}

/** The token endpoint's answer (RFC 8693 section 2.2.1), in its own names. */
export interface TokenResponse {
  access_token: string
  issued_token_type: string
  token_type: string
  expires_in?: number
  scope?: string
  refresh_token?: string
}

const GRANT = 'grant_type=urn:ietf:params:oauth:grant-type:token-exchange'
const TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:'

/** What needs no escaping in a form; tokens, above all. */
const PLAIN = /^[\w.~:/-]*$/

/** The body of the request. */
export function exchangeForm(request: ExchangeRequest): string {
  const form = [
    GRANT,
    field('client_id', request.clientId),
    field('subject_token', request.subjectToken),
    field('subject_token_type', urn(request.subjectTokenType)),
  ]
  if (request.actorToken !== undefined) form.push(field('actor_token', request.actorToken))
  if (request.actorTokenType !== undefined) form.push(field('actor_token_type', urn(request.actorTokenType)))
  if (request.requestedTokenType !== undefined) {
    form.push(field('requested_token_type', urn(request.requestedTokenType)))
  }
  for (const audience of list(request.audience)) form.push(field('audience', audience))
  for (const resource of list(request.resource)) form.push(field('resource', resource))
  const scope = list(request.scope).join(' ')
  if (scope !== '') form.push(field('scope', scope))
  return form.join('&')
}

function field(name: string, value: string): string {
  return PLAIN.test(value) ? `${name}=${value}` : new URLSearchParams([[name, value]]).toString()
}

function urn(type: string): string {
  return type.includes(':') ? type : TOKEN_TYPE + type
}

function list(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === 'string' ? [value] : value
}
