/**
 * The company's login, as far as this example needs one: it knows a user and a
 * web application, and signs ID tokens with a key whose certificate anybody may
 * have. A real one would send people through a browser (authorization code);
 * what it signs in the end is the same.
 *
 * | request | what |
 * |---|---|
 * | `GET /certificate.pem` | its certificate |
 * | `PUT /service-providers/web-app` | sets the application's audience restriction; administrators |
 * | `POST /token` | logs a user in; the web application |
 */
import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'

import { SignJWT } from 'jose'

import { selfSigned } from './certificate.mjs'

const ADMIN = 'admin:admin-of-the-example'
const WEB_APP = 'web-app:secret-of-the-example'
const USERS = { ada: 'enchantress' }

/** Listens on a port; resolves to the server. */
export function startProvider(port) {
  const issuer = `http://127.0.0.1:${port}`
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const certificate = selfSigned(keys, 'Company login')
  let audienceRestriction

  const routes = {
    'GET /certificate.pem': () => [200, certificate],
    'PUT /service-providers/web-app': ({ user, form }) => {
      if (user !== ADMIN) return [401, { error: 'administrators only' }]
      audienceRestriction = form.get('audience')
      return [200, { name: 'web-app', audience: audienceRestriction }]
    },
    'POST /token': async ({ user, form }) => {
      if (user !== WEB_APP) return [401, { error: 'invalid_client' }]
      if (form.get('grant_type') !== 'password') return [400, { error: 'unsupported_grant_type' }]
      const login = form.get('username')
      if (!Object.hasOwn(USERS, login) || form.get('password') !== USERS[login]) return [400, { error: 'invalid_grant' }]
      return [200, { id_token: await idToken(login), token_type: 'Bearer', expires_in: 600 }]
    },
  }

  const idToken = (sub) =>
    new SignJWT({ azp: 'web-app', preferred_username: sub })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT' })
      .setIssuer(issuer)
      .setSubject(sub)
      .setAudience(['web-app', audienceRestriction].filter(Boolean))
      .setIssuedAt()
      .setExpirationTime('10m')
      .sign(keys.privateKey)

  const server = createServer(async (request, response) => {
    const route = routes[`${request.method} ${request.url}`] ?? (() => [404, { error: 'not_found' }])
    const [, basic = ''] = /^Basic (.+)$/i.exec(request.headers.authorization ?? '') ?? []
    const user = Buffer.from(basic, 'base64').toString()
    let body = ''
    for await (const chunk of request) body += chunk
    const [status, answer] = await route({ user, form: new URLSearchParams(body) })
    const isText = typeof answer === 'string'
    response.writeHead(status, { 'content-type': isText ? 'application/x-pem-file' : 'application/json' })
    response.end(isText ? answer : `${JSON.stringify(answer)}\n`)
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', () => resolve(server))
  })
}
