/** An issuer of the tests: it has a key, publishes it, and signs tokens. */
import { once } from 'node:events'
import { createServer } from 'node:http'

import { SignJWT, exportJWK, generateKeyPair } from 'jose'

export const ISSUER = 'https://builds.example.com'

/** Publishes its keys on a port of this machine until it is stopped. */
export async function issuer() {
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'build-1', alg: 'ES256', use: 'sig' }] }
  const documents = { '/jwks': jwks }
  const server = createServer(({ url }, response) => {
    response.writeHead(url in documents ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(documents[url] ?? {}))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${server.address().port}`
  documents['/.well-known/openid-configuration'] = { issuer: origin, jwks_uri: `${origin}/jwks` }
  return {
    jwks,
    /** It is discovered by this name. */
    origin,
    jwksUri: `${origin}/jwks`,
    stop: () => server.close(),
    sign: (claims, iss = ISSUER) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'build-1', typ: 'JWT' }).setIssuer(iss).setIssuedAt().setExpirationTime('10m').sign(privateKey),
  }
}
