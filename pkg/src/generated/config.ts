/** Made from the JSON Schema of the engine by `cargo xtask docs`. Not to be edited. */

/**
 * A condition on a claim: the claim and exactly one test. A claim that is missing or of another type does not pass any test but `"present": false`.
 */
export type Condition = {
  /**
   * The claim. A dot goes into an object (`realm_access.roles`) where no name goes on with it (`kubernetes.io.namespace`).
   */
  claim: string
  /**
   * It is an array with this string, number or boolean in it.
   */
  contains?: Scalar | null
  /**
   * It is this string, number or boolean.
   */
  equals?: Scalar | null
  /**
   * It is a string that this pattern matches from beginning to end; `*` stands for any characters, none and `/` included. At most 256 characters and 8 stars.
   */
  like?: string | null
  /**
   * `audit` lets the token pass and records what would have been refused. Default: `enforce`.
   */
  mode?: 'enforce' | 'audit'
  /**
   * It is one of these strings, numbers or booleans.
   *
   * @minItems 1
   */
  oneOf?: Scalar[] | null
  /**
   * True: it is there, whatever it is. False: it is not.
   */
  present?: boolean | null
  /**
   * It is a string of words with spaces between them, and this is one of the words, as with `scope` and `scp`; or it is an array with this string in it.
   */
  word?: string | null
} & Condition1
/**
 * A string, a number or a boolean.
 */
export type Scalar = string | number | boolean
export type Condition1 =
  | {
      equals: unknown
    }
  | {
      oneOf: unknown
    }
  | {
      like: unknown
    }
  | {
      contains: unknown
    }
  | {
      word: unknown
    }
  | {
      present: unknown
    }
export type Secret =
  | string
  | {
      env: string
    }
  | {
      file: string
    }
/**
 * The name of a grant type.
 */
export type GrantTypeName =
  | 'urn:ietf:params:oauth:grant-type:token-exchange'
  | 'urn:ietf:params:oauth:grant-type:jwt-bearer'
  | 'refresh_token'
  | 'client_credentials'
/**
 * A security profile.
 */
export type Profile = 'fapi2'
export type IssuerGrant = string | ConditionalIssuerGrant
/**
 * A header field with a client certificate.
 */
export type CertificateHeader = 'client-cert' | 'x-forwarded-client-cert'
export type PrivateKey =
  | {
      kty: 'EC' | 'OKP' | 'RSA'
      [k: string]: unknown
    }
  | {
      env: string
    }
  | {
      file: string
    }
export type Limits = 'off' | Rates
/**
 * A signature algorithm by its `alg` name. Only asymmetric ones exist here: `none` and `HS256` cannot even be named.
 */
export type Algorithm =
  'RS256' | 'RS384' | 'RS512' | 'PS256' | 'PS384' | 'PS512' | 'ES256' | 'ES384' | 'ES512' | 'EdDSA'
/**
 * Where its public keys come from.
 */
export type Certificate = {
  /**
   * Certificates with its keys, or its public keys, as PEM text or base64 of DER; several for the time when an old and a new one overlap.
   */
  certificates?: string[] | null
  /**
   * True: the JWK set that its discovery document names (`<issuer>/.well-known/openid-configuration`).
   */
  discovery?: boolean | null
  /**
   * Its JWK set, written out.
   */
  jwks?: Jwks | null
  /**
   * The URL of its JWK set (RFC 7517 section 5).
   */
  jwksUri?: string | null
} & (
  | {
      jwksUri: unknown
    }
  | {
      certificates: unknown
    }
  | {
      jwks: unknown
    }
  | {
      discovery: unknown
    }
)
/**
 * An attribute by which a local user is found.
 */
export type LookupAttributeName =
  | 'username'
  | 'email'
  | 'phone_number'
  | 'http://wso2.org/claims/username'
  | 'http://wso2.org/claims/emailaddress'
  | 'http://wso2.org/claims/mobile'
/**
 * Whether a token of an issuer may be exchanged more than once.
 */
export type ReplayProtection = 'off' | 'jti'

/**
 * The configuration of an Exchequer security token service.
 */
