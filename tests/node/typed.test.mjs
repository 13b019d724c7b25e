/** The typed operations of the package: every grant, introspection, revocation, explanations, decisions as objects. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { AccessError, TokenError, createExchequer } from 'exchequer'
import { memoryStore } from 'exchequer/stores/memory'

import { NOW, config, issuer, jwksFetch } from './support/tokens.mjs'

const API = 'https://api.example.com'
const FORM = ['content-type', 'application/x-www-form-urlencoded']
const SECRET = 'a-secret-of-the-application-0123456789'
const OTHER = { clientId: 'other', clientSecret: 'another-secret-for-tests-0123456789', type: 'machine' }
const idp = await issuer()

/** A service with two applications, the first of which may use every grant; and what it writes down. */
async function service({ accessToken, now = () => NOW, ...options } = {}) {
  const document = config()
  const [app] = document.applications
  app.grantTypes.push('urn:ietf:params:oauth:grant-type:jwt-bearer', 'refresh_token', 'client_credentials')
  if (accessToken !== undefined) app.accessToken = { type: accessToken }
  document.applications.push({ ...OTHER, grantTypes: app.grantTypes, trustedTokenIssuers: ['IdP'], audiences: ['https://other.example.com'] })
  const [lines, decisions] = [[], []]
  const sts = await createExchequer(document, {
    fetch: jwksFetch(idp.jwks),
    now,
    audit: (line) => lines.push(line),
    onDecision: (decision) => decisions.push(decision),
    ...options,
  })
  return { sts, lines, decisions }
}

const subject = async (more) => ({ clientId: 'app', subjectToken: await idp.token(), subjectTokenType: 'jwt', ...more })

/** The error that a promise rejects with. */
const thrown = (promise) => promise.then(() => assert.fail('nothing was thrown'), (error) => error)

/** The audit lines, but for how the client was authenticated. */
const noted = (lines) =>
  lines.map((line) => JSON.parse(line)).map(({ checks, ...line }) => ({ ...line, checks: checks.filter(({ code }) => !code.startsWith('client')) }))

/** The counters of token requests. */
async function counted(sts, adminToken) {
  const { body } = await sts.handle({ method: 'GET', target: '/metrics', headers: ['authorization', `Bearer ${adminToken}`] })
  return new TextDecoder().decode(body).split('\n').filter((line) => line.startsWith('exchequer_decisions_total{event="token"'))
}

/** No token and no secret stands in what was written down. */
function assertNothingLeaks(lines, ...tokens) {
  for (const token of tokens) {
    const pieces = token.split('.').filter((piece) => piece.length >= 12)
    for (const line of lines) assert.ok(pieces.every((piece) => !line.includes(piece)), line)
  }
}

