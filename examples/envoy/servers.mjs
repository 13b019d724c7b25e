/** What stands around the proxy: the company's login, and the service. */
import { once } from 'node:events'
import { createServer } from 'node:http'

import { SignJWT, exportJWK, generateKeyPair } from 'jose'

/** Publishes its keys, and gives anybody who asks a token: this is an example. */
export async function startLogin(port, audience) {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'login', alg: 'ES256' }] }
  const issuer = `http://127.0.0.1:${port}`
  const token = () =>
    new SignJWT({ client_id: 'portal' })
      .setProtectedHeader({ alg: 'ES256', kid: 'login', typ: 'at+jwt' })
      .setIssuer(issuer)
      .setSubject('ada')
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime('10m')
      .sign(privateKey)
  return serve(port, async (request) => (request.url === '/token' ? token() : JSON.stringify(jwks)))
}

/** Says what the proxy sent it. */
export function startService(port) {
  return serve(port, ({ method, url, headers }) => {
    const { authorization, 'x-user': user } = headers
    const payload = authorization?.split('.')[1]
    const claims = payload && JSON.parse(Buffer.from(payload, 'base64url'))
    return `${JSON.stringify({ method, url, user, claims }, null, 2)}\n`
  })
}

async function serve(port, answer) {
  const server = createServer(async (request, response) => response.end(await answer(request)))
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}
