/**
 * Tokens that are bound to a client certificate (RFC 8705), at a gateway in a real Envoy that ends TLS: the filter
 * compares the certificate of the connection.
 */
import assert from 'node:assert/strict'
import { X509Certificate, createHash } from 'node:crypto'
import { once } from 'node:events'
import { request } from 'node:https'
import { after, before, describe, it } from 'node:test'

import { decodeJwt } from 'jose'

import { authority } from '../node/support/certificates.mjs'
import { freePort } from '../node/support/ports.mjs'
import { cluster, envoy, listener, noEnvoy } from './support/envoy.mjs'
import { clustersOf, filter, ownKey, service } from './support/filter.mjs'
import { Issuer } from './support/issuer.mjs'
import { upstream } from './support/upstream.mjs'

const TLS = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext'
const digest = (cert, encoding) => createHash('sha256').update(new X509Certificate(cert).raw).digest(encoding)

/** A listener that asks for client certificates. */
function certified(port, filters, { server, ca }) {
  const made = listener('gateway', port, filters, 'upstream')
  const certificate = { certificate_chain: { inline_string: server.cert }, private_key: { inline_string: server.key } }
  const common_tls_context = { tls_certificates: [certificate], validation_context: { trusted_ca: { inline_string: ca } } }
  made.filter_chains[0].transport_socket = { name: 'envoy.transport_sockets.tls', typed_config: { '@type': TLS, common_tls_context } }
  return made
}

describe('a gateway that ends TLS', { skip: noEnvoy }, () => {
  let made, issuer, target, proxy, port, client, other
  before(async () => {
    made = authority()
    client = made.signed('client', '/CN=client')
    other = made.signed('other', '/CN=other')
    issuer = await new Issuer(await freePort()).start()
    target = await upstream()
    port = await freePort()
    const issuers = { idp: issuer }
    const configuration = {
      mode: 'gateway', clusters: clustersOf(issuers), gateway: { clientId: 'edge' },
      config: { ...service(await ownKey(), issuers), caches: { verifiedTokens: {}, issuedTokens: {} } },
    }
    const tls = { server: made.signed('server', '/CN=localhost', 'IP:127.0.0.1'), ca: made.ca }
    proxy = await envoy({
      listeners: [certified(port, [filter(configuration)], tls)],
      clusters: [cluster('upstream', target.port), cluster('idp', Number(new URL(issuer.url).port))],
    })
  })
  after(async () => {
    await proxy?.stop()
    await target?.stop()
    await issuer?.stop()
    made?.remove()
  })

  async function get(token, certificate, headers = {}) {
    const sent = request({
      host: '127.0.0.1', port, path: '/orders', ca: made.ca, agent: false,
      ...(certificate && { key: certificate.key, cert: certificate.cert }),
      headers: { authorization: `Bearer ${token}`, ...headers },
    })
    sent.end()
    const [reply] = await once(sent, 'response')
    let text = ''
    for await (const chunk of reply) text += chunk
    return { status: reply.statusCode, challenge: reply.headers['www-authenticate'], json: JSON.parse(text) }
  }
  const bound = () => issuer.token({ cnf: { 'x5t#S256': digest(client.cert, 'base64url') } })

  it('lets a bound token pass with its certificate, and binds what it issues', async () => {
    const token = await bound()
    for (let again = 0; again < 4; again++) {
      const { status, json } = await get(token, client)
      assert.equal(status, 200, JSON.stringify(json))
      const ours = decodeJwt(json.headers.authorization.replace('Bearer ', ''))
      assert.deepEqual(ours.cnf, { 'x5t#S256': digest(client.cert, 'base64url') })
    }
  })

  it('refuses it with another certificate and without one, also after it passed', async () => {
    const token = await bound()
    assert.equal((await get(token, client)).status, 200)
    for (const [certificate, why] of [[other, 'another client certificate'], [undefined, 'the request has none']]) {
      for (let again = 0; again < 4; again++) {
        const { status, challenge } = await get(token, certificate)
        assert.equal(status, 401)
        assert.ok(challenge.includes(why), challenge)
      }
    }
  })

  it('does not take the word of a header field', async () => {
    const headers = { 'x-forwarded-client-cert': `Hash=${digest(client.cert, 'hex')}` }
    assert.equal((await get(await bound(), other, headers)).status, 401)
    assert.equal((await get(await bound(), undefined, headers)).status, 401)
  })

  it('lets tokens pass that are not bound, whatever the certificate', async () => {
    for (const certificate of [client, other, undefined]) {
      const { status, json } = await get(await issuer.token(), certificate)
      assert.equal(status, 200)
      assert.equal(decodeJwt(json.headers.authorization.replace('Bearer ', '')).cnf, undefined)
    }
  })
})
