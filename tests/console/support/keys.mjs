/** An issuer of the tests: it has a key, publishes it, and signs tokens. */
import { once } from 'node:events'
import { createServer } from 'node:http'

import { SignJWT, exportJWK, generateKeyPair } from 'jose'

export const ISSUER = 'https://builds.example.com'

/** Publishes its keys on a port of this machine until it is stopped. */
export async function issuer() {
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'build-1', alg: 'ES256', use: 'sig' }] }
  const server = createServer((_, response) => response.setHeader('content-type', 'application/json').end(JSON.stringify(jwks)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    jwks,
    jwksUri: `http://127.0.0.1:${server.address().port}/jwks`,
    stop: () => server.close(),
    sign: (claims, iss = ISSUER) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'build-1', typ: 'JWT' }).setIssuer(iss).setIssuedAt().setExpirationTime('10m').sign(privateKey),
  }
}
