/** Fetches of the filter in a real Envoy: those of one document within different limits, and those that the proxy does not send. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'

import { freePort } from '../node/support/ports.mjs'
import { cluster, envoy, listener, noEnvoy } from './support/envoy.mjs'
import { API, filter, ownKey, service } from './support/filter.mjs'
import { bearer, send } from './support/http.mjs'
import { Issuer } from './support/issuer.mjs'
import { upstream } from './support/upstream.mjs'

describe('fetches of the filter', { skip: noEnvoy, timeout: 120_000 }, () => {
  let shared, target, proxy, port
  before(async () => {
    shared = await new Issuer(await freePort()).start()
    target = await upstream()
    const issuer = (name, url, readTimeoutMs) => ({ ...shared.trusted(name), issuer: `https://${name}.example.com`, certificate: { jwksUri: url }, readTimeoutMs })
    const config = service(await ownKey(), { hasty: shared, patient: shared, empty: shared, missing: shared })
    config.trustedTokenIssuers = [
      issuer('hasty', `${shared.url}/jwks`, 1000),
      issuer('patient', `${shared.url}/jwks`, 30_000),
      issuer('empty', 'https://empty.example.com/jwks', 1000),
      issuer('missing', 'https://missing.example.com/jwks', 1000),
    ]
    const clusters = { [shared.url]: 'shared', 'https://empty.example.com': 'empty', 'https://missing.example.com': 'missing' }
    port = await freePort()
    proxy = await envoy({
      listeners: [listener('gateway', port, [filter({ mode: 'gateway', config, clusters, gateway: { clientId: 'edge', audience: [API] } })], 'upstream')],
      clusters: [
        cluster('upstream', target.port),
        cluster('shared', Number(new URL(shared.url).port)),
        { ...cluster('empty', 9), load_assignment: { cluster_name: 'empty', endpoints: [] } },
      ],
    })
  })
  after(async () => {
    await Promise.all([proxy?.stop(), target?.stop(), shared?.stop()])
  })

  const ask = async (name) => send(port, '/orders', { headers: bearer(await shared.token({ iss: `https://${name}.example.com` })) })

  it('do not fail because the same document was fetched with less patience', async () => {
    let release
    shared.held = new Promise((resolve) => (release = resolve))
    const hasty = ask('hasty')
    while (shared.fetches === 0) await setTimeout(10)
    const patient = ask('patient')
    assert.equal((await hasty).status, 503)
    release()
    assert.equal((await patient).status, 200)
  })

  it('are logged and counted when no host takes them', async () => {
    const failed = await proxy.count('fetch_failed')
    assert.equal((await ask('empty')).status, 503)
    await proxy.counted('fetch_failed', failed + 1)
    const log = await proxy.said('the proxy sends nothing to the cluster `empty`: it has no healthy host, or all are overloaded')
    assert.doesNotMatch(log, /has no cluster `empty`/)
  })

  it('are logged and counted when there is no such cluster', async () => {
    const failed = await proxy.count('fetch_failed')
    assert.equal((await ask('missing')).status, 503)
    await proxy.counted('fetch_failed', failed + 1)
    await proxy.said('the proxy has no cluster `missing`')
  })
})
