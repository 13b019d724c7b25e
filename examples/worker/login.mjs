/** The company's login, as far as the example needs it: it gives a token to whoever asks. */
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'

import { SignJWT, exportJWK, generateKeyPair } from 'jose'

/** A server that is not listening yet. */
export async function login(issuer, audience) {
  const { publicKey, privateKey } = await generateKeyPair('RS256')
  const kid = randomUUID()
  const keys = [{ ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' }]
  const token = () =>
    new SignJWT({ sub: 'ada' }).setProtectedHeader({ alg: 'RS256', kid }).setIssuer(issuer).setAudience(audience)
      .setJti(randomUUID()).setIssuedAt().setExpirationTime('10m').sign(privateKey)

  return createServer(async ({ url }, response) => {
    if (url === '/jwks') response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys }))
    else if (url === '/token') response.end(await token())
    else response.writeHead(404).end()
  })
}
