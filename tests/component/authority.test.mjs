/** The world `authority` in jco: the service calls its imports, and what becomes of it when they fail. */
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { memoryStore } from 'exchequer/stores/memory'
import { createLocalJWKSet, jwtVerify } from 'jose'

import { ISSUER, JWKS_URI, NOW, STS, config, issuer } from '../node/support/tokens.mjs'
import { load } from './authority.mjs'
import { TRAP, trapping } from './trap.mjs'

const SECRET = 'a-secret-of-the-application-0123456789'
const API = 'https://api.example.com'
const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const component = await load()
const idp = await issuer()

/** A service in a world that can be changed, and what its clients do. */
function service({ instantiate = component.instantiate, document = {}, trusted = {}, adminToken, ...more } = {}) {
  const world = {
    keys: idp.jwks,
    fetched: [],
    now: () => NOW,
    store: memoryStore(),
    fetch({ url, maxBytes }) {
      world.fetched.push(url)
      const body = new TextEncoder().encode(JSON.stringify(world.keys))
      if (body.length > maxBytes) throw 'too-large'
      return { status: 200, cacheControl: undefined, location: undefined, body }
    },
    ...more,
  }
  const configuration = config(document)
  Object.assign(configuration.trustedTokenIssuers[0], trusted)
  configuration.applications[0].grantTypes.push('refresh_token')
  const make = () => instantiate(world).make(JSON.stringify(configuration), [], adminToken)
  let authority = make()
  const handle = (method, target, body = '', client = `app:${SECRET}`) => {
    const headers = [
      ['authorization', `Basic ${btoa(client)}`],
      ['content-type', 'application/x-www-form-urlencoded'],
    ]
    const reply = authority.handle({ method, target, headers, body: new TextEncoder().encode(body), caller: 'network' })
    return { ...JSON.parse(new TextDecoder().decode(reply.body)), status: reply.status, headers: Object.fromEntries(reply.headers) }
  }
  const post = (form, client) => handle('POST', '/oauth2/token', String(new URLSearchParams(form)), client)
  return {
    world,
    get: (target) => handle('GET', target),
    post,
    raw: (body) => handle('POST', '/oauth2/token', body),
    refreshKeys: () => authority.refreshKeys(),
    /** Calls the administration API. */
    administer(method, target, body) {
      const headers = [['authorization', `Bearer ${adminToken}`], ['content-type', 'application/json']]
      const reply = authority.handle({ method, target, headers, body: new TextEncoder().encode(JSON.stringify(body)), caller: 'network' })
      assert.equal(reply.status, 201)
      return JSON.parse(new TextDecoder().decode(reply.body))
    },
    supplyKeys: (issuer, jwks) => authority.supplyKeys(issuer, jwks),
    exchange: (subject_token, client) =>
      post({ grant_type: TOKEN_EXCHANGE, subject_token, subject_token_type: 'urn:ietf:params:oauth:token-type:jwt' }, client),
    /** Another instance over the same store. */
    replace: () => (authority = make()),
  }
}

const assertUnavailable = ({ status, error, headers, access_token }) => {
  assert.deepEqual([status, error, access_token], [503, 'temporarily_unavailable', undefined])
  assert.ok(Number(headers['retry-after']) > 0)
}

/** An import that cannot: what it throws is the error of its result. */
const failing = (why) => () => {
  throw why
}

/** What a call throws: jco throws the error of a result as it is. */
function thrown(call) {
  try {
    call()
  } catch (error) {
    return error
  }
  return assert.fail('there is no error')
}

test('it imports what wit/authority.wit says, and nothing of WASI', () => {
  assert.deepEqual(component.imports, ['clock', 'fetch', 'random', 'store'].map((name) => `exchequer:sts/${name}`))
})

