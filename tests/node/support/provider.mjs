/**
 * An identity provider nobody here wrote: npm `oidc-provider`, with a job that
 * has credentials and a web application that people sign in to.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'

import { exportJWK, generateKeyPair } from 'jose'
import { Provider } from 'oidc-provider'
import * as openid from 'openid-client'

const SECRET = 'a-secret-of-the-provider-0123456789'
const REDIRECT = 'http://127.0.0.1/signed-in'

/** Starts it on a free port; `audience` may be set later and is what access tokens are for. */
export async function provider() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `http://127.0.0.1:${server.address().port}`
  const keys = await Promise.all(['RS256', 'ES256', 'EdDSA'].map(signingKey))
  const self = { issuer, audience: undefined, alg: 'RS256' }

  const op = new Provider(issuer, {
    jwks: { keys },
    clients: [
      { client_id: 'job', client_secret: SECRET, grant_types: ['client_credentials'], redirect_uris: [], response_types: [] },
      { client_id: 'web-app', client_secret: SECRET, redirect_uris: [REDIRECT] },
    ],
    cookies: { keys: ['one that signs cookies'] },
    enabledJWA: { idTokenSigningAlgValues: ['RS256', 'ES256', 'EdDSA'] },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, email: `${sub}@example.com` }) }),
    claims: { openid: ['sub', 'email'] },
    conformIdTokenClaims: false,
    ttl: { AccessToken: 600, ClientCredentials: 600, IdToken: 600, Grant: 600, Interaction: 600, Session: 600 },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => self.audience,
        getResourceServerInfo: (_, audience) => {
          const jwt = { sign: { alg: self.alg } }
          return { audience, scope: '', accessTokenFormat: 'jwt', accessTokenTTL: 600, jwt }
        },
      },
    },
  })
  server.on('request', op.callback())

  const client = (id) =>
    openid.discovery(new URL(issuer), id, SECRET, undefined, { execute: [openid.allowInsecureRequests] })
  return Object.assign(self, {
    /** What the job gets with its own credentials. */
    jobTokens: async () => openid.clientCredentialsGrant(await client('job'), { resource: self.audience }),
    /** What the web application gets when somebody signs in: an access token and an ID token. */
    signIn: async (login) => signIn(await client('web-app'), login, self.audience),
    async stop() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  })
}

async function signingKey(alg) {
  const { privateKey } = await generateKeyPair(alg, { extractable: true })
  return { ...(await exportJWK(privateKey)), kid: alg, alg, use: 'sig' }
}

async function signIn(client, login, resource) {
  const pkceCodeVerifier = openid.randomPKCECodeVerifier()
  const expectedNonce = openid.randomNonce()
  const start = openid.buildAuthorizationUrl(client, {
    redirect_uri: REDIRECT,
    scope: 'openid',
    resource,
    nonce: expectedNonce,
    code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
  })
  const end = await browse(start, [{ prompt: 'login', login, password: 'any' }, { prompt: 'consent' }])
  return openid.authorizationCodeGrant(client, end, { pkceCodeVerifier, expectedNonce }, { resource })
}

/** A browser: follows redirects, keeps cookies, and fills in the forms it is shown. */
async function browse(url, forms) {
  const cookies = new Map()
  let body
  for (let step = 0; step < 20; step++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, { method: body ? 'POST' : 'GET', body, headers: { cookie }, redirect: 'manual' })
    for (const set of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(set)
      cookies.set(name, value)
    }
    const location = response.headers.get('location')
    if (location !== null) {
      url = new URL(location, url)
      body = undefined
      if (url.href.startsWith(REDIRECT)) return url
    } else {
      if (forms.length === 0) throw new Error(`${response.status} at ${url}: ${await response.text()}`)
      body = new URLSearchParams(forms.shift())
    }
  }
  throw new Error(`too many redirects, the last to ${url}`)
}
