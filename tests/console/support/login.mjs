/**
 * A login nobody here wrote: npm `oidc-provider`, with the console as a public client
 * that has to use PKCE. People sign in at its form, whatever their password.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'

import { exportJWK, generateKeyPair } from 'jose'
import { Provider } from 'oidc-provider'

import { open } from './console.mjs'

const FONTS = 'https://fonts.googleapis.com'

export const CLIENT = 'exchequer-console'

/** Starts it on a free port. `serves` tells it the URL of the console, once that is known. */
export async function login() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `http://127.0.0.1:${server.address().port}`
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  const jwks = { keys: [{ ...(await exportJWK(privateKey)), kid: 'login-1', alg: 'RS256', use: 'sig' }] }
  const tokenRequests = []
  return {
    issuer,
    /** The bodies of requests to its token endpoint. */
    tokenRequests,
    serves(consoleUrl) {
      const op = new Provider(issuer, {
        jwks,
        clients: [{ client_id: CLIENT, token_endpoint_auth_method: 'none', redirect_uris: [consoleUrl], response_types: ['code'], grant_types: ['authorization_code'] }],
        cookies: { keys: ['one that signs cookies'] },
        pkce: { required: () => true },
        claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'] },
        conformIdTokenClaims: false,
        findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, name: `${sub[0].toUpperCase()}${sub.slice(1)} of the company`, email: `${sub}@example.com`, email_verified: true }) }),
        loadExistingGrant: consent,
        ttl: { AccessToken: 600, IdToken: 600, Grant: 600, Interaction: 600, Session: 600 },
        features: { devInteractions: { enabled: true } },
      })
      op.on('grant.success', (context) => tokenRequests.push({ ...context.oidc.params }))
      server.on('request', op.callback())
    },
    async stop() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

/** The console for a browser that may leave for the login. The login's form asks for a font, which is not there. */
export async function visitor(browser, company, url, options) {
  const page = await open(browser, url, { allowed: [company.issuer, FONTS], ...options })
  await page.context().route(`${FONTS}/**`, (route) => route.fulfill({ body: '', contentType: 'text/css' }))
  return page
}

/** From the button of the console to the console again, by the form of the login. */
export async function signInAs(page, who) {
  const home = new URL('/console/', page.url()).href
  await page.getByRole('button', { name: 'Sign in at Company login' }).click()
  await page.getByPlaceholder('Enter any login').fill(who)
  await page.getByPlaceholder('and password').fill('any')
  await page.getByRole('button', { name: 'Sign-in' }).click()
  await page.waitForURL((url) => url.href.startsWith(home) && url.search === '')
}

/** The company has agreed that its people use the console. */
async function consent(context) {
  const grant = new context.oidc.provider.Grant({ clientId: context.oidc.client.clientId, accountId: context.oidc.session.accountId })
  grant.addOIDCScope('openid profile email')
  await grant.save()
  return grant
}
