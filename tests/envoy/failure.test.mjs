/** Configurations that are wrong, and a filter that traps. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'

import { freePort } from '../node/support/ports.mjs'
import { trap, trapping } from './support/altered.mjs'
import { cluster, envoy, listener, noEnvoy } from './support/envoy.mjs'
import { API, SECRET, WASM, clustersOf, filter, ownKey, service } from './support/filter.mjs'
import { bearer, send } from './support/http.mjs'
import { Issuer } from './support/issuer.mjs'
import { upstream } from './support/upstream.mjs'

/** How long Envoy lets a request wait. */
const IDLE = '3s'
const PATIENCE_MS = 30_000

describe('a filter that is configured wrongly', { skip: noEnvoy }, () => {
  const refused = async (change) => {
    const idp = new Issuer(9)
    const config = service(await ownKey(), { idp })
    const configuration = { mode: 'gateway', config, clusters: clustersOf({ idp }), gateway: { clientId: 'edge' } }
    change(configuration)
    const listeners = [listener('gateway', await freePort(), [filter(configuration)], 'upstream')]
    const started = envoy({ listeners, clusters: [cluster('upstream', 9)] })
    return started.then(
      (proxy) => proxy.stop().then(() => assert.fail('it started')),
      (error) => error.message,
    )
  }

  it('does not start, and says every problem with its path and remedy', async () => {
    const log = await refused((one) => {
      one.config.keys = []
      one.clusters = {}
      one.gateway.clientId = 'edgy'
    })
    assert.match(log, /configuration: `config\.keys`: the configuration has no key, and this host has no store/)
    assert.match(log, /configuration: `clusters`: there is no cluster for `http:\/\/127\.0\.0\.1:9\/jwks`; add /)
    assert.match(log, /configuration: `gateway\.clientId`: there is no application `edgy`; did you mean `edge`\?/)
  })

  it('says where a field is misspelt, and which secret is missing, and shows none', async () => {
    const misspelt = await refused((one) => (one.config.isuer = 'x'))
    assert.match(misspelt, /configuration: `config\.isuer`: .* did you mean `issuer`\?/)
    let key
    const missing = await refused((one) => {
      key = one.config.keys[0].d
      one.config.applications[0].clientSecret = { env: 'NOT_THERE' }
    })
    assert.match(missing, /`config\.applications\[0\]\.clientSecret`: the environment variable `NOT_THERE` cannot be read/)
    assert.ok(!missing.includes(key))
  })
})

describe('a filter that traps', { skip: noEnvoy }, () => {
  const MODES = ['gateway', 'authority']
  const ports = {}
  let directory, idp, slow, target, proxy
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'exchequer-trap-'))
    const wasm = join(directory, 'trap.wasm')
    writeFileSync(wasm, trapping(readFileSync(WASM)))
    idp = await new Issuer(await freePort()).start()
    slow = await new Issuer(await freePort()).start()
    target = await upstream()
    const clusters = clustersOf({ idp, slow })
    const both = { config: service(await ownKey(), { idp, slow }), clusters }
    // Whoever waits for the slow one waits longer than Envoy lets them.
    both.config.trustedTokenIssuers[1].readTimeoutMs = 4000
    const gateway = { clientId: 'edge', audience: [API] }
    const configurations = { gateway: { mode: 'gateway', ...both, gateway }, authority: { mode: 'authority', ...both } }
    for (const mode of MODES) ports[mode] = await freePort()
    const port = ({ url }) => Number(new URL(url).port)
    proxy = await envoy({
      listeners: MODES.map((mode) => listener(mode, ports[mode], [filter(configurations[mode], { wasm })], 'upstream', { stream_idle_timeout: IDLE })),
      clusters: [cluster('upstream', target.port), cluster('idp', port(idp)), cluster('slow', port(slow))],
    })
  })
  after(async () => {
    await Promise.all([proxy?.stop(), target?.stop(), idp?.stop(), slow?.stop()])
    rmSync(directory, { recursive: true, force: true })
  })

  const get = (headers) => send(ports.gateway, '/orders', { headers })
  const exchange = (subject_token) => {
    const form = { grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange', subject_token, audience: API }
    const body = new URLSearchParams({ ...form, subject_token_type: 'urn:ietf:params:oauth:token-type:access_token' })
    const authorization = `Basic ${Buffer.from(`edge:${SECRET}`).toString('base64')}`
    const headers = { authorization, 'content-type': 'application/x-www-form-urlencoded' }
    return send(ports.authority, '/oauth2/token', { method: 'POST', headers, body: String(body) })
  }
  /** The first that is 200. Until its VM is there again, a worker answers 503 and passes nothing. */
  const recovered = async (ask) => {
    for (const late = Date.now() + PATIENCE_MS; Date.now() < late; ) {
      const reply = await ask()
      if (reply.status === 200) return reply
      assert.equal(reply.status, 503)
      await setTimeout(50)
    }
    return assert.fail('it does not come back')
  }

  it('passes none of those who wait, and Envoy answers them 503 when they have waited long enough', async () => {
    let release
    slow.held = new Promise((resolve) => (release = resolve))
    const token = await slow.token()
    // Some of each kind at both workers, and as many that trap.
    const waiting = Array.from({ length: 8 }, (_, index) => (index % 2 ? get(bearer(token)) : exchange(token)))
    for (let tries = 0; (await proxy.count('waiting')) < waiting.length; tries++) assert.ok(tries < 100, 'they do not wait')
    const traps = await Promise.all(waiting.map(() => get(trap())))
    assert.deepEqual(new Set(traps.map(({ status }) => status)), new Set([503]))
    const replies = await Promise.all(waiting)
    assert.deepEqual(new Set(replies.map(({ status }) => status)), new Set([503]))
    release()
    assert.equal(target.seen.length, 0)
    await recovered(() => get(bearer(token)))
    await recovered(() => exchange(token))
    assert.equal(target.seen.length, 1)
  })

  it('answers 503, and the next request passes', async () => {
    const headers = bearer(await idp.token())
    await recovered(() => get(headers))
    const passed = target.seen.length
    assert.equal((await get(trap())).status, 503)
    assert.equal(target.seen.length, passed)
    const reply = await recovered(() => get(headers))
    assert.match(reply.json.headers.authorization, /^Bearer ey/)
    assert.notEqual(reply.json.headers.authorization, headers.authorization)
    assert.equal(idp.fetches, 1, 'keys survive in the shared data')
  })

  it('does so as the service itself, too', async () => {
    const token = await idp.token()
    await recovered(() => exchange(token))
    assert.equal((await send(ports.authority, '/oauth2/jwks', { headers: trap() })).status, 503)
    const { json } = await recovered(() => exchange(token))
    assert.match(json.access_token, /^ey/)
    assert.equal(idp.fetches, 1)
  })
})