export interface ExchequerConfig {
  /**
   * A note to readers of the document. It changes nothing.
   */
  $comment?: string | null
  /**
   * The URL of this schema, for editors. It changes nothing.
   */
  $schema?: string | null
  /**
   * The clients (RFC 6749 section 2).
   */
  applications?: Application[]
  audit?: Audit
  /**
   * Caches for tokens. Each is off unless it is configured here.
   */
  caches?: Caches | null
  /**
   * How client certificates reach this server (RFC 8705). Without it, those of the connections of a host that ends TLS itself count, and no header field does.
   */
  clientCertificate?: ClientCertificates | null
  /**
   * Clients that are not registered, and say who they are by a document at their client id. None, unless they are allowed here.
   */
  clientIdMetadata?: ClientIdMetadata | null
  console?: Console
  /**
   * The issuer identifier of this server: the `iss` of issued tokens, and the URL under which clients find the service (RFC 8414 section 2). `https:`, without query and fragment; `http:` on a loopback host only.
   */
  issuer: string
  /**
   * How the keys that the server makes are rotated.
   */
  keyRotation?: KeyRotation | null
  /**
   * Keys that sign the issued tokens: private JWKs (RFC 7517). The first one signs. All are published, so you can publish the next key before it signs. Left out: a host with a store makes a key when it first starts, and keeps it in the store.
   */
  keys?: PrivateKey[]
  /**
   * How often callers may fail to authenticate, and how many requests clients may send. `"off"`: as often as they like.
   */
  limits?: Limits | null
  /**
   * Roles of local users.
   */
  roles?: Role[]
  /**
   * Where traces and metrics are sent. Left out: nowhere.
   */
  telemetry?: Telemetry | null
  /**
   * Third parties whose tokens may be exchanged.
   */
  trustedTokenIssuers?: TrustedTokenIssuer[]
  /**
   * Local users, to whom subjects of trusted token issuers may be linked.
   */
  users?: User[]
}
/**
 * A client (RFC 6749 section 2).
 */
export interface Application {
  accessToken?: AccessToken
  /**
   * The audiences and resources it may ask for (RFC 8693 section 2.1). It asks for none: all of these, or its client id when there are none.
   */
  audiences?: string[]
  /**
   * How its client assertions are taken (RFC 7523 section 2.2): those that it signs itself, or the tokens that its platform gives it.
   */
  clientAssertion?: ClientAssertion | null
  /**
   * Its `client_id`: printable ASCII, unique.
   */
  clientId: string
  /**
   * Its `client_secret`: printable ASCII, at least 16 characters. Applications of type `web` and `machine` have exactly one of this, `jwks`, `jwksUri`, `clientAssertion.issuer` and a client certificate (`mtls`).
   */
  clientSecret?: Secret | null
  /**
   * The scopes it gets when it asks for none, out of `scopes`.
   */
  defaultScopes?: string[]
  delegation?: Delegation
  dpop?: Dpop
  /**
   * The grant types it may use.
   *
   * @minItems 1
   */
  grantTypes: GrantTypeName[]
  /**
   * The identity assertion grants (ID-JAG) that it may ask for: with one of them it gets an access token at the authorization server of another domain.
   */
  idJag?: IdJag | null
  /**
   * Its public keys as a JWK set, for `private_key_jwt` (RFC 7523 section 2.2).
   */
  jwks?: Jwks | null
  /**
   * The URL of its JWK set, for `private_key_jwt` (RFC 7523 section 2.2).
   */
  jwksUri?: string | null
  mtls?: Mtls
  /**
   * Its name for people. Default: its client id.
   */
  name?: string | null
  /**
   * A security profile that it keeps. What the profile demands is turned on, and what contradicts it is a problem.
   */
  profile?: Profile | null
  refreshToken?: RefreshToken
  /**
   * The APIs that it serves (RFC 8707): absolute URIs without a fragment, or plain names as in `audiences`. It may introspect and exchange tokens that other applications were issued for them. Those that are `https:` URLs have metadata (RFC 9728). Default: its client id.
   */
  resources?: string[]
  /**
   * The scopes it may ask for.
   */
  scopes?: string[]
  subject?: Subject
  /**
   * The issuers whose tokens it may exchange, by name.
   */
  trustedTokenIssuers?: IssuerGrant[]
  /**
   * What kind of client it is. Default: `web`.
   */
  type?: 'web' | 'mobile' | 'machine' | 'spa'
}
/**
 * Its access tokens.
 */
export interface AccessToken {
  /**
   * The claims that they carry, of those that the issuer's `claims` map or the local user has.
   */
  attributes?: string[]
  /**
   * How long they live, in seconds; never beyond the subject token, unless `outliveSubject`. 1 to 2592000; default: 3600.
   */
  lifetimeSeconds?: number | null
  /**
   * Whether they may live on when the subject token has expired. Default: false.
   */
  outliveSubject?: boolean
  /**
   * Their form. Default: `jwt`.
   */
  type?: 'jwt' | 'opaque'
}
/**
 * How the assertions of a client are taken (RFC 7523 section 3).
 */
