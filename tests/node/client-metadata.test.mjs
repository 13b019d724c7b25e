/**
 * Metadata documents of clients from a real server: `exchequer serve` fetches them over TLS, with certificates that
 * OpenSSL made. The authority is trusted by `NODE_EXTRA_CA_CERTS`. Only the names are made up: a resolver leads them
 * to this machine, as DNS would, because no client is at an address of this machine.
 */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:https'
import { after, before, describe, it } from 'node:test'

import { SignJWT, exportJWK, generateKeyPair } from 'jose'

import { authority } from './support/certificates.mjs'
import { serve } from './support/serve.mjs'

const STS = 'https://sts.example.com'
const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
/** Leads every name below `example.com` to this machine. */
const RESOLVER = `
  import dns from 'node:dns'
  import { syncBuiltinESMExports } from 'node:module'
  const real = dns.lookup
  dns.lookup = (name, options, done) => real(name.endsWith('.example.com') ? '127.0.0.1' : name, options, done)
  syncBuiltinESMExports()`

describe('the metadata document of a client at a server with TLS', () => {
  let made, key, servers, sts, base
  /** By path: what the server answers, and how often it was asked. */
  const answers = {}
  const asked = {}

  before(async () => {
    made = authority()
    const { publicKey, privateKey } = await generateKeyPair('ES256')
    key = { privateKey, jwk: { ...(await exportJWK(publicKey)), kid: 'c1', alg: 'ES256' } }
    const handle = (request, response) => {
      asked[request.url] = (asked[request.url] ?? 0) + 1
      const { status = 200, headers = {}, body = '' } = answers[request.url]?.() ?? { status: 404 }
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(status === 204 ? undefined : body)
    }
    const listen = async (certificate) => {
      const server = createServer(certificate, handle).listen(0, '127.0.0.1')
      await once(server, 'listening')
      return server
    }
    servers = {
      good: await listen(made.signed('client', '/CN=client', 'DNS:client.example.com')),
      unsigned: await listen(made.selfSigned('unsigned', '/CN=unsigned', 'DNS:unsigned.example.com')),
      // The certificate of another host.
      elsewhere: await listen(made.signed('elsewhere', '/CN=elsewhere', 'DNS:elsewhere.example.com')),
    }
    const host = (name, server) => `${name}.example.com:${server.address().port}`
    base = { good: host('client', servers.good), unsigned: host('unsigned', servers.unsigned), elsewhere: host('another', servers.elsewhere) }
    const config = {
      issuer: STS,
      applications: [{ clientId: 'partners', type: 'machine', clientSecret: 'partners-secret-for-tests', grantTypes: ['client_credentials'] }],
      clientIdMetadata: { hosts: Object.values(base), template: 'partners' },
    }
    const env = { NODE_EXTRA_CA_CERTS: made.caFile, NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(RESOLVER)}` }
    sts = await serve(() => config, { store: 'memory:', env })
  })
  after(async () => {
    await sts?.stop()
    for (const server of Object.values(servers ?? {})) {
      server.close()
      server.closeAllConnections()
    }
    made?.remove()
  })

  const id = (path, at = 'good') => `https://${base[at]}${path}`
  const document = (path, more = {}, at = 'good') =>
    JSON.stringify({ client_id: id(path, at), token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [key.jwk] }, ...more })

  /** The reply to a client with this id, and the reason of a refusal. */
  async function ask(client) {
    const now = Math.floor(Date.now() / 1000)
    const client_assertion = await new SignJWT({ iss: client, sub: client, aud: STS, jti: randomUUID(), iat: now, exp: now + 60 })
      .setProtectedHeader({ alg: 'ES256', kid: 'c1' }).sign(key.privateKey)
    const form = { grant_type: 'client_credentials', client_assertion_type: ASSERTION, client_assertion }
    const response = await fetch(`${sts.url}/oauth2/token`, { method: 'POST', body: new URLSearchParams(form) })
    const { error } = await response.json()
    const line = sts.written.findLast(({ event }) => event === 'token')
    return { status: response.status, error, reason: line?.reason, detail: line?.checks.at(-1).detail }
  }

  it('lets the client in, and is fetched once', async () => {
    answers['/client.json'] = () => ({ body: document('/client.json'), headers: { 'cache-control': 'max-age=600' } })
    for (let again = 0; again < 3; again++) assert.equal((await ask(id('/client.json'))).status, 200)
    assert.equal(asked['/client.json'], 1)
  })

  it('is refused when it is no answer, another client’s, or too long', async () => {
    answers['/moved.json'] = () => ({ status: 301, headers: { location: id('/moved-to.json') }, body: document('/moved.json') })
    answers['/moved-to.json'] = () => ({ body: document('/moved.json') })
    answers['/empty.json'] = () => ({ status: 204 })
    answers['/other.json'] = () => ({ body: document('/client.json') })
    answers['/long.json'] = () => ({ body: document('/long.json', { client_name: 'x'.repeat(6000) }) })
    for (const path of ['/moved.json', '/empty.json', '/other.json', '/long.json', '/nothing.json']) {
      const { status, error, reason } = await ask(id(path))
      assert.deepEqual([status, error, reason], [401, 'invalid_client', 'client_assertion.metadata.unusable'], path)
    }
    assert.equal(asked['/moved-to.json'], undefined, 'a redirect is not followed')
  })

  it('is not read from a server that nobody vouches for', async () => {
    for (const at of ['unsigned', 'elsewhere']) {
      answers[`/${at}.json`] = () => ({ body: document(`/${at}.json`, {}, at) })
      const { status, error, reason } = await ask(id(`/${at}.json`, at))
      assert.deepEqual([status, error, reason], [503, 'temporarily_unavailable', 'client_assertion.key.unavailable.certificate'], at)
      assert.equal(asked[`/${at}.json`], undefined, 'nothing was sent')
    }
  })
})
