/** Made from the JSON Schema of the engine by `cargo xtask docs`. Not to be edited. */

/**
 * A reason code. That of a token stands behind the parameter that carried it.
 */
export type ReasonCode = RequestReason | TokenReason | `${TokenParameter}.${TokenReason}`
/**
 * How a request was decided.
 */
export type Decided = 'granted' | 'refused'
/**
 * The reason code of a request.
 */
export type RequestReason =
  | 'request.body.too_large'
  | 'request.content_type.unsupported'
  | 'request.query.credentials'
  | 'request.parameter.repeated'
  | 'request.parameter.missing'
  | 'request.parameter.malformed'
  | 'request.parameter.unsupported'
  | 'request.parameter.too_many'
  | 'grant_type.unknown'
  | 'grant_type.not_allowed'
  | 'client.public'
  | 'client.local_id'
  | 'client.authentication.missing'
  | 'client.authentication.several_methods'
  | 'client.unknown'
  | 'client.authentication.rejected'
  | 'client.authentication.wrong_method'
  | 'client.certificate.missing'
  | 'client.certificate.other'
  | 'client.certificate.unverified'
  | 'client.certificate.expired'
  | 'client.certificate.unreadable'
  | 'client.certificate.several'
  | 'limit.failures'
  | 'limit.failures_of_address'
  | 'limit.requests'
  | 'id_jag.not_allowed'
  | 'id_jag.subject_token_type'
  | 'id_jag.actor_token'
  | 'id_jag.public_client'
  | 'dpop.missing'
  | 'client.binding.missing'
  | 'actor_token.incomplete'
  | 'delegation.actor_not_allowed'
  | 'delegation.actor_delegated'
  | 'delegation.too_deep'
  | 'account.link_required'
  | 'account.no_attribute'
  | 'account.no_match'
  | 'account.unverified'
  | 'account.administrator'
  | 'account.ambiguous'
  | 'account.link_raced'
  | 'account.locked'
  | 'account.disabled'
  | 'account.gone'
  | 'account.unlinked'
  | 'delegation.actor_required'
  | 'requested_token_type.unsupported'
  | 'target.not_allowed'
  | 'scope.malformed'
  | 'scope.not_allowed'
  | 'scope.not_granted'
  | 'scope.openid_required'
  | 'gateway.path.ambiguous'
  | 'gateway.token.missing'
  | 'gateway.token.several'
  | 'gateway.remote.refused'
  | 'gateway.remote.unavailable'
  | 'store.unavailable'
  | 'signing.unavailable'
/**
 * The reason code of a token.
 */
export type TokenReason =
  | 'metadata.unusable'
  | 'several'
  | 'jwk.unusable'
  | 'claim.htm.mismatch'
  | 'claim.htu.mismatch'
  | 'claim.ath.mismatch'
  | 'nonce.required'
  | 'binding.no_proof'
  | 'binding.other_key'
  | 'binding.unknown'
  | 'binding.refused'
  | 'binding.no_certificate'
  | 'binding.other_certificate'
  | 'binding.missing'
  | 'type.unsupported'
  | 'type.short_name'
  | 'shape.too_large'
  | 'shape.encrypted'
  | 'shape.not_compact'
  | 'shape.bearer'
  | 'shape.quotes'
  | 'shape.white_space'
  | 'shape.json_document'
  | 'shape.byte_order_mark'
  | 'shape.utf16'
  | 'shape.percent_encoded'
  | 'shape.padding'
  | 'shape.standard_base64'
  | 'shape.placeholder'
  | 'shape.encoded_again'
  | 'shape.base64url'
  | 'shape.json'
  | 'header.alg.forbidden'
  | 'header.crit.present'
  | 'header.b64.present'
  | 'header.malformed'
  | 'header.typ.mismatch'
  | 'claim.missing'
  | 'claim.wrong_type'
  | 'claim.client_id.mismatch'
  | 'claim.jti.too_long'
  | 'claim.tenant.not_pinned'
  | 'claim.resource.not_allowed'
  | 'claim.authorization_details.unsupported'
  | 'issuer.unknown'
  | 'issuer.self'
  | 'own.public_client'
  | 'own.client'
  | 'own.other_application'
  | 'own.no_evidence'
  | 'own.grant_withdrawn'
  | 'own.conditions_changed'
  | 'own.account_mode'
  | 'issuer.gone'
  | 'issuer.disabled'
  | 'issuer.not_allowed'
  | 'issuer.not_of_client'
  | 'claim.sub.not_of_client'
  | 'algorithm.not_allowed'
  | 'key.skipped'
  | 'key.beyond_limit'
  | 'key.not_found'
  | 'key.ambiguous'
  | 'key.certificate_expired'
  | 'key.unavailable'
  | 'key.unavailable.name'
  | 'key.unavailable.certificate'
  | 'key.unavailable.timeout'
  | 'key.unavailable.proxy'
  | 'key.unavailable.status'
  | 'key.unavailable.host'
  | 'key.document_unusable'
  | 'key.document_too_long'
  | 'key.document_elsewhere'
  | 'key.document_of_another_issuer'
  | 'signature.rejected'
  | 'signature.nonce_in_header'
  | 'signature.der'
  | 'signature.other_audience'
  | 'signature.unavailable'
  | 'claim.exp.expired'
  | 'claim.nbf.early'
  | 'claim.iat.future'
  | 'claim.exp.too_far'
  | 'claim.iat.too_old'
  | 'claim.aud.mismatch'
  | 'claim.aud.other_client'
  | 'claim.aud.not_sole'
  | 'claim.aud.no_alias'
  | 'claim.aud.not_issuer_alone'
  | 'condition.not_met'
  | 'condition.claim_missing'
  | 'condition.wrong_type'
  | 'claim.sub.local_id'
  | 'replay.no_jti'
  | 'replay.seen'
  | 'unknown'
  | 'reused'
  | 'raced'
