/**
 * The identity provider of the walk-throughs: npm `oidc-provider`, which nobody
 * here wrote and which knows nothing of Exchequer. People sign in to it at a
 * form, whatever their password; a job has credentials of its own; whoever has
 * the administrator's token registers applications.
 */
import { createPrivateKey, createPublicKey } from 'node:crypto'

import { Provider } from 'oidc-provider'

/** What registers applications (RFC 7591). */
export const REGISTRATION_TOKEN = 'administrator-of-the-login'
const SECRET = 'secret-at-the-login-0123456789'

/** What the provider says of those who sign in. */
const PEOPLE = {
  ada: { email: 'ada@example.com', email_verified: true, phone_number: '+46700000001', phone_number_verified: true },
  grace: { email: 'grace@navy.example', email_verified: true, phone_number: '+46700000002', phone_number_verified: true },
  edsger: { email: 'edsger@example.com', email_verified: true },
  mallory: { email: 'ada@example.com', email_verified: false },
}
const CLAIMS = ['sub', 'email', 'email_verified', 'phone_number', 'phone_number_verified', 'department']

/** Listens on a port, signs with an RSA key in PEM; resolves to the server. */
export async function startProvider(port, pem) {
  const issuer = `http://127.0.0.1:${port}`
  const jwk = createPrivateKey(pem).export({ format: 'jwk' })
  const kid = createPublicKey(pem).export({ format: 'jwk' }).n.slice(0, 8)
  const provider = new Provider(issuer, {
    jwks: { keys: [{ ...jwk, kid, alg: 'RS256', use: 'sig' }] },
    clients: [
      { client_id: 'job', client_secret: SECRET, grant_types: ['client_credentials'], redirect_uris: [], response_types: [] },
      { client_id: 'web-app', client_secret: SECRET, redirect_uris: [`${issuer}/signed-in`] },
    ],
    cookies: { keys: ['one that signs cookies'] },
    pkce: { required: () => false },
    claims: { openid: CLAIMS },
    conformIdTokenClaims: false,
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, department: 'engines', ...PEOPLE[sub] }) }),
    extraTokenClaims: () => ({ department: 'engines', email: 'job@example.com' }),
    loadExistingGrant: consent,
    ttl: { AccessToken: 600, ClientCredentials: 600, IdToken: 600, Grant: 600, Interaction: 600, Session: 600 },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: true },
      registration: { enabled: true, initialAccessToken: REGISTRATION_TOKEN },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => issuer,
        getResourceServerInfo: (_, resource) => ({
          scope: '',
          audience: resource,
          accessTokenFormat: 'jwt',
          accessTokenTTL: 600,
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
  })
  const server = provider.listen(port, '127.0.0.1')
  await new Promise((resolve, reject) => server.once('listening', resolve).once('error', reject))
  return server
}

/** Nobody is asked whether the company's applications may know who they are. */
async function consent({ oidc }) {
  const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId })
  grant.addOIDCScope('openid')
  await grant.save()
  return grant
}
