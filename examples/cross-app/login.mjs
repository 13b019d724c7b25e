/**
 * The company's login: npm `oidc-provider`, a certified OpenID provider that knows
 * nothing of Exchequer. Its users sign in at the wiki, and nobody asks them for
 * consent to what their own company's applications do.
 */
import { randomBytes } from 'node:crypto'
import { generateKeyPairSync } from 'node:crypto'

import { Provider } from 'oidc-provider'

const REDIRECT = 'http://127.0.0.1/signed-in'

/** Listens on a port; resolves to the server. */
export function startLogin(port, secret) {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const provider = new Provider(`http://127.0.0.1:${port}`, {
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'login-1', alg: 'RS256', use: 'sig' }] },
    clients: [{ client_id: 'wiki-at-login', client_secret: secret, redirect_uris: [REDIRECT] }],
    cookies: { keys: [randomBytes(16).toString('hex')] },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, email: `${sub}@company.example` }) }),
    claims: { openid: ['sub', 'email'] },
    conformIdTokenClaims: false,
    pkce: { required: () => false },
    loadExistingGrant: async ({ oidc }) => {
      const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId })
      grant.addOIDCScope('openid')
      await grant.save()
      return grant
    },
    ttl: { AccessToken: 600, IdToken: 600, Grant: 600, Interaction: 600, Session: 600 },
  })
  return new Promise((resolve, reject) => {
    const server = provider.listen(port, '127.0.0.1', () => resolve(server))
    server.once('error', reject)
  })
}

/** Somebody signs in at the wiki in a browser; the wiki gets their ID token. */
export async function signIn(login, user, secret) {
  const asked = new URLSearchParams({ client_id: 'wiki-at-login', response_type: 'code', scope: 'openid', redirect_uri: REDIRECT })
  const end = await browse(new URL(`${login}/auth?${asked}`), { prompt: 'login', login: user, password: 'any' })
  const reply = await fetch(`${login}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`wiki-at-login:${secret}`)}` },
    body: new URLSearchParams({ grant_type: 'authorization_code', code: end.searchParams.get('code'), redirect_uri: REDIRECT }),
  })
  return (await reply.json()).id_token
}

/** A browser: follows redirects, keeps cookies, and fills in the one form that it is shown. */
async function browse(url, form) {
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
    if (location === null) {
      // A second form would be a consent screen.
      if (form === undefined) throw new Error(`${response.status} at ${url}: ${await response.text()}`)
      body = new URLSearchParams(form)
      form = undefined
    } else {
      body = undefined
      url = new URL(location, url)
      if (url.href.startsWith(REDIRECT)) return url
    }
  }
  throw new Error(`too many redirects, the last to ${url}`)
}
