/** The typed operations of both worlds in jco: the same results, called or driven step by step. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'

import { memoryStore } from 'exchequer/stores/memory'

import { NOW, config, issuer } from '../node/support/tokens.mjs'
import { load as loadAuthority } from './authority.mjs'
import { load as loadEngine } from './jco.mjs'

const SECRET = 'a-secret-of-the-application-0123456789'
const API = 'https://api.example.com'
const idp = await issuer()

function document() {
  const document = config()
  document.trustedTokenIssuers[0].certificate = { jwks: idp.jwks }
  document.applications[0].grantTypes.push('urn:ietf:params:oauth:grant-type:jwt-bearer', 'refresh_token', 'client_credentials')
  return JSON.stringify(document)
}

const ADMIN = 'an-admin-token-of-the-tests'

/** The operations of the world `authority`, which calls its imports. */
async function authority() {
  const { instantiate } = await loadAuthority()
  const world = { now: () => NOW, store: memoryStore(), fetch: () => assert.fail('no document is fetched') }
  const made = instantiate(world).make(document(), [], ADMIN)
  const operation = (name) => (...parameters) => made[name](...parameters)
  return operations(operation)
}

/** The operations of the world `engine`, whose asks are answered here. */
async function engine() {
  const { steps: { Engine, Pending } } = await loadEngine()
  const made = Engine.make(document(), [], ADMIN, { verify: [], sign: [] }, BigInt(NOW))
  const store = memoryStore()
  const operation = (name) => (...parameters) => {
    let step = made[name](...parameters, BigInt(NOW), randomBytes(32))
    while (step.tag === 'ask') step = Pending.resume(step.val, answered(store, step.val.ask()))
    return step.val
  }
  return operations(operation)
}

const operations = (operation) =>
  Object.fromEntries(['handle', 'exchange', 'explain', 'introspect', 'revoke', 'authenticate'].map((name) => [name, operation(name)]))

function answered(store, { tag, val }) {
  const stored = ({ key, value, version }) => ({ key, value, version: BigInt(version) })
  if (tag === 'read') return { tag: 'records', val: store.read(val, NOW).map((record) => record && stored(record)) }
  const batch = val.map(({ expect, expiresAt, ...write }) => ({
    ...write,
    expect: expect.tag === 'version' ? Number(expect.val) : expect.tag,
    expiresAt: expiresAt === undefined ? undefined : Number(expiresAt),
  }))
  return { tag: store.commit(batch, NOW) ? 'committed' : 'conflict' }
}

const text = (bytes) => new TextDecoder().decode(bytes)
const request = (method, target, headers, body = '') => ({ method, target, headers, body: new TextEncoder().encode(body), caller: 'embedder' })

const EMBEDDER = { tag: 'embedder', val: 'app' }
const target = (more) => ({ audience: [], ...more })
const exchange = (token, more) => ({
  client: EMBEDDER,
  grant: { tag: 'token-exchange', val: { subject: { token, tokenType: 'jwt' }, target: target(more) } },
})