export interface ClientAssertion {
  /**
   * Whether their `aud` may be the URL of the token endpoint instead of the issuer of this server: for client libraries that send nothing else. A malicious server that claims this token endpoint as its own can then use the client's assertion here. Default: false.
   */
  allowTokenEndpointAudience?: boolean
  /**
   * What must hold of the claims of those tokens besides the issuer's own conditions.
   */
  conditions?: Condition[]
  /**
   * The name of the trusted token issuer whose tokens authenticate the client, so that it needs neither a secret nor keys: a Kubernetes cluster, a CI service, or a SPIFFE trust domain (an issuer whose `issuer` is `spiffe://trust.domain`). The token's only `aud` must be the issuer of this server. Needs `subject`.
   */
  issuer?: string | null
  /**
   * Exactly the `sub` of those tokens, such as `system:serviceaccount:ci:deployer`. Unique for each `issuer`.
   */
  subject?: string | null
}
/**
 * Who may act for whom (RFC 8693 section 4).
 */
export interface Delegation {
  /**
   * Whether a subject token with `may_act` is accepted without an actor token. Default: false.
   */
  allowWithoutActor?: boolean
}
/**
 * How its tokens are bound to keys (RFC 9449).
 */
export interface Dpop {
  /**
   * Whether proofs need a nonce of this server: at the token endpoint, with a token of this application at APIs that this server protects, and at the gateway that speaks for it. That costs the client one more request every few minutes. Default: `off`.
   */
  nonce?: 'off' | 'required'
  /**
   * Whether a subject token that is bound to another key may be exchanged with a proof of the application's own key: for a service that calls the next one with a key of its own. Otherwise the proof must be signed with the key of the token. Default: false.
   */
  rebind?: boolean
  /**
   * Whether every token request needs a proof, so that every token is bound. Tokens that were issued without one stop working. Default: false.
   */
  required?: boolean
}
/**
 * Identity assertion grants (draft-ietf-oauth-identity-assertion-authz-grant).
 */
export interface IdJag {
  /**
   * The authorization servers that it may ask for grants for.
   *
   * @minItems 1
   */
  audiences: IdJagAudience[]
}
/**
 * An authorization server of another domain, and what may be granted there.
 */
export interface IdJagAudience {
  /**
   * The client id that the application has there.
   */
  clientId: string
  /**
   * Its issuer identifier (RFC 8414 section 2): the `audience` of the request and the `aud` of the grant.
   */
  issuer: string
  /**
   * The APIs there that it may ask for (RFC 8707). It asks for none: all of these.
   */
  resources?: string[]
  /**
   * The scopes there that it may ask for. It asks for none: all of these.
   */
  scopes?: string[]
}
/**
 * A JWK set (RFC 7517 section 5).
 */
export interface Jwks {
  /**
   * The public JWKs.
   */
  keys: {
    [k: string]: unknown
  }[]
  [k: string]: unknown
}
/**
 * Client certificates (RFC 8705): how it authenticates with one, and whether its tokens are bound to it.
 */
export interface Mtls {
  /**
   * `self_signed_tls_client_auth`: its certificates, as PEM text or base64 of DER; several for the time when an old and a new one overlap.
   */
  certificates?: string[] | null
  /**
   * Whether every token request needs a client certificate, so that every token is bound to it (`tls_client_certificate_bound_access_tokens`). Tokens that were issued without one stop working. Default: false.
   */
  required?: boolean
  /**
   * `tls_client_auth`: a DNS name in its certificate.
   */
  sanDns?: string | null
  /**
   * `tls_client_auth`: an e-mail address in its certificate.
   */
  sanEmail?: string | null
  /**
   * `tls_client_auth`: an IP address in its certificate.
   */
  sanIp?: string | null
  /**
   * `tls_client_auth`: a URI in its certificate; a SPIFFE id has to be the only one.
   */
  sanUri?: string | null
  /**
   * `tls_client_auth`: the subject of its certificate (RFC 4514), such as `CN=deployer,O=Acme`. A name counts only if the chain of the certificate was verified where TLS ends.
   */
  subjectDn?: string | null
}
/**
 * Its refresh tokens.
 */
