/** Copies the configuration of the server, for a signed-in administrator. */
import { allOf, APPLICATIONS, call, ISSUERS, list, metadata, ROLES, USERS } from '../api.ts'
import { known } from '../known.ts'
import { type Application, type ApplicationSummary, emailOf, isPublic, type Issuer, issuerNameOf, type IssuerSummary, phoneOf, type Role, type User } from '../model.ts'
import { t } from '../texts/index.ts'
import type { Document } from './sample.ts'

const issuerOfServer = async (): Promise<string> => (await metadata()).issuer

const SHOWN_ONLY = new Set(['id', 'self', 'meta', 'readOnly', 'description', 'image', 'imageUrl', 'templateId', 'isPrimary', 'isFederationHub', 'idpIssuerName', 'isEnabled', 'claimConfiguration', 'inboundProtocols', 'isManagementApp', 'keyState', 'problems'])

function piece(object: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([name, value]) => !SHOWN_ONLY.has(name) && value !== ''))
}

/** How an application authenticates. */
export function proofOf(application: { type?: string; jwks?: unknown; jwksUri?: unknown }): 'none' | 'secret' | 'key' {
  if (isPublic(application)) return 'none'
  return application.jwks === undefined && application.jwksUri === undefined ? 'secret' : 'key'
}

const issuerPiece = (issuer: Issuer) => ({ ...piece(issuer), name: issuer.name, issuer: issuer.issuer, ...(!issuer.isEnabled && { enabled: false }) })
const applicationPiece = (application: Application) => ({
  ...piece(application),
  clientId: application.clientId,
  ...(proofOf(application) === 'secret' && { clientSecret: { env: 'CLIENT_SECRET' } }),
})
const given = (name: string, value: string | undefined) => (value === undefined ? {} : { [name]: value })
const userPiece = (user: User, known: Set<string>) => ({
  id: user.id,
  username: user.userName,
  claims: {
    ...given('email', emailOf(user)?.value),
    // `tel:` is how SCIM writes it (RFC 3966), not how tokens do.
    ...given('phone_number', phoneOf(user)?.value.replace(/^tel:/, '')),
  },
  ...(user.roles !== undefined && { roles: user.roles.map(({ value }) => value).filter((name) => known.has(name)) }),
  ...(user['urn:scim:wso2:schema']?.accountLocked === true && { locked: true }),
  ...(user.active === false && { disabled: true }),
})

const issuerOf = ({ id }: IssuerSummary) => call<Issuer>('GET', `${ISSUERS}/${id}`)
const applicationOf = ({ id }: ApplicationSummary) => call<Application>('GET', `${APPLICATIONS}/${id}`)

/** More users would slow the page down. */
const USERS_TAKEN = 100

export interface Taken {
  document: Document
  /** What the document lacks. */
  without: string[]
}

/** A configuration document with the server's objects, without keys and secrets. */
export async function documentOfServer(): Promise<Taken> {
  const [issuer, { issuers, applications }, users, roles] = await Promise.all([
    issuerOfServer(),
    known(),
    list<User>(USERS, 'Resources', { count: String(USERS_TAKEN) }),
    allOf<Role>(ROLES),
  ])
  const [whole, clients] = await Promise.all([Promise.all(issuers.map(issuerOf)), Promise.all(applications.map(applicationOf))])
  const names = new Set(roles.map(({ id }) => id))
  const missing = users.totalResults - users.items.length
  return {
    document: {
      issuer,
      trustedTokenIssuers: whole.map(issuerPiece),
      applications: clients.map(applicationPiece),
      roles: roles.map(({ id, permissions }) => ({ name: id, scopes: permissions })),
      users: users.items.map((user) => userPiece(user, names)),
    },
    without: missing > 0 ? [t().playground.missingUsers(missing, users.totalResults)] : [],
  }
}

/** The part of it that one application needs. */
export async function documentFor(clientId: string): Promise<Document | undefined> {
  const [issuer, { issuers, applications }] = await Promise.all([issuerOfServer(), known()])
  const summary = applications.find((one) => one.clientId === clientId)
  if (summary === undefined) return undefined
  const application = await applicationOf(summary)
  const allowed = new Set((application.trustedTokenIssuers ?? []).map(issuerNameOf))
  const whole = await Promise.all(issuers.filter(({ name }) => allowed.has(name)).map(issuerOf))
  return { issuer, trustedTokenIssuers: whole.map(issuerPiece), applications: [applicationPiece(application)] }
}
