/** Faults around the filter, in a real Envoy: as the service itself, as a gateway, and with a token endpoint elsewhere. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'

import { freePort } from '../node/support/ports.mjs'
import { TokenEndpoint } from './support/endpoint.mjs'
import { cluster, envoy, listener, noEnvoy } from './support/envoy.mjs'
import { API, SECRET, clustersOf, filter, ownKey, service } from './support/filter.mjs'
import { bearer, send } from './support/http.mjs'
import { Issuer } from './support/issuer.mjs'
import { upstream } from './support/upstream.mjs'

const FORM = 'application/x-www-form-urlencoded'
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'
const PATIENCE_MS = 30_000
/** As long as `Retry-After` says, and a little. */
const RETRY_MS = 1_100
/** A document so young is not fetched again. */
const YOUNG_MS = 5_100
/** More than the proxy keeps of a body. */
const LONG = 3 * 1024 * 1024

const ISSUERS = ['late', 'mute', 'rotating', 'slow', 'wordy', 'well']
/** How a request reaches the filter, by how the filter is used. */
const MODES = ['authority', 'gateway', 'elsewhere']

describe('around the filter', { skip: noEnvoy }, () => {
  const [ports, issuers] = [{}, {}]
  let target, endpoint, proxy
  before(async () => {
    // For each use its own, or one would know what another has fetched.
    for (const mode of MODES) for (const name of ISSUERS) issuers[`${name}-${mode}`] = new Issuer(await freePort())
    await Promise.all(Object.entries(issuers).map(([name, one]) => (name.startsWith('late') ? one.rotate() : one.start())))
    target = await upstream()
    endpoint = new TokenEndpoint(await freePort())
    const config = service(await ownKey(), issuers)
    const clusters = clustersOf(issuers)
    const gateway = { clientId: 'edge', audience: [API] }
    const remote = { cluster: 'endpoint', clientId: 'edge', clientSecret: { env: 'EDGE_SECRET' } }
    const configurations = {
      authority: { mode: 'authority', config, clusters },
      gateway: { mode: 'gateway', config, clusters, gateway },
      elsewhere: { mode: 'gateway', config, clusters, gateway: { ...gateway, remote } },
    }
    for (const mode of MODES) ports[mode] = await freePort()
    proxy = await envoy({
      listeners: MODES.map((mode) => {
        // As docs/envoy.md says for an authority and for a gateway, and as a gateway may have it.
        const own = filter(configurations[mode], { reading: mode !== 'gateway' })
        return listener(mode, ports[mode], [own], 'upstream')
      }),
      clusters: [
        cluster('upstream', target.port),
        cluster('endpoint', endpoint.port),
        ...Object.entries(issuers).map(([name, { url }]) => cluster(name, Number(new URL(url).port))),
      ],
    })
  })
  after(async () => {
    await proxy?.stop()
    await Promise.all([target?.stop(), endpoint?.stop(), ...Object.values(issuers).map((one) => one.stop())])
  })

  /** Brings a token, as the clients of this use do. */
  const bring = (mode, token, more = {}) => {
    if (mode !== 'authority') return send(ports[mode], '/orders', { ...more, headers: { ...bearer(token), ...more.headers } })
    const form = { grant_type: EXCHANGE, subject_token: token, subject_token_type: ACCESS_TOKEN, audience: API }
    return post(String(new URLSearchParams(form)), more)
  }
  const post = (body, { path = '/oauth2/token', headers = {}, ...more } = {}) => {
    const authorization = `Basic ${Buffer.from(`edge:${SECRET}`).toString('base64')}`
    return send(ports.authority, path, { method: 'POST', headers: { authorization, 'content-type': FORM, ...headers }, body, ...more })
  }
  /** What was issued, wherever it went. */
  const issued = ({ status, text, json }) => {
    assert.equal(status, 200, text)
    return json.access_token ?? json.headers.authorization
  }
  const assertUnavailable = ({ status, headers, text }) => {
    assert.equal(status, 503, text)
    assert.ok(Number(headers['retry-after']) > 0)
    assert.equal(headers['cache-control'], 'no-store')
  }
  const counted = (name, value) => proxy.counted(name, value)
  /** The number of requests that were answered or passed, whatever with. */
  const decided = async () => {
    const stats = Object.entries(await proxy.stats())
    const ours = stats.filter(([name]) => /^wasmcustom\.exchequer\.(answered|refused|exchanged|passed|broken)/.test(name))
    return ours.reduce((sum, [, value]) => sum + Number(value), 0)
  }

  for (const mode of MODES) {
    const of = (name) => issuers[`${name}-${mode}`]

    describe(mode, () => {
      before(async () => {
        if (mode === 'elsewhere') await endpoint.start()
      })

      it('goes on when an issuer that was down is up', async () => {
        const late = of('late')
        const token = await late.token()
        for (let tries = 0; tries < 2; tries++) assertUnavailable(await bring(mode, token))
        await late.start()
        await setTimeout(RETRY_MS)
        issued(await bring(mode, token))
      })

      it('asks an issuer that answers nothing no more than once a second', async () => {
        const mute = of('mute')
        mute.losing = 1000
        const token = await mute.token()
        const second = () => Math.floor(Date.now() / 1000)
        const from = second()
        for (let tries = 0; tries < 12; tries++) assertUnavailable(await bring(mode, token))
        assert.ok(1000 - mute.losing <= second() - from + 1, `${1000 - mute.losing} attempts`)
      })

      it('hears no issuer that says too much', async () => {
        const wordy = of('wordy')
        wordy.padding = ' '.repeat(600_000)
        const token = await wordy.token()
        const second = () => Math.floor(Date.now() / 1000)
        const from = second()
        for (let tries = 0; tries < 12; tries++) assertUnavailable(await bring(mode, token))
        assert.ok(wordy.fetches <= second() - from + 1, `${wordy.fetches} attempts: one a second, whichever worker makes it`)
        wordy.padding = ''
        await setTimeout(RETRY_MS)
        issued(await bring(mode, token))
      })

      it('forgets a client that goes away while it waits for keys, and answers the one that stays', async () => {
        const slow = of('slow')
        const [abandoned, passed] = [await proxy.count('abandoned'), target.seen.length]
        let release
        slow.held = new Promise((resolve) => (release = resolve))
        const token = await slow.token()
        const gone = leaving(() => counted('waiting', 1))
        await assert.rejects(bring(mode, token, gone))
        await gone.left
        const stays = bring(mode, token)
        await counted('abandoned', abandoned + 1)
        await counted('waiting', 1)
        const before = await decided()
        release()
        issued(await stays)
        await counted('waiting', 0)
        assert.equal(await decided(), before + 1, 'nobody is answered who has gone')
        assert.equal(target.seen.length, passed + (mode === 'authority' ? 0 : 1))
        assert.equal(slow.fetches, 1)
      })
    })
  }

  // A server closes a kept connection in the moment in which the proxy uses it again.
  it('follows a rotation of keys on a connection that was just closed, however it is used', async () => {
    const before = {}
    for (const mode of MODES) {
      before[mode] = await issuers[`rotating-${mode}`].token({ sub: 'before' })
      issued(await bring(mode, before[mode]))
    }
    await setTimeout(YOUNG_MS)
    for (const mode of MODES) {
      const rotating = issuers[`rotating-${mode}`]
      await rotating.rotate('RS256', { replace: true })
      rotating.losing = 1
      issued(await bring(mode, await rotating.token()))
      assert.deepEqual([rotating.losing, rotating.fetches], [0, 2])
      // What counts under a key that was withdrawn is nothing, whatever is remembered of it,
      // as soon as the worker has heard of it that did not fetch: within a second.
      const refusedIn = async (ms) => {
        for (const late = Date.now() + ms; ; await setTimeout(50)) {
          const { status } = await bring(mode, before[mode])
          if (status !== 200 || Date.now() > late) return status
        }
      }
      assert.equal(await refusedIn(PATIENCE_MS), mode === 'authority' ? 400 : 401)
    }
  })

  describe('as the service itself', () => {
    it('answers nobody who goes away in the middle of a body', async () => {
      const before = await decided()
      // No counter tells that the beginning has arrived.
      const gone = leaving(() => setTimeout(300))
      await assert.rejects(post('grant_type=', { headers: { 'content-length': 1000 }, ...gone, unfinished: true }))
      await gone.left
      assert.deepEqual([await decided(), await proxy.count('waiting')], [before, 0])
      issued(await bring('authority', await issuers['well-authority'].token()))
      assert.equal(await decided(), before + 1)
    })

    it('does nothing that has to be remembered', async () => {
      const ours = issued(await bring('authority', await issuers['well-authority'].token()))
      assertUnavailable(await post(String(new URLSearchParams({ token: ours })), { path: '/oauth2/revoke' }))
    })
  })

  describe('as a gateway', () => {
    /** Sends long bodies, one announced and one in chunks, while `held` is held back; what was `seen` of them tells when to go on. */
    const long = async (mode, held, seen) => {
      let release
      held.held = new Promise((resolve) => (release = resolve))
      const body = 'x'.repeat(LONG)
      const fields = [{ 'content-length': LONG }, { 'transfer-encoding': 'chunked' }]
      const replies = fields.map(async (headers, index) => {
        const token = await issuers[`well-${mode}`].token({ sub: `long-${index}` })
        return bring(mode, token, { method: 'POST', body, headers })
      })
      await seen(replies)
      release()
      return Promise.all(replies)
    }

    it('passes a body whole that had to wait, however long it is', async () => {
      for (const { status, json } of await long('gateway', issuers['well-gateway'], () => counted('waiting', 2))) {
        assert.equal(status, 200)
        assert.equal(json.body.length, LONG)
      }
    })

    it('passes nothing of a body that Envoy is told to read, and that is too long for it', async () => {
      issued(await bring('elsewhere', await issuers['well-elsewhere'].token()))
      const passed = target.seen.length
      const replies = await long('elsewhere', endpoint, (all) => Promise.all(all))
      assert.deepEqual(replies.map(({ status }) => status), [413, 413])
      await counted('waiting', 0)
      assert.equal(target.seen.length, passed)
    })
  })

  describe('with a token endpoint elsewhere', () => {
    const well = () => issuers['well-elsewhere']

    it('goes on when an endpoint that was down is up', async () => {
      await endpoint.stop()
      const token = await well().token({ sub: 'patient' })
      for (let tries = 0; tries < 2; tries++) assertUnavailable(await bring('elsewhere', token))
      await endpoint.start()
      assert.match(issued(await bring('elsewhere', token)), /^Bearer issued-/)
    })

    it('asks an endpoint once more that closed the connection as it was used', async () => {
      endpoint.losing = 1
      const token = await well().token({ sub: 'lost' })
      assert.match(issued(await bring('elsewhere', token)), /^Bearer issued-/)
      assert.equal(endpoint.losing, 0)
      endpoint.losing = 3
      assertUnavailable(await bring('elsewhere', token))
      assert.equal(endpoint.losing, 1, 'once more, and no more than that')
      endpoint.losing = 0
    })

    it('hears no endpoint that says too much', async () => {
      endpoint.padding = ' '.repeat(70_000)
      const token = await well().token({ sub: 'wordy' })
      assertUnavailable(await bring('elsewhere', token))
      endpoint.padding = ''
      issued(await bring('elsewhere', token))
    })

    it('forgets a client that goes away while the endpoint is asked', async () => {
      const [abandoned, passed] = [await proxy.count('abandoned'), target.seen.length]
      let release
      endpoint.held = new Promise((resolve) => (release = resolve))
      const [one, other] = [await well().token({ sub: 'gone' }), await well().token({ sub: 'stays' })]
      const gone = leaving(() => counted('waiting', 1))
      await assert.rejects(bring('elsewhere', one, gone))
      await gone.left
      const stays = bring('elsewhere', other)
      await counted('abandoned', abandoned + 1)
      await counted('waiting', 1)
      const before = await decided()
      release()
      issued(await stays)
      await counted('waiting', 0)
      assert.equal(await decided(), before + 1)
      assert.equal(target.seen.length, passed + 1)
      assert.ok(endpoint.brought.includes(one), 'the endpoint was asked for it')
      // Nothing is remembered of it: it is asked for again.
      const asked = endpoint.brought.length
      issued(await bring('elsewhere', one))
      assert.equal(endpoint.brought.length, asked + 1)
    })
  })

  it('starts with nothing that needs a store', async () => {
    const config = service(await ownKey(), { well: issuers['well-gateway'] })
    const [application] = config.applications
    application.grantTypes.push('refresh_token')
    application.accessToken = { type: 'opaque' }
    config.trustedTokenIssuers[0].replayProtection = 'jti'
    const own = filter({ mode: 'authority', config, clusters: clustersOf({ well: issuers['well-gateway'] }) })
    const started = envoy({ listeners: [listener('authority', await freePort(), [own], 'upstream')], clusters: [cluster('upstream', 9)] })
    const log = await started.then(
      (other) => other.stop().then(() => assert.fail('it started')),
      (error) => error.message,
    )
    for (const what of ['`replayProtection`', 'opaque access tokens', 'refresh tokens']) {
      assert.match(log, new RegExp(`has ${what}, and this host has no store`))
    }
  })

  it('leaves nobody waiting', async () => {
    assert.deepEqual([await proxy.count('waiting'), await proxy.count('broken')], [0, 0])
  })
})

/** A client that closes its connection after its request, when `happens` resolves. */
function leaving(happens) {
  let tell
  const left = new Promise((resolve) => (tell = resolve))
  const started = async (request) => {
    request.on('close', tell)
    await happens().finally(() => request.destroy())
  }
  return { started, left }
}
