/** Protecting an API with `authenticate`: JWT and opaque tokens, scopes, audiences, challenges. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'

import { AccessError, createExchequer } from 'exchequer'
import { generateKey } from 'exchequer/node'
import { memoryStore } from 'exchequer/stores/memory'

import { NOW, config, issuer, jwksFetch } from './support/tokens.mjs'

const idp = await issuer()
const API = 'https://api.example.com'

/** A service whose application gets access tokens of this type, and such a token. */
async function serviceWithToken(type, { slow = false } = {}) {
  const key = generateKey()
  const document = config({ keys: [key] })
  document.applications[0].accessToken = { ...document.applications[0].accessToken, type }
  const clock = { now: NOW }
  const kept = memoryStore()
  const later = (work) => (slow ? setTimeout(20).then(work) : work())
  const store = {
    read: (...ask) => later(() => kept.read(...ask)),
    list: (...ask) => later(() => kept.list(...ask)),
    commit: (...ask) => later(() => kept.commit(...ask)),
  }
  const sts = await createExchequer(document, { store, fetch: jwksFetch(idp.jwks), now: () => clock.now })
  const { access_token: token } = await sts.exchange({
    clientId: 'app',
    subjectToken: await idp.token(),
    subjectTokenType: 'jwt',
    scope: 'read',
  })
  return { sts, token, clock, key }
}

const bearing = (token) => new Request(`${API}/things`, { headers: { authorization: `Bearer ${token}` } })

/** The error that is thrown, with the head of the response it carries. */
async function refused(promise) {
  const error = await promise.then(() => assert.fail('it was let in'), (thrown) => thrown)
  assert.ok(error instanceof AccessError, String(error))
  return { code: error.code, status: error.response.status, challenge: error.response.headers.get('www-authenticate') }
}

for (const type of ['jwt', 'opaque']) {
  describe(`authenticate with ${type} access tokens`, () => {
    it('resolves to the claims', async () => {
      const { sts, token } = await serviceWithToken(type)
      const claims = await sts.authenticate(bearing(token), { scopes: ['read'], audience: API })
      assert.equal(claims.sub, 'ada')
      assert.equal(claims.scope, 'read')
      assert.deepEqual(claims.aud, [API])
      assert.equal(claims.client_id, 'app')
      await sts.close()
    })

    it('asks for a scope the token lacks with 403', async () => {
      const { sts, token } = await serviceWithToken(type)
      const { code, status, challenge } = await refused(sts.authenticate(bearing(token), { scopes: ['write'] }))
      assert.deepEqual([code, status], ['insufficient_scope', 403])
      assert.match(challenge, /^Bearer .*error="insufficient_scope".*scope="write"/)
      await sts.close()
    })

    it('refuses a token for another audience, an expired and a tampered one', async () => {
      const { sts, token, clock } = await serviceWithToken(type)
      const tampered = token.slice(0, -8) + (token.endsWith('AAAAAAAA') ? 'BBBBBBBB' : 'AAAAAAAA')
      for (const attempt of [
        sts.authenticate(bearing(token), { audience: 'https://other.example.com' }),
        sts.authenticate(bearing(tampered)),
      ]) {
        const { code, status } = await refused(attempt)
        assert.deepEqual([code, status], ['invalid_token', 401])
      }
      clock.now += 365 * 24 * 3600
      assert.equal((await refused(sts.authenticate(bearing(token)))).code, 'invalid_token')
      await sts.close()
    })
  })
}

describe('authenticate', () => {
  it('gives a request without a token a challenge without an error', async () => {
    const { sts, token } = await serviceWithToken('jwt')
    for (const headers of [{}, { authorization: `Basic ${token}` }]) {
      const { status, challenge } = await refused(sts.authenticate(new Request(API, { headers })))
      assert.equal(status, 401)
      assert.match(challenge, /^Bearer /)
      assert.doesNotMatch(challenge, /error/)
    }
    await sts.close()
  })

  it('refuses a foreign token and a refresh token', async () => {
    const document = config()
    document.applications[0].grantTypes.push('refresh_token')
    const sts = await createExchequer(document, { fetch: jwksFetch(idp.jwks), now: () => NOW })
    const foreign = await idp.token()
    const { refresh_token } = await sts.exchange({ clientId: 'app', subjectToken: foreign, subjectTokenType: 'jwt' })
    assert.ok(refresh_token)
    for (const token of [foreign, refresh_token]) {
      assert.equal((await refused(sts.authenticate(bearing(token)))).code, 'invalid_token')
    }
    await sts.close()
  })

  it('says in ASCII why, whatever the issuer is called', async () => {
    const { sts, token, key } = await serviceWithToken('jwt')
    const document = config({ keys: [key] })
    document.trustedTokenIssuers[0].name = 'Identität – Zürich'
    document.trustedTokenIssuers[0].enabled = false
    document.applications[0].trustedTokenIssuers = ['Identität – Zürich']
    const without = await createExchequer(document, { now: () => NOW })
    const { challenge } = await refused(without.authenticate(bearing(token)))
    assert.match(challenge, /is disabled/)
    await Promise.all([sts.close(), without.close()])
  })

  it('is waited for when the service closes', async () => {
    const { sts, token } = await serviceWithToken('opaque', { slow: true })
    const authenticated = sts.authenticate(bearing(token))
    const closed = sts.close()
    assert.equal((await authenticated).sub, 'ada')
    await closed
  })
})