for (const [world, made] of Object.entries({ authority, engine })) {
  describe(`the world \`${world}\``, () => {
    it('exchanges, describes, lets in and revokes', async () => {
      const sts = await made()
      const subject = await idp.token()
      const { outcome, audit } = sts.exchange(exchange(subject, { scope: ['read'], audience: [API] }))
      assert.equal(outcome.tag, 'ok', outcome.val.message)
      const { accessToken: token, issuedTokenType, tokenType, expiresIn, scope, refreshToken } = outcome.val
      assert.deepEqual([issuedTokenType, tokenType, scope, expiresIn > 0n], ['access-token', 'Bearer', ['read'], true])
      assert.ok([token, subject, refreshToken].every((one) => !audit.includes(one.slice(-20))), audit)
      assert.equal(JSON.parse(audit).status, 200)

      const known = sts.introspect({ client: { tag: 'secret', val: { clientId: 'app', secret: SECRET } }, token })
      assert.equal(JSON.parse(known.outcome.val.val).sub, 'ada')
      const stranger = sts.introspect({ client: { tag: 'secret', val: { clientId: 'app', secret: 'wrong' } }, token })
      assert.deepEqual([stranger.outcome.tag, stranger.outcome.val.error, stranger.outcome.val.status], ['err', 'invalid_client', 401])

      const entered = sts.authenticate(token, undefined, { scopes: ['read'], audiences: [API] })
      assert.deepEqual([entered.tag, entered.val.sub, JSON.parse(entered.val.claims).client_id], ['ok', 'ada', 'app'])
      const lacking = sts.authenticate(token, undefined, { scopes: ['write'], audiences: [] })
      assert.deepEqual([lacking.tag, lacking.val], ['err', { tag: 'insufficient-scope', val: ['write'] }])
      const invalid = sts.authenticate(subject, undefined, { scopes: [], audiences: [] })
      assert.deepEqual([invalid.tag, invalid.val.tag, typeof invalid.val.val.reason], ['err', 'invalid-token', 'string'])

      const revoked = sts.revoke({ client: EMBEDDER, token })
      assert.deepEqual([revoked.outcome.tag, JSON.parse(revoked.audit).event], ['ok', 'revocation'])
      assert.equal(sts.introspect({ client: EMBEDDER, token }).outcome.val.tag, 'inactive')
    })

    it('takes every grant', async () => {
      const sts = await made()
      const assertion = { tag: 'jwt-bearer', val: { assertion: await idp.token(), target: target() } }
      const first = sts.exchange({ client: EMBEDDER, grant: assertion }).outcome
      assert.deepEqual([first.tag, first.val.issuedTokenType], ['ok', undefined])
      const refresh = { tag: 'refresh-token', val: { refreshToken: first.val.refreshToken, target: target() } }
      assert.equal(sts.exchange({ client: EMBEDDER, grant: refresh }).outcome.tag, 'ok')
      const again = sts.exchange({ client: EMBEDDER, grant: refresh }).outcome
      assert.deepEqual([again.tag, again.val.error, again.val.reason], ['err', 'invalid_grant', 'refresh_token.reused'])
      assert.ok(again.val.cause.length > 0 && again.val.remedy.length > 0)
      const itself = sts.exchange({ client: EMBEDDER, grant: { tag: 'client-credentials', val: target({ scope: ['read'] }) } }).outcome
      assert.deepEqual([itself.tag, itself.val.scope, itself.val.refreshToken], ['ok', ['read'], undefined])
      assert.equal(sts.authenticate(itself.val.accessToken, undefined, { scopes: ['read'], audiences: [] }).val.sub, 'app')
    })

    it('refuses, notes and counts a malformed request as the same one over HTTP', async () => {
      const exchange = 'urn:ietf:params:oauth:grant-type:token-exchange'
      for (const [name, parameter, type, value] of [
        ['token-exchange', 'subject_token', exchange, { subject: { token: '', tokenType: 'jwt' }, target: target() }],
        ['jwt-bearer', 'assertion', 'urn:ietf:params:oauth:grant-type:jwt-bearer', { assertion: '', target: target() }],
        ['refresh-token', 'refresh_token', 'refresh_token', { refreshToken: '', target: target() }],
      ]) {
        const [typed, http] = [await made(), await made()]
        const { outcome, audit } = typed.exchange({ client: EMBEDDER, grant: { tag: name, val: value } })
        assert.equal(outcome.val.message, `the parameter \`${parameter}\` is missing`)
        const body = new URLSearchParams({ grant_type: type, client_id: 'app', [parameter]: '' }).toString()
        const reply = http.handle(request('POST', '/oauth2/token', [['content-type', 'application/x-www-form-urlencoded']], body))
        assert.deepEqual([outcome.val.status, outcome.val.error], [reply.status, JSON.parse(text(reply.body)).error])
        assert.deepEqual(JSON.parse(audit), JSON.parse(reply.audit))
        const counted = [typed, http].map((sts) => text(sts.handle(request('GET', '/metrics', [['authorization', `Bearer ${ADMIN}`]])).body))
        assert.match(counted[0], /exchequer_decisions_total\{event="token",outcome="refused",reason="request\.parameter\.missing"\} 1\n/)
        assert.equal(counted[0], counted[1])
      }
    })

    it('explains, and issues nothing', async () => {
      const sts = await made()
      const { outcome, checks, parties } = sts.explain(exchange(await idp.token()))
      assert.deepEqual([outcome.tag, outcome.val.hasRefreshToken, JSON.parse(outcome.val.claims).sub], ['ok', true, 'ada'])
      assert.ok(checks.some(({ code, outcome }) => code === 'subject_token.signature' && outcome === 'pass'))
      assert.equal(parties.trustedTokenIssuer, 'IdP')
      const refused = sts.explain(exchange(await idp.token({ aud: 'somebody else' })))
      assert.deepEqual([refused.outcome.tag, refused.outcome.val.claim, refused.checks.at(-1).outcome], ['err', 'aud', 'fail'])
    })
  })
}