describe('exchange', () => {
  it('takes an assertion, and a refresh token', async () => {
    const { sts, lines } = await service()
    const assertion = await idp.token({ aud: 'https://sts.example.com' })
    const first = await sts.exchange({ clientId: 'app', assertion, scope: 'read' })
    assert.equal(first.scope, 'read')
    assert.ok(!('issued_token_type' in first), 'RFC 6749 section 5.1 does not have it')
    const second = await sts.exchange({ clientId: 'app', refreshToken: first.refresh_token })
    assert.notEqual(second.access_token, first.access_token)
    assert.equal((await thrown(sts.exchange({ clientId: 'app', refreshToken: first.refresh_token }))).code, 'invalid_grant')
    assert.deepEqual(lines.map((line) => JSON.parse(line).status), [200, 200, 400])
    assertNothingLeaks(lines, assertion, first.access_token, first.refresh_token, second.refresh_token)
    await sts.close()
  })

  it('gets a token about the application itself, when that is asked for by name', async () => {
    const { sts, lines } = await service()
    const issued = await sts.exchange({ clientId: 'app', grantType: 'client_credentials', scope: 'read' })
    assert.deepEqual([issued.token_type, issued.scope, issued.refresh_token], ['Bearer', 'read', undefined])
    assert.equal((await sts.authenticate(issued.access_token)).sub, 'app')
    const explained = await sts.explain({ clientId: 'app', grantType: 'client_credentials' })
    assert.deepEqual([explained.granted, explained.issued.claims.sub], [true, 'app'])
    // An exchange that lost its token is not taken for it.
    await assert.rejects(sts.exchange({ clientId: 'app' }), TypeError)
    await assert.rejects(sts.exchange({ clientId: 'app', grantType: 'password' }), /`grantType` is not `client_credentials`/)
    assertNothingLeaks(lines, issued.access_token)
    await sts.close()
  })

  it('issues every type by its last word or its URN, and refuses another one as the token endpoint does', async () => {
    const { sts, lines } = await service()
    const urn = 'urn:ietf:params:oauth:token-type:'
    for (const requestedTokenType of ['access_token', 'jwt', 'refresh_token', `${urn}jwt`]) {
      const { issued_token_type } = await sts.exchange(await subject({ requestedTokenType }))
      assert.equal(issued_token_type, urn + requestedTokenType.replace(urn, ''))
    }
    for (const [wrong, reason] of [
      [{ subjectTokenType: 'saml2' }, 'type.unsupported'],
      [{ requestedTokenType: 'urn:example:other' }, 'requested_token_type.unsupported'],
      [{ actorToken: await idp.token() }, 'actor_token.incomplete'],
      [{ actorTokenType: 'jwt' }, 'actor_token.incomplete'],
    ]) {
      const error = await thrown(sts.exchange(await subject(wrong)))
      assert.ok(error instanceof TokenError)
      assert.deepEqual([error.code, error.reason, error.status], ['invalid_request', reason, 400])
      assert.deepEqual([JSON.parse(lines.at(-1)).status, JSON.parse(lines.at(-1)).reason], [400, reason])
    }
    await sts.close()
  })

  it('lets no parameter become another one', async () => {
    const { sts } = await service()
    for (const clientId of ['app&scope=admin', 'app\nscope:admin', 'app\0', '', 'äpp']) {
      assert.equal((await thrown(sts.exchange(await subject({ clientId })))).code, 'invalid_client')
    }
    for (const audience of [`${API}&audience=https://other.example.com`, `${API}\n`, [API, 'https://other.example.com']]) {
      assert.equal((await thrown(sts.exchange(await subject({ audience })))).code, 'invalid_target')
    }
    assert.equal((await sts.exchange(await subject({ scope: ['read', 'read admin'] }))).scope, 'read')
    assert.equal((await sts.exchange(await subject({ scope: ['read', 'write'], audience: [API], resource: API }))).scope, 'read write')
    await sts.close()
  })

  it('says which parameter a program forgot', async () => {
    const errors = []
    const { sts } = await service({ onError: (error) => errors.push(error) })
    for (const [name, request] of [
      ['clientId', { subjectToken: 'a', subjectTokenType: 'jwt' }],
      ['subjectToken', { clientId: 'app' }],
      ['subjectTokenType', { clientId: 'app', subjectToken: 'a' }],
      ['assertion', { clientId: 'app', assertion: undefined }],
    ]) {
      const error = await thrown(sts.exchange(request))
      assert.ok(error instanceof TypeError && error.message.includes(`\`${name}\``), String(error))
      assert.equal(errors.pop(), error)
    }
    await sts.close()
  })

  it('refuses, notes and counts a malformed call as the same request over HTTP', async () => {
    const adminToken = 'an-admin-token-of-the-tests'
    const urn = (type) => `urn:ietf:params:oauth:token-type:${type}`
    const http = { subject_token: 'a.b.c', subject_token_type: urn('jwt') }
    const typed = { subjectToken: 'a.b.c', subjectTokenType: 'jwt' }
    const exchange = 'urn:ietf:params:oauth:grant-type:token-exchange'
    for (const [reason, call, form, grant = exchange] of [
      ['type.unsupported', { ...typed, subjectTokenType: 'saml2' }, { ...http, subject_token_type: urn('saml2') }],
      ['actor_token.incomplete', { ...typed, actorToken: 'd.e.f' }, { ...http, actor_token: 'd.e.f' }],
      ['request.parameter.missing', { ...typed, subjectToken: '' }, { ...http, subject_token: '' }],
      ['type.unsupported', { ...typed, subjectTokenType: 'urn:' }, { ...http, subject_token_type: 'urn:' }],
      ['request.parameter.missing', { assertion: '' }, {}, 'urn:ietf:params:oauth:grant-type:jwt-bearer'],
      ['request.parameter.missing', { refreshToken: '' }, {}, 'refresh_token'],
    ]) {
      const [embedded, network] = [await service({ adminToken }), await service({ adminToken })]
      const error = await thrown(embedded.sts.exchange({ clientId: 'app', ...call }))
      const body = new URLSearchParams({ grant_type: grant, client_id: 'app', client_secret: SECRET, ...form }).toString()
      const reply = await network.sts.handle({ method: 'POST', target: '/oauth2/token', headers: FORM, body })
      assert.deepEqual([error.reason, error.status], [reason, reply.status])
      const said = JSON.parse(new TextDecoder().decode(reply.body))
      assert.deepEqual([error.code, error.message.replaceAll('`', "'")], [said.error, said.error_description])
      assert.deepEqual(noted(embedded.lines), noted(network.lines))
      assert.equal((await counted(embedded.sts, adminToken)).length, 1)
      assert.deepEqual(await counted(embedded.sts, adminToken), await counted(network.sts, adminToken))
      await Promise.all([embedded.sts.close(), network.sts.close()])
    }
  })

  it('says when it may be tried again', async () => {
    const { sts } = await service({ fetch: () => Promise.reject(new TypeError('fetch failed')) })
    const error = await thrown(sts.exchange(await subject()))
    assert.deepEqual([error.code, error.status, error.reason], ['temporarily_unavailable', 503, 'subject_token.key.unavailable'])
    assert.ok(error.retryAfter > 0)
    await sts.close()
  })
})

