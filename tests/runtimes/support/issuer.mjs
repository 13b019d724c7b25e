/** An issuer whose keys have to be fetched. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { after } from 'node:test'

import { SignJWT, exportJWK, generateKeyPair } from 'jose'

/** Starts it on a free port; it ends after the tests of the file. */
export async function issuer({ port = 0 } = {}) {
  let key
  let isDown = false
  const self = { fetched: 0, padding: '' }
  const server = createServer((request, response) => {
    if (request.url === '/jwks') self.fetched++
    if (isDown) return void response.writeHead(503).end()
    response.setHeader('content-type', 'application/json')
    // Browsers ask before they let a page see it.
    response.setHeader('access-control-allow-origin', '*')
    response.end(JSON.stringify({ keys: [key.jwk] }) + self.padding)
  }).listen(port, '127.0.0.1')
  await once(server, 'listening')
  after(() => {
    server.close()
    server.closeAllConnections()
  })
  self.issuer = `http://127.0.0.1:${server.address().port}`
  self.rotate = async () => {
    const { publicKey, privateKey } = await generateKeyPair('RS256')
    const kid = crypto.randomUUID()
    key = { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' } }
  }
  self.down = (down) => (isDown = down)
  self.sign = (claims, audience) =>
    new SignJWT({ sub: 'ada', ...claims }).setProtectedHeader({ alg: 'RS256', kid: key.kid })
      .setIssuer(self.issuer).setAudience(audience).setIssuedAt().setExpirationTime('5m').sign(key.privateKey)
  await self.rotate()
  return self
}

/** What the suite needs to fetch keys. */
export async function keysToFetch() {
  const one = await issuer()
  return { issuer: one.issuer, token: await one.sign({}, 'https://sts.example.com') }
}