export interface RefreshToken {
  /**
   * How long a family of refresh tokens lives, however often they are used, in seconds: no token that replaces another lives longer. 1 to 31536000; default: 2592000 (30 days).
   */
  absoluteLifetimeSeconds?: number | null
  /**
   * How long they live, in seconds. 1 to 31536000; default: 86400.
   */
  lifetimeSeconds?: number | null
  /**
   * How long after its first use the newest refresh token may be used again, with the same new refresh token in the reply, in seconds: for clients that lose a reply or refresh twice at once. Later reuse revokes the family. 0 to 60; default: 0.
   */
  reuseGraceSeconds?: number | null
}
/**
 * Who its tokens are about.
 */
export interface Subject {
  /**
   * What the `sub` of a federated subject is. Default: `sub`.
   */
  identifier?: 'sub' | 'qualified'
  /**
   * There must be a linked local user; needs `useMappedLocalSubject`. Default: false.
   */
  mappedLocalSubjectMandatory?: boolean
  /**
   * They are about the linked local user, if there is one. Default: false.
   */
  useMappedLocalSubject?: boolean
}
/**
 * An issuer by name, with what the application adds.
 */
export interface ConditionalIssuerGrant {
  /**
   * The application's own client id at that issuer: an ID token whose audience it is counts when this application presents it. Needed for `idJag`.
   */
  clientId?: string | null
  /**
   * What must hold of the claims besides the issuer's own conditions.
   */
  conditions?: Condition[]
  /**
   * The name of the trusted token issuer.
   */
  name: string
}
/**
 * What the store keeps for administrators to look at.
 */
export interface Audit {
  activity?: Activity
  changes?: Changes
  /**
   * Claims whose values are never stored with a decision: dotted paths, like `email` or `address.locality`.
   */
  privateClaims?: string[]
}
/**
 * Decisions, granted and refused.
 */
export interface Activity {
  /**
   * Days for which a decision is kept, 1 to 400. Default: 7.
   */
  days?: number | null
  /**
   * Whether decisions are stored. Default: false.
   */
  enabled?: boolean
  /**
   * Most decisions that one instance stores in a minute, 2 to 6000; what is beyond is only counted. Default: 120.
   */
  maxPerMinute?: number | null
  /**
   * How subjects are stored. Default: `masked`.
   */
  subject?: 'shown' | 'masked' | 'hidden'
}
/**
 * What administrators changed.
 */
export interface Changes {
  /**
   * Days for which a change is kept, 1 to 3650. Default: 365.
   */
  days?: number | null
  /**
   * Most changes that are kept, 1 to 100000; the oldest go first. Default: 1000.
   */
  maxRecords?: number | null
}
/**
 * What is remembered of tokens, so that one that comes again costs less. Each cache is in the memory of one process (in Envoy: of one worker), and off unless it is named here.
 */
export interface Caches {
  /**
   * Tokens that a gateway gives out again for the same token and the same rule. Only a gateway uses it.
   */
  issuedTokens?: IssuedTokens | null
  /**
   * Tokens whose signature was found good. Of the same token again the signature is not computed and the text is not read; everything else is checked every time.
   */
  verifiedTokens?: VerifiedTokens | null
}
/**
 * Tokens that a gateway gives out again. `{}` turns it on.
 */
export interface IssuedTokens {
  /**
   * How long before its end a token is not given out any more, in seconds; a fifth of its lifetime, if that is shorter. 1 to 3600; default: 30.
   */
  marginSeconds?: number | null
  /**
   * How much memory it takes at most, in bytes. 65536 to 268435456; default: 4194304.
   */
  maxBytes?: number | null
}
/**
 * Tokens whose signature was found good. `{}` turns it on.
 */
export interface VerifiedTokens {
  /**
   * How much memory it takes at most, in bytes: a token of 1500 bytes takes about 4000. 65536 to 268435456; default: 8388608.
   */
  maxBytes?: number | null
}
/**
 * Client certificates of a proxy that ends TLS.
 */
export interface ClientCertificates {
  /**
   * The IP addresses of the proxies whose header field is believed, or ranges of them, such as `10.0.0.0/8`. From anybody else the field is not looked at.
   */
  from?: string[]
  /**
   * The header field in which the proxy hands in the certificate. The proxy has to remove the field from what clients send. Needs `from`.
   */
  header?: CertificateHeader | null
  /**
   * Scheme and authority at which the endpoints ask for client certificates, where it is another than that of `issuer`, such as `https://mtls.sts.example.com`: published as `mtls_endpoint_aliases` (RFC 8705 section 5).
   */
  origin?: string | null
  /**
   * Whether these proxies let only certificates pass whose chain they verified. Where they also let others pass, such as self-signed ones, it has to be false: names in a certificate then do not authenticate a client. Default: false.
   */
  verifiesChains?: boolean
}
/**
 * Clients whose client id is the URL of a document about them (draft-ietf-oauth-client-id-metadata-document). The document says which keys they authenticate with; what they may do is said here.
 */
