/**
 * A real Envoy ends TLS, verifies client certificates that OpenSSL made, and hands them in to a server behind it
 * in `x-forwarded-client-cert` (RFC 8705).
 */
import assert from 'node:assert/strict'
import { X509Certificate, createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { request } from 'node:https'
import { after, before, describe, it } from 'node:test'

import { createExchequer, generateKey, nodeHandler } from 'exchequer/node'
import { decodeJwt } from 'jose'

import { authority } from '../node/support/certificates.mjs'
import { freePort } from '../node/support/ports.mjs'
import { cluster, envoy, listener, noEnvoy } from './support/envoy.mjs'

const TLS = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext'
const digest = (cert, encoding) => createHash('sha256').update(new X509Certificate(cert).raw).digest(encoding)

/** A listener that asks for client certificates and writes what it found into the header field. */
function certified(name, port, { server, ca }, handed) {
  const manager = { forward_client_cert_details: 'SANITIZE_SET', set_current_client_cert_details: handed }
  const made = listener(name, port, [], 'sts', manager)
  made.filter_chains[0].transport_socket = {
    name: 'envoy.transport_sockets.tls',
    typed_config: {
      '@type': TLS,
      common_tls_context: {
        tls_certificates: [{ certificate_chain: { inline_string: server.cert }, private_key: { inline_string: server.key } }],
        validation_context: { trusted_ca: { inline_string: ca } },
      },
    },
  }
  return made
}

describe('Envoy hands in client certificates', { skip: noEnvoy }, () => {
  let made, sts, server, proxy, ports, deployer, robot, forged
  before(async () => {
    made = authority()
    deployer = made.signed('deployer', '/O=Acme, Inc./CN=deployer', 'DNS:deployer.acme.example')
    robot = made.signed('robot', '/CN=robot', 'URI:spiffe://acme.example/robot')
    forged = made.selfSigned('forged', '/O=Acme, Inc./CN=deployer')
    const machine = { type: 'machine', grantTypes: ['client_credentials'] }
    sts = await createExchequer({
      issuer: 'https://sts.example.com',
      keys: [generateKey()],
      clientCertificate: { header: 'x-forwarded-client-cert', from: ['127.0.0.1'], verifiesChains: true },
      applications: [
        { ...machine, clientId: 'deployer', mtls: { subjectDn: 'CN=deployer,O=Acme\\, Inc.', required: true } },
        { ...machine, clientId: 'robot', mtls: { sanUri: 'spiffe://acme.example/robot', required: true } },
      ],
    })
    server = createServer(nodeHandler(sts)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    ports = { described: await freePort(), whole: await freePort() }
    const server_ = made.signed('server', '/CN=localhost', 'IP:127.0.0.1')
    const listeners = [
      certified('described', ports.described, { server: server_, ca: made.ca }, { subject: true, uri: true, dns: true }),
      certified('whole', ports.whole, { server: server_, ca: made.ca }, { cert: true }),
    ]
    proxy = await envoy({ listeners, clusters: [cluster('sts', server.address().port)] })
  })
  after(async () => {
    await proxy?.stop()
    server?.close()
    server?.closeAllConnections()
    await sts?.close()
    made?.remove()
  })

  async function token(port, clientId, client, headers = {}) {
    const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId }).toString()
    const sent = request({
      host: '127.0.0.1', port, path: '/oauth2/token', method: 'POST', ca: made.ca, agent: false,
      ...(client && { key: client.key, cert: client.cert }),
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    })
    sent.end(form)
    const [reply] = await once(sent, 'response')
    let text = ''
    for await (const chunk of reply) text += chunk
    return { status: reply.statusCode, json: JSON.parse(text) }
  }

  for (const how of ['described', 'whole']) {
    it(`authenticates and binds: the certificate is ${how}`, async () => {
      for (const [clientId, client] of [['deployer', deployer], ['robot', robot]]) {
        const { status, json } = await token(ports[how], clientId, client)
        assert.equal(status, 200, JSON.stringify(json))
        assert.deepEqual(decodeJwt(json.access_token).cnf, { 'x5t#S256': digest(client.cert, 'base64url') })
      }
      assert.equal((await token(ports[how], 'deployer', robot)).status, 401)
    })

    it(`does not take the field of a client: the certificate is ${how}`, async () => {
      const headers = { 'x-forwarded-client-cert': `Hash=${digest(deployer.cert, 'hex')};Subject="CN=deployer,O=Acme\\, Inc."` }
      assert.equal((await token(ports[how], 'deployer', undefined, headers)).status, 401)
      assert.equal((await token(ports[how], 'deployer', robot, headers)).status, 401)
      await assert.rejects(token(ports[how], 'deployer', forged), 'Envoy ends the connection')
    })
  }
})
