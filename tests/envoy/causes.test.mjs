/**
 * Why keys could not be fetched, as a real Envoy says it: the filter sees only the
 * reply that the proxy makes in the place of a server that it did not reach. Of a
 * certificate that it does not trust it says no more than that it did not connect.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import { authority } from '../node/support/authority.mjs'
import { freePort } from '../node/support/ports.mjs'
import { cluster, envoy, listener, noEnvoy } from './support/envoy.mjs'
import { API, SECRET, clustersOf, filter, ownKey, service } from './support/filter.mjs'
import { send } from './support/http.mjs'
import { Issuer } from './support/issuer.mjs'

/** An issuer behind TLS. */
class SecuredIssuer extends Issuer {
  get url() {
    return super.url.replace('http:', 'https:')
  }
}

/** A cluster whose server must show a certificate of this authority. */
function secured(name, port, ca) {
  const validation = { trusted_ca: { filename: ca } }
  const context = { '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext', common_tls_context: { validation_context: validation } }
  return { ...cluster(name, port), transport_socket: { name: 'tls', typed_config: context } }
}

describe('causes that a real Envoy tells', { skip: noEnvoy }, () => {
  let directory, issuers, server, proxy, port
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'exchequer-causes-'))
    const made = (name) => {
      mkdirSync(join(directory, name))
      return authority(join(directory, name), 'localhost')
    }
    const [own, other] = [made('own'), made('other')]
    const ports = { gone: await freePort(), slow: await freePort(), untrusted: await freePort() }
    issuers = { gone: new Issuer(ports.gone), slow: await new Issuer(ports.slow).start(), untrusted: new SecuredIssuer(ports.untrusted) }
    for (const issuer of [issuers.gone, issuers.untrusted]) await issuer.rotate()
    issuers.slow.held = new Promise(() => undefined)
    server = createServer(own.tls, (_, response) => response.end('{"keys":[]}')).listen(ports.untrusted, '127.0.0.1')
    await once(server, 'listening')
    const config = service(await ownKey(), issuers)
    for (const trusted of config.trustedTokenIssuers) trusted.readTimeoutMs = 500
    port = await freePort()
    proxy = await envoy({
      listeners: [listener('authority', port, [filter({ mode: 'authority', config, clusters: clustersOf(issuers) })], 'gone')],
      clusters: [cluster('gone', ports.gone), cluster('slow', ports.slow), secured('untrusted', ports.untrusted, other.ca)],
    })
  })
  after(async () => {
    await proxy?.stop()
    await issuers?.slow.stop()
    server?.closeAllConnections()
    server?.close()
    rmSync(directory, { recursive: true, force: true })
  })

  for (const [name, said] of Object.entries({
    gone: /their server could not be connected to/,
    slow: /their server did not answer in time/,
    untrusted: /their server could not be connected to/,
  })) {
    it(`a server that is ${name}`, async () => {
      const form = { grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange', subject_token: await issuers[name].token(), audience: API }
      const body = new URLSearchParams({ ...form, subject_token_type: 'urn:ietf:params:oauth:token-type:access_token' })
      const authorization = `Basic ${Buffer.from(`edge:${SECRET}`).toString('base64')}`
      const headers = { authorization, 'content-type': 'application/x-www-form-urlencoded' }
      const { status, json } = await send(port, '/oauth2/token', { method: 'POST', headers, body: String(body) })
      assert.equal(status, 503)
      assert.equal(json.error, 'temporarily_unavailable')
      assert.match(json.error_description, said)
    })
  }
})
