/** `limits` in a real Envoy with two workers, which count together. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'

import { freePort } from '../node/support/ports.mjs'
import { cluster, envoy, listener, noEnvoy } from './support/envoy.mjs'
import { SECRET, clustersOf, filter, ownKey, service } from './support/filter.mjs'
import { send } from './support/http.mjs'
import { Issuer } from './support/issuer.mjs'

const FAILURES = 6
/** Seconds after which one more failure is let through. */
const INTERVAL = 60 / FAILURES
const REQUESTS = 10

describe('two workers of an authority', { skip: noEnvoy, timeout: 120_000 }, () => {
  let proxy, port
  before(async () => {
    port = await freePort()
    const idp = new Issuer(9)
    const config = { ...service(await ownKey(), { idp }), limits: { failuresPerMinute: FAILURES, requestsPerSecond: REQUESTS } }
    const authority = filter({ mode: 'authority', config, clusters: clustersOf({ idp }) })
    proxy = await envoy({
      listeners: [listener('authority', port, [authority], 'upstream')],
      clusters: [cluster('upstream', 9), cluster('idp', 9)],
    })
  })
  after(() => proxy?.stop())

  /** A token request over a connection of its own; Envoy gives them to its workers in turn. */
  async function status(secret) {
    const headers = { authorization: `Basic ${btoa(`edge:${secret}`)}`, 'content-type': 'application/x-www-form-urlencoded' }
    return (await send(port, '/oauth2/token', { method: 'POST', headers, body: 'grant_type=client_credentials' })).status
  }

  it('serve a client as many requests in a second as one does', async () => {
    let served = 0
    await setTimeout(1000 - (Date.now() % 1000))
    const began = Date.now()
    while (Date.now() - began < 3900) {
      const answers = await Promise.all(Array.from({ length: 4 }, () => status(SECRET)))
      served += answers.filter((one) => one !== 429).length
    }
    const seconds = Math.ceil((Date.now() - began) / 1000)
    assert.ok(served >= REQUESTS * (seconds - 1) && served <= REQUESTS * (seconds + 1), `${served} in ${seconds} s`)
  })

  // The last one: this machine is turned away then.
  it('let as many attempts fail as one does, and the other one more', async () => {
    const began = Date.now()
    let failed = 0
    for (let attempt = 0; attempt < 60; attempt++) if ((await status('wrong')) === 401) failed++
    const since = Math.ceil((Date.now() - began) / 1000 / INTERVAL)
    assert.ok(failed >= FAILURES && failed <= FAILURES + 1 + since, `${failed} failed`)
    assert.deepEqual(await Promise.all(Array.from({ length: 8 }, () => status(SECRET))), Array(8).fill(429))
  })
})
