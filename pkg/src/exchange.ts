/** The form of a token exchange request (RFC 8693 section 2.1) and what comes back. */

/** A token exchange. Token types and grants may be given by the last part of their URN. */
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

const TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:'

/** The body of the request. */
export function exchangeForm(request: ExchangeRequest): string {
  const form = new URLSearchParams({
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    client_id: request.clientId,
    subject_token: request.subjectToken,
    subject_token_type: urn(request.subjectTokenType),
  })
  if (request.actorToken !== undefined) form.set('actor_token', request.actorToken)
  if (request.actorTokenType !== undefined) form.set('actor_token_type', urn(request.actorTokenType))
  if (request.requestedTokenType !== undefined) form.set('requested_token_type', urn(request.requestedTokenType))
  for (const audience of list(request.audience)) form.append('audience', audience)
  for (const resource of list(request.resource)) form.append('resource', resource)
  const scope = list(request.scope).join(' ')
  if (scope !== '') form.set('scope', scope)
  return form.toString()
}

function urn(type: string): string {
  return type.includes(':') ? type : TOKEN_TYPE + type
}

function list(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === 'string' ? [value] : value
}
