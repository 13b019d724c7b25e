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

/** An authority in Envoy with these limits, and its port. */
async function authority(limits, settings) {
  const port = await freePort()
  const idp = new Issuer(9)
  const config = { ...service(await ownKey(), { idp }), limits }
  const authority = filter({ mode: 'authority', config, clusters: clustersOf({ idp }) })
  const proxy = await envoy({
    listeners: [listener('authority', port, [authority], 'upstream', settings)],
    clusters: [cluster('upstream', 9), cluster('idp', 9)],
  })
  return { proxy, port }
}

/** A token request over a connection of its own; Envoy gives them to its workers in turn. */
async function attempt(port, secret, { from, more = {} } = {}) {
  const headers = { authorization: `Basic ${btoa(`edge:${secret}`)}`, 'content-type': 'application/x-www-form-urlencoded', ...more }
  return (await send(port, '/oauth2/token', { method: 'POST', headers, from, body: 'grant_type=client_credentials' })).status
}

describe('two workers of an authority', { skip: noEnvoy, timeout: 120_000 }, () => {
  let proxy, port
  before(async () => {
    ;({ proxy, port } = await authority({ failuresPerMinute: FAILURES, requestsPerSecond: REQUESTS }))
  })
  after(() => proxy?.stop())

  const status = (secret) => attempt(port, secret)

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

/** Sends this in X-Forwarded-For. */
const forwarded = (address) => ({ 'x-forwarded-for': address })

describe('an authority whose clients write X-Forwarded-For', { skip: noEnvoy, timeout: 120_000 }, () => {
  const [GUESSER, ATTACKER, VICTIM] = ['127.0.0.2', '127.0.0.3', '127.0.0.4']
  let proxy, port
  before(async () => {
    ;({ proxy, port } = await authority({ failuresPerMinute: FAILURES }))
  })
  after(() => proxy?.stop())

  it('turns a client away that writes another address each time', async () => {
    const began = Date.now()
    let failed = 0
    for (let number = 1; number <= 60; number++) {
      if ((await attempt(port, 'wrong', { from: GUESSER, more: forwarded(`203.0.113.${number}`) })) === 401) failed++
    }
    const since = Math.ceil((Date.now() - began) / 1000 / INTERVAL)
    assert.ok(failed >= FAILURES && failed <= FAILURES + 1 + since, `${failed} failed`)
  })

  it('turns nobody away whose address another one writes', async () => {
    for (let number = 0; number < 60; number++) await attempt(port, 'wrong', { from: ATTACKER, more: forwarded(VICTIM) })
    assert.notEqual(await attempt(port, SECRET, { from: VICTIM }), 429)
    assert.equal(await attempt(port, SECRET, { from: ATTACKER, more: forwarded(VICTIM) }), 429)
  })
})

describe('an authority behind a proxy', { skip: noEnvoy, timeout: 120_000 }, () => {
  const CLIENT = '203.0.113.7'
  let proxy, port
  before(async () => {
    ;({ proxy, port } = await authority({ failuresPerMinute: FAILURES }, { xff_num_trusted_hops: 1 }))
  })
  after(() => proxy?.stop())

  /** What the proxy appends is the last address; what stands before it was written by the client. */
  const through = (secret, client, written) => attempt(port, secret, { more: forwarded(`${written}, ${client}`) })

  it('counts for the address that the proxy appends', async () => {
    for (let number = 1; number <= 60; number++) await through('wrong', CLIENT, `198.51.100.${number}`)
    assert.equal(await through(SECRET, CLIENT, '198.51.100.200'), 429)
    assert.notEqual(await through(SECRET, '203.0.113.8', CLIENT), 429)
  })
})
