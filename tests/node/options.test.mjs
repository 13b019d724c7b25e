/** Options that are misspelt or of another kind: they are refused, because what they were to forbid would be allowed. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import { createExchequer, validate } from 'exchequer'
import { listen } from 'exchequer/node'
import { postgresStore } from 'exchequer/stores/postgres'
import { redisStore } from 'exchequer/stores/redis'

import { NOW, config, issuer, jwksFetch } from './support/tokens.mjs'

const API = 'https://api.example.com'
const idp = await issuer()

/** A `TypeError` whose message has all of this. */
const named = (...parts) => (error) => {
  assert.equal(error.constructor, TypeError, String(error))
  for (const part of parts) assert.ok(error.message.includes(part), error.message)
  return true
}

describe('an option that is misspelt', () => {
  let sts, request, token
  before(async () => {
    sts = await createExchequer(config(), { fetch: jwksFetch(idp.jwks), now: () => NOW })
    request = { clientId: 'app', subjectToken: await idp.token(), subjectTokenType: 'jwt', scope: 'read' }
    token = (await sts.exchange(request)).access_token
  })
  after(() => sts.close())

  it('opens no API', async () => {
    for (const [options, wrong, meant] of [
      [{ scope: 'write' }, 'scope', 'scopes'], [{ audiences: 'https://other.example.com' }, 'audiences', 'audience'], [{ Scopes: ['write'] }, 'Scopes', 'scopes'],
      [{ scope: undefined }, 'scope', 'scopes'], [{ orgin: API }, 'orgin', 'origin'], [{ certifcate: undefined }, 'certifcate', 'certificate'],
    ]) {
      await assert.rejects(sts.authenticate(token, options), named('`authenticate`', `\`${wrong}\``, `did you mean \`${meant}\`?`))
    }
    await assert.rejects(sts.authenticate(token, { somethingElse: 1 }), named('`somethingElse`', 'scopes, audience, origin'))
    assert.equal((await sts.authenticate(token, { scopes: ['read'], audience: API })).sub, 'ada')
  })

  it('asks for nothing', async () => {
    for (const call of ['exchange', 'explain']) {
      await assert.rejects(sts[call]({ ...request, audiance: API }), named(`\`${call}\``, '`audiance`', 'did you mean `audience`?'))
      await assert.rejects(sts[call]({ ...request, scopes: ['read'] }), named('did you mean `scope`?'))
    }
    for (const call of ['introspect', 'revoke']) {
      await assert.rejects(sts[call]({ clientId: 'app', token, tokn: 'x' }), named(`\`${call}\``, 'did you mean `token`?'))
    }
    assert.equal((await sts.introspect({ clientId: 'app', token })).active, true)
  })

  it('asks for nothing with a proof, and shows no certificate', async () => {
    const dpop = { proof: 'a.b.c', method: 'GET', url: API }
    await assert.rejects(sts.exchange({ ...request, dpop: { ...dpop, ulr: API } }), named('`dpop`', '`ulr`', 'did you mean `url`?'))
    await assert.rejects(sts.authenticate(token, { dpop: { ...dpop, methd: 'GET' } }), named('`dpop`', 'did you mean `method`?'))
    const certificate = { sha256: 'ab'.repeat(32), verifed: true }
    await assert.rejects(sts.authenticate(token, { certificate }), named('`certificate`', 'did you mean `verified`?'))
    assert.throws(() => sts.handle({ method: 'GET', target: '/healthz', certificate }), named('`certificate`', 'did you mean `verified`?'))
  })

  it('is served nothing', async () => {
    const plain = { method: 'GET', target: '/healthz', headers: [], body: '', peer: '127.0.0.1', address: '192.0.2.1' }
    assert.equal((await sts.handle(plain)).status, 200)
    assert.throws(() => sts.handle({ ...plain, adress: '192.0.2.1' }), named('`handle`', '`adress`', 'did you mean `address`?'))
    assert.throws(() => sts.handle({ ...plain, header: [] }), named('did you mean `headers`?'))
  })

  it('opens no store', async () => {
    const url = 'postgres://nobody@127.0.0.1:1/none'
    await assert.rejects(postgresStore({ url, connection: 3 }), named('`postgresStore`', 'did you mean `connections`?'))
    // Its nodes would be spoken to without TLS.
    const nodes = [{ url: 'redis://127.0.0.1:1' }]
    await assert.rejects(redisStore({ rootNodes: nodes, default: { socket: { tls: true } } }), named('`redisStore`', 'did you mean `defaults`?'))
  })

  it('makes no service, listens nowhere, checks no token', async () => {
    await assert.rejects(createExchequer(config(), { adminTokn: 'x'.repeat(32) }), named('`createExchequer`', 'did you mean `adminToken`?'))
    await assert.rejects(createExchequer(config(), { stroe: {} }), named('did you mean `store`?'))
    await assert.rejects(listen(sts, { port: 0, hots: '0.0.0.0' }), named('`listen`', 'did you mean `host`?'))
    const given = { jwks: idp.jwks, issuer: 'https://idp.example.com', audience: 'x' }
    assert.throws(() => validate('a.b.c', { ...given, algorithm: ['ES256'] }), named('`validate`', 'did you mean `algorithms`?'))
    assert.equal(validate('a.b.c', given).ok, false)
  })

  it('is not compared with a name as long as a book', async () => {
    const name = 'x'.repeat(1_000_000)
    await assert.rejects(sts.authenticate(token, { [name]: 1 }), (error) => named('scopes')(error) && error.message.length < 300)
  })
})

describe('an option that is of another kind', () => {
  let sts, token
  before(async () => {
    sts = await createExchequer(config(), { fetch: jwksFetch(idp.jwks), now: () => NOW })
    token = (await sts.exchange({ clientId: 'app', subjectToken: await idp.token(), subjectTokenType: 'jwt' })).access_token
  })
  after(() => sts.close())

  it('is said by its name', async () => {
    for (const [options, name] of [[{ scopes: 'read' }, 'scopes'], [{ scopes: [5] }, 'scopes'], [{ audience: null }, 'audience'], [{ audience: [undefined] }, 'audience'], [{ audience: 5 }, 'audience']]) {
      await assert.rejects(sts.authenticate(token, options), named(`\`${name}\` is no list of strings`))
    }
    // A list that was empty by mistake would let in tokens for everybody.
    await assert.rejects(sts.authenticate(token, { audience: [] }), named('`audience` is an empty list'))
    const request = { clientId: 'app', subjectToken: await idp.token(), subjectTokenType: 'jwt' }
    for (const name of ['audience', 'resource', 'scope']) {
      for (const value of [5, [5], [{}], [undefined], { length: 5e9 }]) await assert.rejects(sts.exchange({ ...request, [name]: value }), named(`\`${name}\` is no list of strings`))
    }
  })

  it('is no document', async () => {
    await assert.rejects(createExchequer(), named('the configuration document is missing'))
    await assert.rejects(createExchequer(() => ({})), named('the configuration document is a function'))
    await assert.rejects(sts.reconfigure(), named('the configuration document is missing'))
  })

  it('is no store', async () => {
    for (const store of ['sqlite:x.sqlite', {}, null, () => 'sqlite:x.sqlite', { read() {}, list() {} }]) {
      await assert.rejects(createExchequer(config(), { store }), named('`store` is', "sqliteStore('file:exchequer.sqlite')"))
    }
  })
})
