/** The filter as a gateway, in a real Envoy with two workers. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'

import { decodeJwt } from 'jose'

import { noEnvoy } from './support/envoy.mjs'
import { API } from './support/filter.mjs'
import { hostile } from './support/hostile.mjs'
import { bearer, send } from './support/http.mjs'
import { STS } from './support/issuer.mjs'
import { start } from './support/world.mjs'

describe('a gateway', { skip: noEnvoy }, () => {
  let world
  before(async () => (world = await start()))
  after(() => world?.stop())

  const get = (path, headers = {}) => send(world.gateway, path, { headers })
  const many = (count, work) => Promise.all(Array.from({ length: count }, (_, index) => work(index)))

  it('fetches keys once for all workers', async () => {
    const tokens = await many(40, (index) => world.issuers.idp.token({ sub: `user-${index}` }))
    const replies = await Promise.all(tokens.map((token) => get('/orders', bearer(token))))
    assert.deepEqual(new Set(replies.map(({ status }) => status)), new Set([200]))
    assert.equal(world.issuers.idp.fetches, 1)
    const stats = await world.proxy.stats()
    const worker = (index) => Number(stats[`listener.127.0.0.1_${world.gateway}.worker_${index}.downstream_cx_total`])
    assert.ok(worker(0) > 0 && worker(1) > 0, 'both workers had requests')
  })

  it('has the proxy compute signatures, which it was seen to do rightly', async () => {
    await world.proxy.said('the proxy verifies [RS256 ES256] and signs [RS256 ES256]')
  })

  it('sends ours upstream for a foreign token, and jwt_authn accepts it', async () => {
    const token = await world.issuers.idp.token()
    const { json } = await get('/orders?page=2', bearer(token))
    const ours = json.headers.authorization.replace('Bearer ', '')
    const claims = decodeJwt(ours)
    assert.equal(json.url, '/orders?page=2')
    assert.deepEqual([claims.iss, claims.aud, claims.sub, claims.scope], [STS, API, 'ada', 'read'])
    assert.deepEqual([json.headers['x-user'], json.headers['x-email']], ['ada', 'ada@example.com'])
    assert.equal(json.headers['x-subject-token'], undefined)
    assert.equal((await send(world.api, '/', { headers: bearer(ours) })).status, 200)
    assert.equal((await send(world.api, '/', { headers: bearer(token) })).status, 401)
  })

  it('gives the same token the same answer', async () => {
    const token = await world.issuers.idp.token({ sub: 'again' })
    const replies = []
    for (let i = 0; i < 12; i++) replies.push(await get('/orders', bearer(token)))
    const issued = new Set(replies.map(({ json }) => json.headers.authorization))
    assert.ok(issued.size <= 2, 'one for each worker')
    assert.ok((await world.proxy.count('exchanged_before')) > 0)
  })

  it('lets no twin of a known token pass, and counts what it knew', async () => {
    const token = await world.issuers.idp.token({ sub: 'known' })
    for (let i = 0; i < 12; i++) assert.equal((await get('/orders', bearer(token))).status, 200)
    const [head, body, signature] = token.split('.')
    const bytes = Buffer.from(signature, 'base64url')
    bytes[0] ^= 1
    const twins = [
      [head, body, bytes.toString('base64url')],
      [head, Buffer.from(JSON.stringify({ ...decodeJwt(token), sub: 'root' })).toString('base64url'), signature],
      [head, body, signature.slice(0, -2)],
    ]
    for (const twin of twins) {
      for (let i = 0; i < 4; i++) assert.equal((await get('/orders', bearer(twin.join('.')))).status, 401)
    }
    for (const name of ['cache.issued.hits', 'cache.issued.misses', 'cache.issued.bytes', 'cache.verified.misses']) {
      await world.proxy.counted(name)
    }
  })

  it('has rules by path', async () => {
    const token = await world.issuers.idp.token()
    assert.equal((await get('/public/x')).status, 200)
    assert.equal((await get('/public/x', bearer('whatever'))).json.headers.authorization, 'Bearer whatever')
    assert.equal((await get('/maybe/x')).status, 200)
    assert.equal((await get('/maybe/x', bearer('whatever'))).status, 401)
    const known = await get('/maybe/x', bearer(token))
    assert.equal(known.json.headers['x-subject-token'], token)
    const admin = decodeJwt((await get('/admin/x', bearer(token))).json.headers.authorization.slice(7))
    assert.deepEqual([admin.aud, admin.scope], ['https://admin.example.com', 'write'])
  })

  it('says what is missing, as RFC 6750 has it', async () => {
    const none = await get('/orders')
    assert.deepEqual([none.status, none.headers['www-authenticate']], [401, 'Bearer realm="gateway"'])
    const expired = await get('/orders', bearer(await world.issuers.idp.token({ exp: 1 })))
    assert.equal(expired.status, 401)
    assert.match(expired.headers['www-authenticate'], /^Bearer realm="gateway", error="invalid_token", error_description="/)
    const denied = await get('/denied/x', bearer(await world.issuers.idp.token()))
    assert.equal(denied.status, 403)
    assert.match(denied.headers['www-authenticate'], /error="insufficient_scope"/)
    assert.equal(await world.proxy.count('refused.subject_token.claim.exp.expired'), 1)
    assert.equal(await world.proxy.count('refused.scope.not_allowed'), 1)
  })

  it('tells a claim with a space at its end from one without', async () => {
    const { json } = await get('/orders', bearer(await world.issuers.idp.token({ email: ' ada@example.com ' })))
    assert.equal(json.headers['x-email'], '%20ada@example.com%20')
  })

  it('lets no forged header field pass, in any spelling', async () => {
    const forged = { 'x-user': 'root', X_User: 'root', 'x-email': 'root', 'x-subject-token': 't', 'x-internal': '1', 'x-free': '1' }
    for (const path of ['/public/x', '/maybe/x', '/orders']) {
      const token = path === '/orders' ? bearer(await world.issuers.idp.token()) : {}
      const { json } = await get(path, { ...forged, ...token })
      assert.doesNotMatch(JSON.stringify(json.rawHeaders), /root|x-internal/i, path)
      assert.equal(json.headers['x-free'], '1')
    }
  })

  it('lets no forged header field pass that a server hands on as the same variable', async () => {
    const spellings = ['x.user', 'x~user', 'x!user', 'X_User', 'x.email', 'x~subject!token', 'x.internal']
    const forged = Object.fromEntries(spellings.map((name) => [name, 'root']))
    const { json } = await get('/public/x', { ...forged, 'x.free': '1' })
    assert.doesNotMatch(JSON.stringify(json.rawHeaders), /root/)
    assert.equal(json.headers['x.free'], '1')
  })

  it('refuses a path that a rule could be dodged with', async () => {
    const before = world.upstream.seen.length
    const paths = ['/public/../orders', '/public/%2e%2e/orders', '/public/..%2forders', '/public/..;/orders', '/PUBLIC/x', '//public/x']
    for (const path of paths) assert.equal((await get(path)).status, 400, path)
    assert.equal(world.upstream.seen.length, before)
    assert.equal(await world.proxy.count('refused.gateway.path.ambiguous'), paths.length)
  })

  it('lets no hostile token pass', async () => {
    const before = world.upstream.seen.length
    const tokens = await hostile(world.issuers.idp)
    assert.ok(Object.keys(tokens).length >= 20)
    for (const [name, token] of Object.entries(tokens)) {
      for (const path of ['/orders', '/maybe/x']) {
        const { status } = await get(path, bearer(token))
        assert.ok([400, 401, 403, 431].includes(status), `${name}: ${status}`)
      }
    }
    assert.equal(world.upstream.seen.length, before)
  })

  it('follows a rotation of keys with one fetch, and a flood of names with none', async () => {
    const { rotating } = world.issuers
    assert.equal((await get('/orders', bearer(await rotating.token()))).status, 200)
    await setTimeout(5100)
    await rotating.rotate('RS256', { replace: true })
    const tokens = await many(20, (index) => rotating.token({ sub: `user-${index}` }))
    const replies = await Promise.all(tokens.map((token) => get('/orders', bearer(token))))
    assert.deepEqual(replies.filter(({ status }) => status !== 200).map(({ status, text }) => `${status} ${text}`), [])
    assert.equal(rotating.fetches, 2)
    const flood = await many(40, (index) => rotating.token({}, { kid: `invented-${index}` }))
    const refused = await Promise.all(flood.map((token) => get('/orders', bearer(token))))
    assert.deepEqual(new Set(refused.map(({ status }) => status)), new Set([401]))
    assert.equal(rotating.fetches, 2)
  })

  it('answers 503 while an issuer is down, and passes the first request when it is up', async () => {
    const { late } = world.issuers
    // Ed25519 is not the proxy's: the filter computes it.
    await late.rotate('EdDSA')
    const token = await late.token()
    const down = await get('/orders', bearer(token))
    assert.deepEqual([down.status, down.headers['retry-after']], [503, '1'])
    await late.start()
    // As long as `Retry-After` says, and a little.
    await setTimeout(1_100)
    assert.equal((await get('/orders', bearer(token))).status, 200)
  })

  it('forgets a client that goes away while it waits', async () => {
    const { slow } = world.issuers
    let release
    slow.held = new Promise((resolve) => (release = resolve))
    const token = await slow.token()
    const before = world.upstream.seen.length
    const headers = { ...bearer(token), 'content-length': '5' }
    const gone = send(world.gateway, '/orders', { method: 'POST', headers, body: 'hello', started: (request) => {
      world.proxy.counted('waiting', 1).finally(() => request.destroy())
    } })
    await assert.rejects(gone)
    const stays = send(world.gateway, '/orders', { method: 'POST', headers, body: 'hello' })
    await world.proxy.counted('abandoned', 1)
    await world.proxy.counted('waiting', 1)
    release()
    const reply = await stays
    assert.deepEqual([reply.status, reply.json?.body], [200, 'hello'])
    assert.equal(world.upstream.seen.length, before + 1)
    assert.equal(await world.proxy.count('waiting'), 0)
  })

  it('exchanges elsewhere, after it has validated', async () => {
    const elsewhere = (path, token) => send(world.elsewhere, path, { headers: bearer(token) })
    const token = await world.issuers.idp.token({ sub: 'remote' })
    const reply = await elsewhere('/orders', token)
    assert.equal(reply.status, 200, reply.text)
    const ours = reply.json.headers.authorization.slice(7)
    assert.equal(decodeJwt(ours).sub, 'remote')
    assert.equal(reply.json.headers['x-user'], 'remote')
    assert.equal((await send(world.api, '/', { headers: bearer(ours) })).status, 200)
    const asked = await world.proxy.count('answered.200')
    assert.equal((await elsewhere('/orders', await world.issuers.idp.token({ aud: 'other' }))).status, 401)
    assert.equal(await world.proxy.count('answered.200'), asked, 'a bad token is not sent there')
    assert.equal((await elsewhere('/denied/x', token)).status, 403)
  })

  it('writes a line for each decision, without a token in it', async () => {
    const token = await world.issuers.idp.token({ sub: 'audited' })
    const { json } = await get('/orders', bearer(token))
    const log = await world.proxy.said('"subject":"audited"')
    for (const secret of [token, json.headers.authorization.slice(7)]) assert.ok(!log.includes(secret.slice(-40)))
  })
})