for (const accessToken of ['jwt', 'opaque']) {
  describe(`introspect and revoke ${accessToken} access tokens`, () => {
    it('describes a token to its application alone, until it is revoked', async () => {
      const { sts, lines } = await service({ accessToken })
      const issued = await sts.exchange(await subject({ scope: 'read' }))
      const token = issued.access_token
      const known = await sts.introspect({ clientId: 'app', token })
      assert.deepEqual([known.active, known.sub, known.scope, known.client_id, known.exp > NOW], [true, 'ada', 'read', 'app', true])
      assert.deepEqual(await sts.introspect({ clientId: 'other', token }), { active: false })

      await sts.revoke({ clientId: 'other', token })
      assert.equal((await sts.introspect({ clientId: 'app', token })).active, true, 'it is not theirs')
      assert.equal(await sts.revoke({ clientId: 'app', token }), undefined)
      assert.deepEqual(await sts.introspect({ clientId: 'app', token }), { active: false })
      const events = lines.map((line) => JSON.parse(line).event)
      assert.deepEqual(events, ['token', 'introspection', 'introspection', 'revocation', 'introspection', 'revocation', 'introspection'])
      assertNothingLeaks(lines, token, issued.refresh_token)
      await sts.close()
    })

    it('ends a family with its refresh token', async () => {
      const { sts } = await service({ accessToken })
      const { access_token, refresh_token } = await sts.exchange(await subject())
      assert.equal((await sts.introspect({ clientId: 'app', token: refresh_token })).token_type, 'refresh_token')
      await sts.revoke({ clientId: 'app', token: refresh_token })
      for (const token of [access_token, refresh_token]) {
        assert.deepEqual(await sts.introspect({ clientId: 'app', token }), { active: false })
      }
      assert.equal((await thrown(sts.exchange({ clientId: 'app', refreshToken: refresh_token }))).code, 'invalid_grant')
      await sts.close()
    })
  })
}

describe('introspect and revoke', () => {
  it('know no token that was not issued here', async () => {
    const { sts } = await service()
    for (const token of ['', 'nonsense', await idp.token(), 'a\nb']) {
      assert.deepEqual(await sts.introspect({ clientId: 'app', token }), { active: false })
      assert.equal(await sts.revoke({ clientId: 'app', token }), undefined)
    }
    await sts.close()
  })

  it('refuse a client that is none, and fail closed without a store', async () => {
    const kept = memoryStore()
    let store = kept
    const { sts } = await service({
      accessToken: 'opaque',
      store: { read: (...ask) => store.read(...ask), list: (...ask) => store.list(...ask), commit: (...ask) => store.commit(...ask) },
    })
    const { access_token: token } = await sts.exchange(await subject())
    const down = () => {
      throw new Error('down')
    }
    for (const operation of ['introspect', 'revoke']) {
      const refused = await thrown(sts[operation]({ clientId: 'nobody', token }))
      assert.ok(refused instanceof TokenError)
      assert.deepEqual([refused.code, refused.status, refused.reason], ['invalid_client', 401, 'client.unknown'])
      store = { read: down, list: down, commit: down }
      const failed = await thrown(sts[operation]({ clientId: 'app', token }))
      assert.deepEqual([failed.code, failed.status, failed.retryAfter > 0], ['temporarily_unavailable', 503, true])
      store = kept
    }
    assert.equal((await sts.introspect({ clientId: 'app', token })).active, true)
    await sts.close()
  })
})