export interface ClientIdMetadata {
  /**
   * The hosts of such URLs: `client.example.com`, or `*.example.com` for every host below it. With a port, like `client.example.com:8443`, where it is not 443.
   *
   * @minItems 1
   */
  hosts: string[]
  /**
   * The client id of the application of this document whose rights they have: its grants, issuers, audiences, scopes and tokens. Not its credentials, its `clientAssertion`, its `resources` and its `idJag`, nor its client ids at issuers.
   */
  template: string
}
/**
 * The console.
 */
export interface Console {
  /**
   * People sign in at a trusted token issuer, beside the admin token. Left out: with a token only.
   */
  signIn?: SignIn | null
}
/**
 * Where people sign in: OpenID Connect, the authorization code flow with PKCE.
 */
export interface SignIn {
  /**
   * The client id of the application of this document that exchanges the ID tokens: of type `mobile`, with the grant type token exchange and that issuer. Default: `clientId`.
   */
  application?: string | null
  /**
   * The client id of the console at that issuer: a public client, whose redirect URI is the URL of the console.
   */
  clientId: string
  /**
   * The name of the trusted token issuer of this document. It has a discovery document, and its `alias` is `clientId`.
   */
  issuer: string
}
/**
 * How the keys that the server makes and keeps in its store are rotated. Left out: they are rotated when an administrator says so.
 */
export interface KeyRotation {
  /**
   * How long a key signs, in days. 2 to 3650; default: 90.
   */
  everyDays?: number | null
  /**
   * How long the next key is published before it signs, in days: as long as others may keep the published keys. 1 to 30, and less than `everyDays`; default: 2.
   */
  overlapDays?: number | null
}
/**
 * How often callers may fail to authenticate, and how many requests clients may send. More is answered with 429 and `Retry-After`. Processes with one store count together, and so do the workers of an Envoy.
 */
export interface Rates {
  /**
   * Where the address of a client stands when its requests come through proxies.
   */
  clientAddress?: ClientAddress | null
  /**
   * How often the authentication of one client may fail from one address in a minute; from an address as a whole ten times as often. Bearers of wrong admin tokens, and sign-ins to the console, count like a client. So do documents of clients that nobody registered, as long as those do not authenticate. 1 to 6000; default: 60.
   */
  failuresPerMinute?: number | null
  /**
   * How many requests a client may send in a second. Only those count in which it authenticated; those of a public client count for each address. 1 to 100000; default: no limit.
   */
  requestsPerSecond?: number | null
}
/**
 * Where the address of a client stands when its requests come through proxies. Left out: the other end of the connection counts as the client. Only Node reads it: Envoy and Cloudflare know the address themselves.
 */
export interface ClientAddress {
  /**
   * The addresses of the proxies: `10.0.0.7`, or all with a prefix, `10.0.0.0/8`. The header field counts only in requests that come from one of them, and the last address in it that is none of them is the client's.
   *
   * @minItems 1
   */
  from: string[]
  /**
   * The header field in which the proxies write the address from which they got the request, behind those that stand there: `x-forwarded-for`, or one with a single address, such as `x-real-ip`.
   */
  header: string
}
/**
 * A role of local users.
 */
export interface Role {
  /**
   * Its name; unique.
   */
  name: string
  /**
   * The scopes it grants, besides those of the application.
   */
  scopes?: string[]
}
/**
 * Where traces and metrics of decisions are sent. `/metrics` is there without it.
 */
export interface Telemetry {
  /**
   * The URL of an OpenTelemetry collector that takes OTLP over HTTP, such as `http://localhost:4318`. `/v1/traces` and `/v1/metrics` are added to it. Only JavaScript hosts send.
   */
  otlp: string
  /**
   * The name of the service in traces and metrics. Default: `exchequer`.
   */
  serviceName?: string | null
}
/**
 * A third party whose tokens may be exchanged.
 */