/**
 * The parameter that carried a token.
 */
export type TokenParameter =
  'subject_token' | 'actor_token' | 'assertion' | 'client_assertion' | 'refresh_token' | 'token' | 'dpop'

export interface Claims {
  /**
   * Who acts for the subject (RFC 8693 section 4.1).
   */
  act?: {
    [k: string]: unknown
  }
  aud: string[]
  client_id: string
  exp: number
  iat: number
  /**
   * The issuer that `sub` is a name of; absent for a local user.
   */
  idp?: string
  iss: string
  jti?: string
  /**
   * Who may act for the subject (RFC 8693 section 4.4).
   */
  may_act?: {
    [k: string]: unknown
  }
  /**
   * The scopes, with spaces between them.
   */
  scope: string
  sub: string
  token_type?: 'Bearer' | 'refresh_token'
  /**
   * The name of a local user.
   */
  username?: string
  [k: string]: unknown
}
/**
 * One line of the audit log: one request that was decided, or one write.
 */
export interface Decision {
  /**
   * Who called the administration API, or was turned away there: the bearer of the admin token, or the subject of the access token that was sent, with its issuer if it is a federated one, and whoever acts for it.
   */
  administrator?: string
  /**
   * What an administrator, or a user of their own account, changed.
   */
  change?: Change
  /**
   * What was checked.
   */
  checks: Check[]
  /**
   * The claim at fault, if it is one.
   */
  claim?: string
  /**
   * The application, by client id, if there is one with that id. Authenticated only if the check `client.authentication` passed.
   */
  clientId?: string
  /**
   * The OAuth error code of a refusal.
   */
  error?: string
  /**
   * What was asked for: `token`.
   */
  event: string
  /**
   * The grant type asked for, if it is one that this server has.
   */
  grantType?: string
  /**
   * The refusal in one sentence, as the client saw it.
   */
  message?: string
  /**
   * The reason code of a refusal.
   */
  reason?: ReasonCode
  /**
   * The HTTP status of the reply.
   */
  status: number
  /**
   * Whom the issued token is about.
   */
  subject?: string
  /**
   * When the request came, seconds since the epoch.
   */
  time: number
  /**
   * The `jti` of the issued token.
   */
  tokenId?: string
  /**
   * By which an error of the administration API is found here.
   */
  traceId?: string
  /**
   * The trace that the request belongs to, as its header field `traceparent` says (W3C Trace Context).
   */
  traceparent?: string
  /**
   * The name of the trusted token issuer.
   */
  trustedTokenIssuer?: string
}
/**
 * A write through the administration API. Secrets are left out.
 */
export interface Change {
  /**
   * `create`, `update` or `delete`.
   */
  action: string
  /**
   * What it is, as the API shows it.
   */
  after?: {
    [k: string]: unknown
  }
  /**
   * What it was, as the API shows it.
   */
  before?: {
    [k: string]: unknown
  }
  /**
   * Its id; `several` when one call wrote several.
   */
  id: string
  /**
   * What kind of object: `user`, `trusted-token-issuer`.
   */
  resource: string
}
/**
 * One check.
 */
export interface Check {
  /**
   * What was checked, dotted: `subject_token.claim.aud`. For a check that failed, the reason code: `subject_token.claim.aud.mismatch`.
   */
  code: string
  /**
   * What was compared, for a person.
   */
  detail?: string
  /**
   * How it came out.
   */
  outcome: 'pass' | 'fail' | 'audit' | 'unavailable'
}
/**
 * How a token request would be decided, and why.
 */
export interface Explanation {
  /**
   * What the reason means.
   */
  cause?: string
  /**
   * Every check, in the order in which they were made.
   */
  checks: Check[]
  /**
   * The claim at fault, if the fault is in a claim.
   */
  claim?: string
  /**
   * The OAuth error code of a refusal.
   */
  error?: string
  /**
   * The refusal in one sentence.
   */
  error_description?: string
  /**
   * Whether a token would be issued.
   */
  granted: boolean
  /**
   * What would be issued.
   */
  issued?: WouldIssue
  parties: Parties
  /**
   * The reason code of a refusal.
   */
  reason?: ReasonCode
  /**
   * What to do about it, and where.
   */
  remedy?: string
  /**
   * The HTTP status that the token endpoint would answer with.
   */
  status: number
}
/**
 * What would be issued.
 */
