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
const component = await load()
const idp = await issuer()

/** A service in a world that can be changed, and what its clients do. */
function service({ instantiate = component.instantiate, document = {}, trusted = {}, ...more } = {}) {
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
  const make = () => instantiate(world).make(JSON.stringify(configuration), [], undefined)
  let authority = make()
  const handle = (method, target, body = '') => {
    const headers = [
      ['authorization', `Basic ${btoa(`app:${SECRET}`)}`],
      ['content-type', 'application/x-www-form-urlencoded'],
    ]
    const reply = authority.handle({ method, target, headers, body: new TextEncoder().encode(body), caller: 'network' })
    return { ...JSON.parse(new TextDecoder().decode(reply.body)), status: reply.status, headers: Object.fromEntries(reply.headers) }
  }
  const post = (form) => handle('POST', '/oauth2/token', String(new URLSearchParams(form)))
  return {
    world,
    get: (target) => handle('GET', target),
    post,
    raw: (body) => handle('POST', '/oauth2/token', body),
    refreshKeys: () => authority.refreshKeys(),
    exchange: (subject_token) =>
      post({
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token,
        subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      }),
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
  const sts = service()
  const { fetch } = sts.world
  const token = await idp.token()
  for (const why of ['unreachable', 'timed-out', 'too-large', 'broken', 'unsupported']) {
    sts.world.fetch = failing(why)
    assertUnavailable(sts.exchange(token))
  }
  sts.world.fetch = fetch
  assert.equal(sts.exchange(token).status, 200)
})

test('an issuer that says too much', async () => {
  const sts = service()
  sts.world.keys = { keys: idp.jwks.keys, padding: 'x'.repeat(70_000) }
  assertUnavailable(sts.exchange(await idp.token()))
  sts.world.keys = idp.jwks
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