describe('explain', () => {
  it('says what would be issued, issues nothing and stores nothing', async () => {
    const kept = memoryStore()
    const written = []
    const store = { ...kept, read: kept.read.bind(kept), list: kept.list.bind(kept), commit: (batch, now) => (written.push(batch), kept.commit(batch, now)) }
    const { sts, lines } = await service({ store })
    // The first exchange makes a signing key, which the store keeps.
    await sts.exchange(await subject())
    written.length = 0
    const request = await subject({ scope: 'read' })
    const explained = await sts.explain(request)
    assert.deepEqual(
      [explained.granted, explained.status, explained.issued.reply.scope, explained.issued.refreshToken],
      [true, 200, 'read', true],
    )
    assert.deepEqual([explained.issued.claims.sub, explained.issued.claims.aud], ['ada', API])
    assert.ok(explained.checks.some(({ code, outcome }) => code === 'subject_token.signature' && outcome === 'pass'))
    assert.equal(explained.parties.trustedTokenIssuer, 'IdP')
    assert.deepEqual(written, [])
    assertNothingLeaks([JSON.stringify(explained), ...lines], request.subjectToken)
    await sts.close()
  })

  it('says why a request would be refused, and does not throw', async () => {
    const { sts } = await service()
    const expired = await sts.explain({ ...(await subject()), subjectToken: await idp.token({ exp: NOW - 600 }) })
    assert.deepEqual(
      [expired.granted, expired.status, expired.error, expired.reason, expired.claim],
      [false, 400, 'invalid_request', 'subject_token.claim.exp.expired', 'exp'],
    )
    assert.ok(expired.cause.length > 0 && expired.remedy.length > 0)
    assert.deepEqual(expired.checks.at(-1).outcome, 'fail')
    assert.equal((await sts.explain({ clientId: 'app', assertion: 'nonsense' })).reason, 'assertion.shape.not_compact')
    assert.equal((await sts.explain(await subject({ subjectTokenType: 'saml2' }))).reason, 'type.unsupported')
    await sts.close()
  })

  it('spends no refresh token', async () => {
    const { sts } = await service()
    const { refresh_token: refreshToken } = await sts.exchange(await subject())
    assert.equal((await sts.explain({ clientId: 'app', refreshToken })).granted, true)
    assert.ok((await sts.exchange({ clientId: 'app', refreshToken })).access_token)
    await sts.close()
  })

  it('is the same as POST /oauth2/explain', async () => {
    const adminToken = 'an-admin-token-for-tests-0123456789'
    const { sts } = await service({ adminToken })
    for (const scope of ['read', 'admin']) {
      const request = await subject({ scope })
      const body = new URLSearchParams({
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        client_id: 'app',
        subject_token: request.subjectToken,
        subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
        scope,
      })
      const headers = { authorization: `Bearer ${adminToken}` }
      const response = await sts.fetch(new Request('https://sts.example.com/oauth2/explain', { method: 'POST', body, headers }))
      assert.deepEqual(await sts.explain(request), await response.json())
    }
    await sts.close()
  })
})

describe('authenticate', () => {
  it('takes an access token as it is, and gives the reason', async () => {
    const clock = { now: NOW }
    const { sts } = await service({ now: () => clock.now })
    const { access_token: token } = await sts.exchange(await subject({ scope: 'read' }))
    assert.equal((await sts.authenticate(token, { scopes: ['read'], audience: [API] })).sub, 'ada')

    const unauthorized = async (promise) => {
      const error = await thrown(promise)
      assert.ok(error instanceof AccessError, String(error))
      return [error.code, error.reason, error.response.status]
    }
    assert.deepEqual(await unauthorized(sts.authenticate('Bearer ' + token)), ['invalid_token', 'shape.bearer', 401])
    assert.deepEqual(await unauthorized(sts.authenticate(token, { audience: 'x' })), ['invalid_token', 'claim.aud.mismatch', 401])
    assert.deepEqual(await unauthorized(sts.authenticate(token, { scopes: ['read', 'write'] })), ['insufficient_scope', undefined, 403])
    // A scope is never taken for an audience.
    assert.deepEqual(await unauthorized(sts.authenticate(token, { scopes: [API] })), ['insufficient_scope', undefined, 403])
    clock.now += 24 * 3600
    assert.deepEqual(await unauthorized(sts.authenticate(token)), ['invalid_token', 'claim.exp.expired', 401])
    await sts.close()
  })
})

describe('decisions', () => {
  it('are told as objects, the same as their lines', async () => {
    const { sts, lines, decisions } = await service()
    const request = await subject()
    const { access_token: token } = await sts.exchange(request)
    await thrown(sts.exchange({ ...request, scope: 'admin' }))
    await sts.introspect({ clientId: 'app', token })
    await sts.explain(request)
    await sts.fetch(new Request('https://sts.example.com/healthz'))
    assert.equal(decisions.length, 4)
    assert.deepEqual(decisions, lines.map((line) => JSON.parse(line)))
    assertNothingLeaks(lines, token, request.subjectToken)
    await sts.close()
  })

  it('do not fail because of who listens', async () => {
    const errors = []
    const onDecision = () => {
      throw new Error('disk full')
    }
    const { sts } = await service({ onDecision, onError: (error) => errors.push(error.message) })
    assert.ok((await sts.exchange(await subject())).access_token)
    assert.deepEqual(errors, ['disk full'])
    await sts.close()
  })
})
