/** Client certificates over real TLS (RFC 8705): a server of `node:https`, with certificates by OpenSSL. */
import assert from 'node:assert/strict'
import { X509Certificate, createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, request } from 'node:https'
import { after, before, beforeEach, describe, it } from 'node:test'

import { createExchequer, generateKey, nodeHandler } from 'exchequer/node'
import { decodeJwt } from 'jose'

import { authority } from './support/certificates.mjs'

const CLIENT_CREDENTIALS = 'client_credentials'
const x5t = ({ cert }) => createHash('sha256').update(new X509Certificate(cert).raw).digest('base64url')

describe('client certificates over TLS', () => {
  let made, server, sts, api, certificates
  before(async () => {
    made = authority()
    certificates = {
      server: made.signed('server', '/CN=localhost', 'DNS:localhost,IP:127.0.0.1'),
      deployer: made.signed('deployer', '/O=Acme/CN=deployer', 'DNS:deployer.acme.example'),
      other: made.signed('other', '/O=Acme/CN=other'),
      // The same names, and nobody signed for them.
      forged: made.selfSigned('forged', '/O=Acme/CN=deployer', 'DNS:deployer.acme.example'),
      robot: made.selfSigned('robot', '/CN=robot'),
    }
    const bound = { type: 'machine', grantTypes: [CLIENT_CREDENTIALS] }
    sts = await createExchequer({
      issuer: 'https://localhost',
      keys: [generateKey()],
      applications: [
        { ...bound, clientId: 'deployer', mtls: { subjectDn: 'CN=deployer,O=Acme', required: true } },
        { ...bound, clientId: 'by-dns', mtls: { sanDns: 'deployer.acme.example' } },
        { ...bound, clientId: 'robot', mtls: { certificates: [certificates.robot.cert], required: true } },
      ],
    })
    const handler = nodeHandler(sts)
    const { key, cert } = certificates.server
    server = createServer({ key, cert, ca: made.ca, requestCert: true, rejectUnauthorized: false }, (incoming, response) => {
      if (incoming.url !== '/api') return handler(incoming, response)
      const certificate = incoming.socket.getPeerX509Certificate()
      const presented = certificate && { der: certificate.raw, verified: incoming.socket.authorized }
      const token = incoming.headers.authorization.replace(/^Bearer /, '')
      sts.authenticate(token, { certificate: presented }).then(
        (claims) => response.end(JSON.stringify(claims)),
        (error) => response.writeHead(error.response.status, Object.fromEntries(error.response.headers)).end(JSON.stringify({ reason: error.reason })),
      )
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    api = (token, client) => send('/api', { client, headers: { authorization: `Bearer ${token}` } })
  })
  after(async () => {
    server?.close()
    server?.closeAllConnections()
    await sts?.close()
    made?.remove()
  })

  async function send(path, { client, headers = {}, form } = {}) {
    const body = form && new URLSearchParams(form).toString()
    const sent = request({
      host: '127.0.0.1', port: server.address().port, path, method: body ? 'POST' : 'GET', ca: made.ca, agent: false,
      ...(client && { key: client.key, cert: client.cert }),
      headers: { ...headers, ...(body && { 'content-type': 'application/x-www-form-urlencoded' }) },
    })
    sent.end(body)
    const [reply] = await once(sent, 'response')
    let text = ''
    for await (const chunk of reply) text += chunk
    return { status: reply.statusCode, headers: reply.headers, json: JSON.parse(text) }
  }
  const token = (clientId, client, headers) => send('/oauth2/token', { client, headers, form: { grant_type: CLIENT_CREDENTIALS, client_id: clientId } })

  it('authenticates a client whose certificate the authority signed, and binds its token', async () => {
    const { status, json } = await token('deployer', certificates.deployer)
    assert.equal(status, 200, JSON.stringify(json))
    assert.equal(json.token_type, 'Bearer')
    assert.deepEqual(decodeJwt(json.access_token).cnf, { 'x5t#S256': x5t(certificates.deployer) })
    assert.equal((await token('by-dns', certificates.deployer)).status, 200)
  })

  it('refuses the same names in a certificate that nobody signed', async () => {
    for (const clientId of ['deployer', 'by-dns']) {
      const { status, json } = await token(clientId, certificates.forged)
      assert.deepEqual([status, json.error], [401, 'invalid_client'])
    }
  })

  it('refuses another certificate, and none', async () => {
    assert.equal((await token('deployer', certificates.other)).status, 401)
    assert.equal((await token('deployer', undefined)).status, 401)
  })

  it('takes a certificate that signed itself where it is registered', async () => {
    const { status, json } = await token('robot', certificates.robot)
    assert.equal(status, 200, JSON.stringify(json))
    assert.deepEqual(decodeJwt(json.access_token).cnf, { 'x5t#S256': x5t(certificates.robot) })
    assert.equal((await token('robot', certificates.forged)).status, 401)
  })

  it('does not look at a header field of a client', async () => {
    const raw = new X509Certificate(certificates.deployer.cert).raw
    const headers = { 'client-cert': `:${raw.toString('base64')}:`, 'x-forwarded-client-cert': `Hash=${createHash('sha256').update(raw).digest('hex')};Subject="CN=deployer,O=Acme"` }
    assert.equal((await token('deployer', undefined, headers)).status, 401)
    assert.equal((await token('deployer', certificates.other, headers)).status, 401)
  })

  it('refuses a bound token without its certificate (FAPI-09)', async () => {
    const { json } = await token('deployer', certificates.deployer)
    const good = await api(json.access_token, certificates.deployer)
    assert.equal(good.status, 200, JSON.stringify(good.json))
    assert.equal(good.json.client_id, 'deployer')
    for (const [client, reason] of [[certificates.other, 'binding.other_certificate'], [undefined, 'binding.no_certificate']]) {
      const bad = await api(json.access_token, client)
      assert.deepEqual([bad.status, bad.json.reason], [401, reason])
      assert.match(bad.headers['www-authenticate'], /^Bearer .*error="invalid_token"/)
    }
  })
})

describe('a proxy that hands in certificates', () => {
  let made, sts, cert
  before(async () => {
    made = authority()
    cert = made.signed('deployer', '/O=Acme/CN=deployer')
    sts = await createExchequer({
      issuer: 'https://sts.example.com',
      keys: [generateKey()],
      clientCertificate: { header: 'client-cert', from: ['127.0.0.1'], verifiesChains: true },
      applications: [{ clientId: 'deployer', type: 'machine', grantTypes: [CLIENT_CREDENTIALS], mtls: { subjectDn: 'CN=deployer,O=Acme' } }],
    })
  })
  after(async () => {
    await sts?.close()
    made?.remove()
  })

  it('is believed at its address alone, over a real connection', async () => {
    const { createServer: plain } = await import('node:http')
    const value = `:${new X509Certificate(cert.cert).raw.toString('base64')}:`
    // A socket for both versions of IP writes the address as IPv6.
    for (const [host, from, status] of [['127.0.0.1', '127.0.0.1', 200], ['::', '127.0.0.1', 200], ['127.0.0.1', '127.0.0.2', 401]]) {
      const server = plain(nodeHandler(sts)).listen(0, host)
      await once(server, 'listening')
      const { request: ask } = await import('node:http')
      const sent = ask({ host: '127.0.0.1', localAddress: from, port: server.address().port, path: '/oauth2/token', method: 'POST', agent: false, headers: { 'content-type': 'application/x-www-form-urlencoded', 'client-cert': value } })
      sent.end(new URLSearchParams({ grant_type: CLIENT_CREDENTIALS, client_id: 'deployer' }).toString())
      const [reply] = await once(sent, 'response')
      reply.resume()
      assert.equal(reply.statusCode, status, `${host} from ${from}`)
      server.close()
      server.closeAllConnections()
    }
  })

  it('of Cloudflare says thumbprint and subject', async () => {
    const sha256 = createHash('sha256').update(new X509Certificate(cert.cert).raw).digest('hex')
    const said = { certPresented: '1', certVerified: 'SUCCESS', certRevoked: '0', certSubjectDNRFC2253: 'CN=deployer,O=Acme', certFingerprintSHA256: sha256 }
    const ask = async (tlsClientAuth) => {
      const request = new Request('https://sts.example.com/oauth2/token', { method: 'POST', body: new URLSearchParams({ grant_type: CLIENT_CREDENTIALS, client_id: 'deployer' }) })
      Object.defineProperty(request, 'cf', { value: { tlsClientAuth } })
      return (await sts.fetch(request)).status
    }
    assert.equal(await ask(said), 200)
    for (const change of [{ certPresented: '0' }, { certVerified: 'FAILED:self signed certificate' }, { certRevoked: '1' }, { certSubjectDNRFC2253: 'CN=other,O=Acme' }, { certFingerprintSHA256: '' }]) {
      assert.equal(await ask({ ...said, ...change }), 401, JSON.stringify(change))
    }
  })
})

describe('a certificate of a request that failed in between', () => {
  let made, sts, certificate
  let now = Math.floor(Date.now() / 1000)
  before(async () => {
    made = authority()
    const { raw } = new X509Certificate(made.signed('deployer', '/O=Acme/CN=deployer').cert)
    certificate = { der: new Uint8Array(raw), verified: true }
    sts = await createExchequer(
      {
        issuer: 'https://sts.example.com',
        keys: [generateKey()],
        applications: [{ clientId: 'deployer', type: 'machine', grantTypes: [CLIENT_CREDENTIALS], mtls: { subjectDn: 'CN=deployer,O=Acme', required: true } }],
      },
      { now: () => now },
    )
  })
  beforeEach(() => (now = Math.floor(Date.now() / 1000)))
  after(async () => {
    await sts?.close()
    made?.remove()
  })

  const form = ['content-type', 'application/x-www-form-urlencoded']
  const asked = (more) => sts.handle({ method: 'POST', target: '/oauth2/token', headers: form, body: `grant_type=${CLIENT_CREDENTIALS}&client_id=deployer`, ...more })
  const token = async () => JSON.parse(new TextDecoder().decode((await asked({ certificate })).body)).access_token
  const admitted = (access, options) => sts.authenticate(access, options)

  it('authenticates no other one', async () => {
    assert.equal((await asked({ certificate })).status, 200)
    const failing = [
      { body: null }, { body: 5n }, { headers: null }, { headers: ['a', Symbol('no text')] }, { target: Symbol('no text') }, { method: { toString: () => assert.fail('no text') } },
      { certificate: { ...certificate, der: 'text' } },
    ]
    for (const wrong of failing) {
      await assert.rejects(async () => asked({ certificate, ...wrong }), `${Object.keys(wrong)}`)
      assert.equal((await asked()).status, 401, `behind a wrong ${Object.keys(wrong)}`)
    }
    now = Number.NaN
    await assert.rejects(async () => asked({ certificate }), /the clock/)
    now = Math.floor(Date.now() / 1000)
    assert.equal((await asked()).status, 401)
  })

  it('lets no stolen token in', async () => {
    const access = await token()
    assert.equal((await admitted(access, { certificate })).client_id, 'deployer')
    const failing = [{ audience: null }, { audience: [5] }, { scopes: 5 }, { dpop: { proof: 5, method: 'GET', url: 'https://a' } }]
    for (const wrong of failing) {
      await assert.rejects(admitted(access, { certificate, ...wrong }), TypeError)
      await assert.rejects(admitted(access, {}), { reason: 'binding.no_certificate' })
    }
    now = Number.NaN
    await assert.rejects(admitted(access, { certificate }), /the clock/)
    now = Math.floor(Date.now() / 1000)
    await assert.rejects(admitted(access, {}), { reason: 'binding.no_certificate' })
  })

  it('is refused when it is of no form that is known', async () => {
    for (const wrong of [null, {}, { der: 'MIIB', verified: true }, { sha256: 5, verified: true }, 'MIIB']) {
      await assert.rejects(async () => asked({ certificate: wrong }), /`certificate` has neither `der`, bytes, nor `sha256`, text/)
    }
    // What does not say true says that nobody verified it.
    for (const verified of ['true', 1, undefined]) assert.equal((await asked({ certificate: { ...certificate, verified } })).status, 401)
  })
})