export interface WouldIssue {
  /**
   * The claims of the token, or what introspection would say about it.
   */
  claims: {
    [k: string]: unknown
  }
  /**
   * Whether a refresh token would go with it.
   */
  refreshToken: boolean
  reply: RehearsedReply
}
/**
 * The reply of the token endpoint, without its tokens.
 */
export interface RehearsedReply {
  /**
   * Seconds until the token would expire.
   */
  expires_in: number
  /**
   * What would be issued; only for a token exchange.
   */
  issued_token_type?: string
  /**
   * The scopes, with spaces between them.
   */
  scope?: string
  /**
   * `Bearer`, or `N_A` for what is no access token.
   */
  token_type: string
}
/**
 * Who was involved, as far as it was found out.
 */
export interface Parties {
  /**
   * The application, by client id, if there is one with that id. Authenticated only if the check `client.authentication` passed.
   */
  clientId?: string
  /**
   * The grant type asked for, if it is one that this server has.
   */
  grantType?: string
  /**
   * Whom the issued token is about.
   */
  subject?: string
  /**
   * The `jti` of the issued token.
   */
  tokenId?: string
  /**
   * The name of the trusted token issuer.
   */
  trustedTokenIssuer?: string
}
export interface IntrospectionResponse {
  /**
   * Who acts for the subject (RFC 8693 section 4.1).
   */
  act?: {
    [k: string]: unknown
  }
  active: boolean
  aud?: string[]
  client_id?: string
  exp?: number
  iat?: number
  /**
   * The issuer that `sub` is a name of; absent for a local user.
   */
  idp?: string
  iss?: string
  jti?: string
  /**
   * Who may act for the subject (RFC 8693 section 4.4).
   */
  may_act?: {
    [k: string]: unknown
  }
  /**
   * The scopes, with spaces between them.
   */
  scope?: string
  sub?: string
  token_type?: 'Bearer' | 'refresh_token'
  /**
   * The name of a local user.
   */
  username?: string
  [k: string]: unknown
}
/**
 * One thing that is wrong with a configuration: where, what, and what to change. Never shows the value of a secret.
 */
export interface Problem {
  /**
   * Where, like `trustedTokenIssuers[0].certificate.jwksUri`. `document` is the document as a whole.
   */
  path: string
  /**
   * What was found, and what was expected.
   */
  problem: string
  /**
   * What to change.
   */
  remedy: string
}
/**
 * A change, as the store keeps it.
 */
export interface StoredChange {
  /**
   * Who made it.
   */
  administrator: string
  change: Change
  /**
   * The number of the change: a later one has a larger one.
   */
  id: number
  /**
   * When it happened, seconds since the epoch.
   */
  time: number
  /**
   * By which it is found in the audit log.
   */
  traceId: string
}
/**
 * A decision, as it is stored.
 */
export interface StoredDecision {
  /**
   * Who called the administration API.
   */
  administrator?: string
  /**
   * What was checked, without what is private.
   */
  checks: Check[]
  /**
   * The claim at fault, if it is one.
   */
  claim?: string
  /**
   * The application, by client id, if there is one with that id.
   */
  clientId?: string
  /**
   * The OAuth error code of a refusal.
   */
  error?: string
  /**
   * What was asked for: `token`.
   */
  event: string
  /**
   * The grant type asked for, if it is one that this server has.
   */
  grantType?: string
  /**
   * The name of the trusted token issuer.
   */
  issuer?: string
  /**
   * The refusal in one sentence, as the client saw it.
   */
  message?: string
  outcome: Decided
  /**
   * The reason code of a refusal.
   */
  reason?: string
  /**
   * The HTTP status of the reply.
   */
  status: number
  /**
   * Whom the issued token is about, shown as configured.
   */
  subject?: string
  /**
   * When the request came, seconds since the epoch.
   */
  time: number
  /**
   * The `jti` of the issued token.
   */
  tokenId?: string
  /**
   * The audit line has the same id.
   */
  traceId: string
}
/**
 * A token that was issued: the successful reply of the token endpoint.
 */
export interface TokenResponse {
  /**
   * "It is called access_token for historical reasons": whatever was issued.
   */
  access_token: string
  /**
   * Seconds until the token expires.
   */
  expires_in: number
  /**
   * What was issued; only for a token exchange.
   */
  issued_token_type?: string
  /**
   * The refresh token that goes with it, if there is one.
   */
  refresh_token?: string
  /**
   * The scopes that were granted, with spaces between them; may be empty.
   */
  scope?: string
  /**
   * `Bearer`, `DPoP` for a token that is bound to a key (RFC 9449 section 5), or `N_A` for what is no access token.
   */
  token_type: string
}