test('a token is exchanged, and verifies under the published keys', async () => {
  const sts = service()
  const { access_token } = sts.exchange(await idp.token())
  const jwks = createLocalJWKSet({ keys: sts.get('/oauth2/jwks').keys })
  const { payload } = await jwtVerify(access_token, jwks, { issuer: STS, audience: API, currentDate: new Date(NOW * 1000) })
  assert.equal(payload.sub, 'ada')
  assert.deepEqual(sts.world.fetched, [JWKS_URI])
})

test('a configuration that is wrong is told with path, problem and remedy', () => {
  const Authority = component.instantiate({})
  const problems = thrown(() => Authority.make('{"isuer": "https://sts.example"}', [], undefined))
  assert.deepEqual(problems.map(({ path, remedy }) => [path, remedy]), [['isuer', 'did you mean `issuer`?']])
})

test('an issuer that is down, and comes', async () => {
  let now = NOW
  const sts = service({ now: () => now })
  const { fetch } = sts.world
  const token = await idp.token()
  for (const why of ['unreachable', 'timed-out', 'too-large', 'broken', 'unsupported']) {
    let tries = 0
    sts.world.fetch = () => { tries += 1; throw why }
    assertUnavailable(sts.exchange(token))
    assertUnavailable(sts.exchange(token))
    assert.equal(tries, 1, 'one attempt a second')
    now += 1
  }
  sts.world.fetch = fetch
  assert.equal(sts.exchange(token).status, 200)
})

test('an issuer that says too much', async () => {
  let now = NOW
  const sts = service({ now: () => now })
  sts.world.keys = { keys: idp.jwks.keys, padding: 'x'.repeat(600_000) }
  assertUnavailable(sts.exchange(await idp.token()))
  sts.world.keys = idp.jwks
  now += 1
  assert.equal(sts.exchange(await idp.token()).status, 200)
})

test('a key that was rotated is fetched, and a withdrawn one is forgotten', async () => {
  const sts = service()
  const old = await idp.token()
  assert.equal(sts.exchange(old).status, 200)
  const next = await issuer()
  sts.world.keys = next.jwks
  assert.equal(sts.exchange(await next.token()).status, 200)
  assert.equal(sts.world.fetched.length, 2)
  assert.deepEqual([sts.exchange(old).error, sts.world.fetched.length], ['invalid_request', 2])
})

test('keys are fetched before they grow old, between requests', async () => {
  let now = NOW
  const sts = service({ now: () => now })
  sts.exchange(await idp.token())
  // Keys without Cache-Control are fresh for fifteen minutes.
  now += 14 * 60
  sts.get('/healthz')
  assert.equal(sts.world.fetched.length, 1)
  sts.exchange(await idp.token({ iat: now, exp: now + 60 }))
  sts.refreshKeys()
  assert.equal(sts.world.fetched.length, 2)
})

/** The keys that a host supplies, and what becomes of the call. */
const supplied = (sts, issuer, jwks) => {
  try {
    return sts.supplyKeys(issuer, typeof jwks === 'string' ? jwks : JSON.stringify(jwks))
  } catch (error) {
    return error.payload ?? error
  }
}

test('keys that the host supplies are used, and nothing is fetched', async () => {
  const sts = service()
  assert.equal(supplied(sts, ISSUER, idp.jwks), undefined)
  assert.equal(sts.exchange(await idp.token()).status, 200)
  const next = await issuer()
  assert.equal(supplied(sts, ISSUER, next.jwks), undefined)
  assert.equal(sts.exchange(await idp.token()).status, 400)
  assert.equal(sts.exchange(await next.token()).status, 200)
  sts.refreshKeys()
  assert.deepEqual(sts.world.fetched, [])
})

test('keys are supplied for an issuer of the store as well', async () => {
  const sts = service({ adminToken: 'an-admin-token-for-tests' })
  const other = await issuer()
  const made = { name: 'Other', issuer: 'https://other.example', certificate: { jwksUri: 'https://other.example/jwks' } }
  sts.administer('POST', '/api/server/v1/trusted-token-issuers', made)
  const shop = { name: 'Shop', clientId: 'shop', grantTypes: [TOKEN_EXCHANGE], trustedTokenIssuers: ['Other'] }
  const { clientSecret } = sts.administer('POST', '/api/server/v1/applications', shop)
  assert.equal(supplied(sts, made.issuer, other.jwks), undefined)
  assert.equal(sts.exchange(await other.token({ iss: made.issuer }), `shop:${clientSecret}`).status, 200)
  assert.deepEqual(sts.world.fetched, [])
})

