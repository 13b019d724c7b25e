/** What a signed-in administrator can take from the server. */
import { all, APPLICATIONS, call, ISSUERS, list } from '../api.ts'
import type { Application, ApplicationSummary, Issuer, IssuerSummary, User } from '../model.ts'
import type { Document } from './sample.ts'

/** The ids of what the server has, for links to where it is changed. */
export interface Known {
  issuers: IssuerSummary[]
  applications: ApplicationSummary[]
}

export async function known(): Promise<Known> {
  const [issuers, applications] = await Promise.all([all<IssuerSummary>(ISSUERS, 'identityProviders'), all<ApplicationSummary>(APPLICATIONS, 'applications')])
  return { issuers, applications }
}

export async function issuerOfServer(): Promise<string> {
  return (await call<{ issuer: string }>('GET', '.well-known/oauth-authorization-server', undefined, 'nobody')).issuer
}

const SHOWN_ONLY = new Set(['id', 'self', 'meta', 'readOnly', 'description', 'image', 'imageUrl', 'templateId', 'isPrimary', 'isFederationHub', 'idpIssuerName', 'isEnabled', 'claimConfiguration', 'inboundProtocols', 'isManagementApp', 'keyState'])

function piece(object: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([name, value]) => !SHOWN_ONLY.has(name) && value !== ''))
}

/** The configuration document that the server's objects would make, without its keys and secrets. */
export async function documentOfServer(): Promise<Document> {
  const [issuer, { issuers, applications }, users] = await Promise.all([issuerOfServer(), known(), list<User>('scim2/Users', 'Resources', { count: '100' })])
  const whole = await Promise.all(issuers.map(({ id }) => call<Issuer>('GET', `${ISSUERS}/${id}`)))
  const clients = await Promise.all(applications.map(({ id }) => call<Application>('GET', `${APPLICATIONS}/${id}`)))
  const isPublic = ({ type }: Application) => type === 'mobile' || type === 'spa'
  return {
    issuer,
    trustedTokenIssuers: whole.map((one) => ({ ...piece(one), name: one.name, issuer: one.issuer, ...(!one.isEnabled && { enabled: false }) })),
    applications: clients.map((one) => ({
      ...piece(one),
      clientId: one.clientId,
      ...(!isPublic(one) && one.jwks === undefined && one.jwksUri === undefined && { clientSecret: { env: 'CLIENT_SECRET' } }),
    })),
    users: users.items.map((user) => ({
      id: user.id,
      username: user.userName,
      claims: { ...(user.emails?.[0] !== undefined && { email: user.emails[0].value }), ...(user.phoneNumbers?.[0] !== undefined && { phone_number: user.phoneNumbers[0].value }) },
      ...(user['urn:scim:wso2:schema']?.accountLocked === true && { locked: true }),
      ...(user.active === false && { disabled: true }),
    })),
  }
}
