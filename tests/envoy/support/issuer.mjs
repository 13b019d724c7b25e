/** An issuer on a port of its own: keys that rotate, tokens, and a JWK set that can be counted, held back, or gone. */
import { once } from 'node:events'
import { createServer } from 'node:http'

import { SignJWT, exportJWK, generateKeyPair } from 'jose'

export const STS = 'https://sts.example.com'

export class Issuer {
  /** Requests for the JWK set. */
  fetches = 0
  /** Requests for the discovery document. */
  discoveries = 0
  /** While it is set, answers wait for it. */
  held
  /** As many requests find their connection closed. */
  losing = 0
  cacheControl = 'max-age=600'
  /** What the JWK set is followed by. */
  padding = ''
  #port
  #server
  #keys = []

  constructor(port, { discovery = false } = {}) {
    this.#port = port
    this.discovery = discovery
  }

  get url() {
    return `http://127.0.0.1:${this.#port}`
  }

  get key() {
    return this.#keys.at(-1)
  }

  /** The issuer as the configuration has it. */
  trusted(name) {
    return {
      name,
      issuer: this.url,
      certificate: this.discovery ? { discovery: true } : { jwksUri: `${this.url}/jwks` },
      algorithms: ['ES256', 'RS256', 'EdDSA'],
      claims: [{ from: 'email', to: 'email' }],
    }
  }

  /** A new key; the ones before stay unless they are replaced. */
  async rotate(alg = 'ES256', { replace = false, kid = `k${this.#keys.length + 1}` } = {}) {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
    const key = { alg, kid, privateKey, publicKey, jwk: { ...(await exportJWK(publicKey)), kid, alg } }
    this.#keys = replace ? [key] : [...this.#keys, key]
  }

  async start() {
    if (this.#keys.length === 0) await this.rotate()
    this.#server = createServer(async (request, response) => {
      if (this.losing > 0) {
        this.losing -= 1
        return request.socket.destroy()
      }
      response.writeHead(200, { 'content-type': 'application/json', 'cache-control': this.cacheControl })
      if (request.url === '/.well-known/openid-configuration') {
        this.discoveries += 1
        return response.end(JSON.stringify({ issuer: this.url, jwks_uri: `${this.url}/jwks` }))
      }
      this.fetches += 1
      await this.held
      response.end(JSON.stringify({ keys: this.#keys.map(({ jwk }) => jwk) }) + this.padding)
    }).listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    return this
  }

  async stop() {
    if (this.#server === undefined) return
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
    this.#server = undefined
  }

  token(claims = {}, header = {}, key = this.key) {
    const now = Math.floor(Date.now() / 1000)
    const all = { iss: this.url, sub: 'ada', aud: STS, iat: now, exp: now + 600, email: 'ada@example.com', email_verified: true, ...claims }
    return new SignJWT(JSON.parse(JSON.stringify(all)))
      .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'at+jwt', ...header })
      .sign(key.privateKey)
  }
}
