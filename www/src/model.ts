/** The objects of the API, as far as the console uses them. */
import type { Problem, ReasonCode } from '../../pkg/src/generated/results.ts'

/** What is made from the engine's own types. */
export type { Check, Explanation, Problem, StoredChange, StoredDecision } from '../../pkg/src/generated/results.ts'

export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
export const REFRESH_TOKEN = 'refresh_token'

export const CLIENT_CREDENTIALS = 'client_credentials'

export const GRANTS = [TOKEN_EXCHANGE, JWT_BEARER, REFRESH_TOKEN, CLIENT_CREDENTIALS] as const
/** Those that take a token. */
export const TOKEN_GRANTS = [TOKEN_EXCHANGE, JWT_BEARER, REFRESH_TOKEN] as const

export const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']

export const LOOKUP = ['email', 'username', 'phone_number'] as const

/** The name of a lookup attribute. WSO2's names are aliases. */
export const shortName = (attribute: string) =>
  ({
    'http://wso2.org/claims/emailaddress': 'email',
    'http://wso2.org/claims/username': 'username',
    'http://wso2.org/claims/mobile': 'phone_number',
  })[attribute] ?? attribute

export interface Meta {
  created: number
  lastModified: number
  modifiedBy?: string
}

export interface Condition {
  claim: string
  equals?: unknown
  oneOf?: unknown[]
  like?: string
  contains?: unknown
  word?: string
  present?: boolean
  mode?: string
}

export interface Certificate {
  jwksUri?: string
  certificates?: string[]
  jwks?: unknown
  discovery?: boolean
}

export interface Issuer {
  id: string
  name: string
  description: string
  issuer: string
  alias: string
  isEnabled: boolean
  readOnly: boolean
  /** The document has one with the same identifier, and only that one counts. */
  overridden?: boolean
  certificate: Certificate
  algorithms?: string[]
  conditions?: Condition[]
  claims?: { from: string; to: string }[]
  implicitAssociation?: { isEnabled: boolean; lookupAttribute?: string[]; trustUnverified?: boolean }
  replayProtection?: string
  boundTokens?: string
  readTimeoutMs?: number
  clockSkewSeconds?: number
  maxTokenAgeSeconds?: number
  dangerAllowHttp?: boolean
  meta?: Meta
}

export interface IssuerSummary {
  id: string
  name: string
  description: string
  issuer: string
  isEnabled: boolean
  readOnly: boolean
  overridden?: boolean
  keyState?: string
}

/** An issuer whose tokens an application may exchange. */
export type IssuerGrant = string | { name: string; clientId?: string; conditions?: Condition[] }
/** An authorization server of another domain, and what the application may ask for there. */
export interface IdJagAudience {
  issuer: string
  clientId: string
  resources?: string[]
  scopes?: string[]
}
export const issuerNameOf = (grant: IssuerGrant) => (typeof grant === 'string' ? grant : grant.name)

/** A public client has no credentials. */
export const isPublic = ({ type }: { type?: string }) => type === 'mobile' || type === 'spa'

export interface Application {
  id: string
  name: string
  description: string
  clientId: string
  clientSecret?: string
  readOnly: boolean
  overridden?: boolean
  /** What keeps it from working. */
  problems?: Problem[]
  type?: string
  grantTypes?: string[]
  trustedTokenIssuers?: IssuerGrant[]
  audiences?: string[]
  resources?: string[]
  scopes?: string[]
  defaultScopes?: string[]
  accessToken?: { type?: string; lifetimeSeconds?: number; attributes?: string[]; outliveSubject?: boolean }
  refreshToken?: { lifetimeSeconds?: number; absoluteLifetimeSeconds?: number; reuseGraceSeconds?: number }
  subject?: { useMappedLocalSubject?: boolean; mappedLocalSubjectMandatory?: boolean; identifier?: string }
  delegation?: { allowWithoutActor?: boolean }
  dpop?: { required?: boolean; rebind?: boolean; nonce?: string }
  mtls?: Mtls
  profile?: string
  idJag?: { audiences: IdJagAudience[] }
  jwks?: unknown
  jwksUri?: string
  clientAssertion?: { allowTokenEndpointAudience?: boolean; issuer?: string; subject?: string; conditions?: Condition[] }
  meta?: Meta
}

/** Client certificates of an application: at most one of the names, or certificates. */
export interface Mtls {
  required?: boolean
  subjectDn?: string
  sanDns?: string
  sanUri?: string
  sanIp?: string
  sanEmail?: string
  certificates?: string[]
}

export interface ApplicationSummary {
  id: string
  name: string
  clientId: string
  type: string
  description: string
  readOnly: boolean
  overridden?: boolean
}

/** One of several values of an attribute. */
export interface Several {
  value: string
  type?: string
  primary?: boolean
}

export interface User {
  id: string
  userName: string
  displayName?: string
  active?: boolean
  emails?: Several[]
  phoneNumbers?: Several[]
  roles?: Several[]
  'urn:scim:wso2:schema'?: { accountLocked?: boolean; accountDisabled?: boolean }
  'urn:exchequer:params:scim:schemas:1.0:User'?: { modifiedBy?: string }
  meta?: { created?: string; lastModified?: string; version?: string }
}

/** The one of several values that the engine takes for a claim, and links accounts by: the primary one, else one of this type, else the first. */
const oneOf = (values: Several[] | undefined, type: string) => values?.find(({ primary }) => primary) ?? values?.find((one) => one.type === type) ?? values?.[0]

export const emailOf = ({ emails }: Pick<User, 'emails'>) => oneOf(emails, 'work')
export const phoneOf = ({ phoneNumbers }: Pick<User, 'phoneNumbers'>) => oneOf(phoneNumbers, 'mobile')

/** A role of the configuration document, which users can have. */
export interface Role {
  id: string
  displayName: string
  permissions: string[]
}

/** A kind of refusal, and how often it happened. Times are seconds since the epoch. */
export interface Refusal {
  time: number
  firstTime: number
  count: number
  event: string
  status: number
  error?: string
  reason: ReasonCode
  message?: string
  clientId?: string
  /** The name of the trusted token issuer. */
  issuer?: string
  traceId?: string
}

export interface Link {
  id: string
  idp: { id: string; name: string }
  federatedUserId: string
  origin?: string
  created?: number
  createdBy?: string
}