export interface TrustedTokenIssuer {
  /**
   * The signature algorithms (`alg`) that its tokens may use. Left out: every asymmetric algorithm that its keys can be used with. `none` and the HMAC algorithms do not exist here.
   *
   * @minItems 1
   */
  algorithms?: Algorithm[] | null
  /**
   * Another audience to accept: an `aud` of its tokens that stands for this server, besides the issuer and the token endpoint of this server.
   */
  alias?: string | null
  /**
   * What becomes of its tokens that are bound to a key or a certificate (`cnf`). `require`: the sender has to prove that it has the key or the certificate, and what is issued is bound to it. `refuse`: they are refused. `ignore`: nobody has to prove anything, so a thief may use one; meant for a gateway that cannot prove the key of a user, and whose tokens name it in `may_act`. Identity assertion grants (ID-JAG) always need their key. Default: `require`.
   */
  boundTokens?: 'require' | 'refuse' | 'ignore'
  certificate: Certificate
  /**
   * The claims of its tokens that may be copied into issued tokens, besides `sub`.
   */
  claims?: ClaimMapping[]
  /**
   * How far its clock and the clock of this server may be apart, in seconds: leeway for `exp`, `nbf` and `iat`. 0 to 300; default: 30.
   */
  clockSkewSeconds?: number | null
  /**
   * Conditions on the claims of its tokens. Every one of them must hold.
   */
  conditions?: Condition[]
  /**
   * Allows plain `http:` for its identifier and its keys, on any host. Anybody on the network path can then replace the keys: only for tests in closed networks. Default: false.
   */
  dangerAllowHttp?: boolean
  /**
   * Whether its tokens are accepted. Default: true.
   */
  enabled?: boolean
  /**
   * Whether local users are linked to its subjects automatically.
   */
  implicitAssociation?: ImplicitAssociation | null
  /**
   * Exactly the `iss` of its tokens: every character counts, a slash at the end and letter case too. Unique.
   */
  issuer: string
  /**
   * How old its tokens may be by their `iat`, in seconds. 1 to 31536000. A token without `iat` is then refused. Left out: 3600 for token exchange, 1800 for the JWT bearer grant, for tokens that have `iat`.
   */
  maxTokenAgeSeconds?: number | null
  /**
   * Its name for people and for applications; unique.
   */
  name: string
  /**
   * How long fetching its keys may take, in milliseconds. 1 to 30000; default: 1000.
   */
  readTimeoutMs?: number | null
  /**
   * Whether one of its tokens may be exchanged more than once. Left out: it may, but for identity assertion grants (ID-JAG), each of which counts once.
   */
  replayProtection?: ReplayProtection | null
}
/**
 * A claim of the issuer's tokens, and its name in issued tokens.
 */
export interface ClaimMapping {
  /**
   * The claim in the issuer's token; dots as in a condition's `claim`.
   */
  from: string
  /**
   * The claim in issued tokens. It is in the tokens of applications that list it in `accessToken.attributes`. Claims that this server sets itself (`sub`, `aud`, `scope` and the like) cannot be mapped.
   */
  to: string
}
/**
 * Whether local users are linked to the subjects of an issuer automatically.
 */
export interface ImplicitAssociation {
  /**
   * Whether they are.
   */
  isEnabled: boolean
  /**
   * The attributes by which the local user is found, tried in order; at most two. Addresses count when the token says that they were verified (`email_verified`, `phone_number_verified`); user names as they are. `username`, `email`, `phone_number`, or WSO2's names for them: `http://wso2.org/claims/username`, `…/emailaddress`, `…/mobile`. Default: `["email"]`.
   *
   * @maxItems 2
   */
  lookupAttribute?: LookupAttributeName[] | null
  /**
   * Whether an address counts that a token does not call verified: only for an issuer that verifies every address and sends no `email_verified` or `phone_number_verified`. At any other issuer, a user could enter the address of somebody else and take over their account. Addresses with `email_verified: false` never count. Default: false.
   */
  trustUnverified?: boolean
}
/**
 * A local user.
 */
export interface User {
  /**
   * The user's claims by name, like `email`.
   */
  claims?: {
    [k: string]: unknown
  }
  /**
   * Whether the account is disabled. Default: false.
   */
  disabled?: boolean
  /**
   * The `sub` of tokens about this user; unique.
   */
  id: string
  /**
   * Whether the account is locked. Default: false.
   */
  locked?: boolean
  /**
   * The names of the user's roles.
   */
  roles?: string[]
  /**
   * The user store the user belongs to. Default: `PRIMARY`.
   */
  userStore?: string | null
  /**
   * The user name; unique in the user store.
   */
  username: string
}
