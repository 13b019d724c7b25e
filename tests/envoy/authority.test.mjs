/** The filter as the service itself, in a real Envoy. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import { createLocalJWKSet, jwtVerify } from 'jose'

import { noEnvoy } from './support/envoy.mjs'
import { API } from './support/filter.mjs'
import { send } from './support/http.mjs'
import { STS } from './support/issuer.mjs'
import { start } from './support/world.mjs'

const FORM = 'application/x-www-form-urlencoded'
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'

describe('an authority', { skip: noEnvoy }, () => {
  let world
  before(async () => (world = await start()))
  after(() => world?.stop())

  const post = (form, { secret = world.secret, headers = {}, path = '/oauth2/token' } = {}) => {
    const authorization = `Basic ${Buffer.from(`edge:${secret}`).toString('base64')}`
    const body = typeof form === 'string' ? form : new URLSearchParams(form).toString()
    return send(world.authority, path, { method: 'POST', headers: { authorization, 'content-type': FORM, ...headers }, body })
  }
  const exchange = (token, more = {}) =>
    post({ grant_type: EXCHANGE, subject_token: token, subject_token_type: ACCESS_TOKEN, audience: API, scope: 'read', ...more })

  it('issues tokens that its published keys verify', async () => {
    const issued = await exchange(await world.issuers.idp.token())
    assert.equal(issued.status, 200, issued.text)
    assert.equal(issued.headers['cache-control'], 'no-store')
    const jwks = await send(world.authority, '/oauth2/jwks')
    const keys = createLocalJWKSet(jwks.json)
    const { payload } = await jwtVerify(issued.json.access_token, keys, { issuer: STS, audience: API, typ: 'at+jwt' })
    assert.equal(payload.sub, 'ada')
    assert.doesNotMatch(jwks.text, /"d"/)
  })

  it('says where everything is', async () => {
    const { json } = await send(world.authority, '/.well-known/oauth-authorization-server')
    assert.deepEqual([json.issuer, json.token_endpoint], [STS, `${STS}/oauth2/token`])
    assert.equal((await send(world.authority, '/healthz')).status, 200)
    assert.equal((await send(world.authority, '/elsewhere')).status, 404)
    assert.equal(world.upstream.seen.length, 0, 'nothing reaches the upstream')
  })

  it('has no administration API, and administrators all the same', async () => {
    for (const path of ['/api/server/v1/applications', '/api/users/v1/me/federated-associations', '/scim2/Users', '/scim2/Schemas']) {
      const { status, json } = await send(world.authority, path)
      assert.deepEqual([status, json.error], [404, 'not_found'], path)
    }
    assert.equal((await send(world.authority, '/metrics')).status, 403)
    assert.equal((await post({ grant_type: EXCHANGE }, { path: '/oauth2/explain' })).status, 403)
  })

  it('takes an issued token, and refuses what is none', async () => {
    const ours = (await exchange(await world.issuers.idp.token())).json.access_token
    assert.equal((await exchange(ours)).status, 200)
    const about = await post({ token: ours }, { path: '/oauth2/introspect' })
    assert.deepEqual([about.status, about.json.active, about.json.sub], [200, true, 'ada'])
    assert.equal((await post({ token: 'opaque' }, { path: '/oauth2/introspect' })).json.active, false)
    const opaque = await exchange('opaque')
    assert.deepEqual([opaque.status, opaque.json.error], [400, 'invalid_request'])
  })

  it('refuses wrong credentials', async () => {
    const { status, json } = await post({ grant_type: EXCHANGE }, { secret: 'wrong' })
    assert.deepEqual([status, json.error], [401, 'invalid_client'])
  })

  it('answers a body beyond the limit with an OAuth error', async () => {
    const long = `grant_type=${'a'.repeat(200 * 1024)}`
    const whole = await post(long, { headers: { 'content-length': long.length } })
    const chunked = await post(long, { headers: { 'transfer-encoding': 'chunked' } })
    for (const { status, json } of [whole, chunked]) assert.deepEqual([status, json.error], [413, 'invalid_request'])
  })

  it('is none the worse for many at once', async () => {
    const tokens = await Promise.all(Array.from({ length: 60 }, (_, index) => world.issuers.slow.token({ sub: `user-${index}` })))
    const replies = await Promise.all(tokens.map((token) => exchange(token)))
    assert.deepEqual(new Set(replies.map(({ status }) => status)), new Set([200]))
    assert.equal(new Set(replies.map(({ json }) => json.access_token)).size, 60)
    assert.deepEqual([world.issuers.slow.discoveries, world.issuers.slow.fetches], [1, 1])
  })

  // The last one: this machine is turned away then.
  it('turns away an address that fails too often, with the address that Envoy has for it', async () => {
    const guess = () => post({ grant_type: EXCHANGE }, { secret: 'wrong' })
    let reply = await guess()
    for (let guesses = 0; guesses < 2000 && reply.status === 401; guesses++) reply = await guess()
    assert.deepEqual([reply.status, reply.json.error], [429, 'temporarily_unavailable'])
    assert.match(reply.headers['retry-after'], /^[1-9]\d?$/)
  })
})