test('keys that cannot be taken over are refused for a reason, and change nothing', async () => {
  const sts = service()
  assert.equal(supplied(sts, ISSUER, idp.jwks), undefined)
  for (const [name, jwks, tag, words] of [
    ['https://nobody.example', idp.jwks, 'unknown-issuer', /https:\/\/nobody\.example/],
    [ISSUER, '<html>', 'not-a-key-set', /HTML/],
    [ISSUER, { kty: 'EC' }, 'not-a-key-set', /single key/],
  ]) {
    const error = supplied(sts, name, jwks)
    assert.equal(error.tag, tag)
    assert.match(error.val, words)
  }
  assert.equal(sts.exchange(await idp.token()).status, 200)
  const fails = failing('unreachable')
  sts.world.store = { read: fails, list: fails, commit: fails }
  assert.equal(supplied(sts, 'https://unread.example', idp.jwks).tag, 'unavailable')
})

test('a store that fails and comes back has lost nothing', async () => {
  const sts = service({ trusted: { replayProtection: 'jti' } })
  const kept = sts.world.store
  const first = sts.exchange(await idp.token({ jti: '1' }))
  const token = await idp.token({ jti: '2' })
  for (const why of ['unreachable', 'timed-out', 'broken']) {
    const fails = failing(why)
    sts.world.store = { read: fails, list: fails, commit: fails }
    assertUnavailable(sts.exchange(token))
    assertUnavailable(sts.post({ grant_type: 'refresh_token', refresh_token: first.refresh_token }))
    assert.equal(sts.get('/healthz').status, 503)
  }
  sts.world.store = kept
  assert.equal(sts.exchange(token).status, 200)
  assert.equal(sts.exchange(token).error, 'invalid_request')
  assert.equal(sts.post({ grant_type: 'refresh_token', refresh_token: first.refresh_token }).status, 200)
})

test('a store that answers for other keys than were asked for is broken', async () => {
  const sts = service()
  const kept = sts.world.store
  for (const read of [() => [], (keys, now) => [...kept.read(keys, now), undefined]]) {
    sts.world.store = { read }
    assert.equal(sts.get('/healthz').status, 503)
  }
  sts.world.store = kept
  assert.equal(sts.get('/healthz').status, 200)
})

test('a body beyond the limit is refused', () => {
  const sts = service()
  const { status, error } = sts.raw('a'.repeat(70_000))
  assert.deepEqual([status, error], [413, 'invalid_request'])
})

test('a clock that says nothing, and entropy that is none, are errors of the host', async () => {
  let [now, draw] = [NOW, undefined]
  const sts = service({ now: () => now, draw: () => draw })
  const token = await idp.token()
  now = 0
  assert.match(thrown(() => sts.exchange(token)), /clock/)
  now = NOW
  for (draw of [new Uint8Array(32), new Uint8Array(31), new Uint8Array(0)]) {
    assert.match(thrown(() => sts.exchange(token)), /entropy/)
  }
  draw = undefined
  assert.equal(sts.exchange(token).status, 200)
})

test('of a trap nothing is left but the store: another instance goes on', async () => {
  const { instantiate } = await load({ alter: trapping })
  const sts = service({ instantiate, trusted: { replayProtection: 'jti' } })
  const token = await idp.token({ jti: '1' })
  const { refresh_token } = sts.exchange(token)
  assert.ok(thrown(() => sts.raw('a'.repeat(TRAP))) instanceof WebAssembly.RuntimeError)
  sts.replace()
  assert.equal(sts.exchange(token).error, 'invalid_request')
  assert.equal(sts.post({ grant_type: 'refresh_token', refresh_token }).status, 200)
})
