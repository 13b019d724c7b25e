/** What the step API promises besides the replies, in jco: faults of the host are errors, and nothing is assumed. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

import { ISSUER, issuer } from '../node/support/tokens.mjs'
import { load } from './jco.mjs'

const { steps } = await load()
const { Engine, Pending } = steps

const NOW = 1_790_000_000n
const KEY = JSON.parse(readFileSync(new URL('../vectors/keys/ours.json', import.meta.url), 'utf8'))
const NO_CRYPTO = { verify: [], sign: [] }
const CONFIG = { issuer: 'https://sts.example.com', keys: [KEY] }
const CLIENT = { clientId: 'web', grantTypes: ['urn:ietf:params:oauth:grant-type:token-exchange'] }

const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'

/** The configuration with an issuer whose keys are at a URL, and a client that needs no secret. */
const withIssuer = () => ({
  ...CONFIG,
  trustedTokenIssuers: [{ name: 'IdP', issuer: ISSUER, certificate: { jwksUri: `${ISSUER}/jwks` } }],
  applications: [{ clientId: 'app', type: 'mobile', grantTypes: [EXCHANGE], trustedTokenIssuers: ['IdP'] }],
})
const exchangeOf = (subject_token) => {
  const form = { grant_type: EXCHANGE, client_id: 'app', subject_token, subject_token_type: 'urn:ietf:params:oauth:token-type:jwt' }
  const headers = [['content-type', 'application/x-www-form-urlencoded']]
  return { method: 'POST', target: '/oauth2/token', headers, body: new TextEncoder().encode(String(new URLSearchParams(form))), caller: 'network' }
}
const make = (config, { secrets = [], adminToken, crypto = NO_CRYPTO } = {}) =>
  Engine.make(JSON.stringify(config), secrets, adminToken, crypto, NOW)
const get = (target, headers = []) => ({ method: 'GET', target, headers, body: new Uint8Array(), caller: 'network' })
const json = ({ tag, val }) => {
  assert.equal(tag, 'done')
  return { ...JSON.parse(new TextDecoder().decode(val.body)), status: val.status }
}
/** Drives a step with a store that has nothing in it. */
const emptily = (step) => {
  while (step.tag === 'ask') {
    const { tag, val } = step.val.ask()
    step = Pending.resume(step.val, tag === 'read' ? { tag: 'records', val: val.map(() => undefined) } : { tag: 'failed', val: 'unsupported' })
  }
  return step.val
}
/** The error that a call ends with: jco throws it as it is. */
const thrown = (call) => {
  try {
    call()
  } catch (error) {
    if (error instanceof Error) throw error
    return error
  }
  throw new assert.AssertionError({ message: 'there is no error' })
}

test('a configuration that is wrong is told with path, problem and remedy', () => {
  const problems = thrown(() => make({ isuer: 'https://sts.example' }))
  assert.deepEqual(problems.map(({ path, remedy }) => [path, remedy]), [['isuer', 'did you mean `issuer`?']])
})

test('a configuration names its secrets, and is made with them', () => {
  const config = { ...CONFIG, applications: [{ ...CLIENT, clientSecret: { env: 'BOT' } }] }
  const source = { tag: 'env', val: 'BOT' }
  assert.deepEqual(Engine.secrets(JSON.stringify(config)), [source])
  assert.match(thrown(() => make(config))[0].path, /clientSecret/)
  assert.match(thrown(() => make(config, { secrets: [{ source: { tag: 'file', val: 'BOT' }, value: 'x'.repeat(20) }] }))[0].path, /clientSecret/)
  make(config, { secrets: [{ source, value: 'a-secret-for-tests' }] })
})

test('what is probably not meant is a warning', () => {
  const applications = [{ ...CLIENT, clientSecret: 'a-secret-for-tests' }]
  const [warning] = make({ ...CONFIG, applications }).warnings()
  assert.match(warning.path, /keys|clientSecret/)
})

test('a clock that says nothing, and entropy that is none, are errors', () => {
  const engine = make(CONFIG)
  for (const [now, entropy] of [[0n, randomBytes(32)], [NOW, new Uint8Array(32)], [NOW, randomBytes(31)], [NOW, randomBytes(33)]]) {
    assert.match(thrown(() => engine.handle(get('/oauth2/jwks'), now, entropy)), /clock|entropy/)
    assert.match(thrown(() => engine.refreshKeys(now, entropy)), /clock|entropy/)
  }
  assert.equal(json(engine.handle(get('/oauth2/jwks'), NOW, randomBytes(32))).status, 200)
})

test('an answer to another ask is an error, and the engine goes on', () => {
  const engine = make(CONFIG)
  const step = engine.handle(get('/healthz'), NOW, randomBytes(32))
  assert.deepEqual([step.tag, step.val.ask().tag], ['ask', 'read'])
  assert.match(thrown(() => Pending.resume(step.val, { tag: 'verdict', val: true })), /`verdict` to the ask `read`/)
  const again = engine.handle(get('/healthz'), NOW, randomBytes(32))
  assert.equal(json(Pending.resume(again.val, { tag: 'records', val: [undefined] })).status, 200)
})

test('a request may be abandoned', () => {
  const engine = make(CONFIG)
  engine.handle(get('/healthz'), NOW, randomBytes(32)).val[Symbol.dispose]()
  assert.equal(json(engine.handle(get('/oauth2/jwks'), NOW, randomBytes(32))).status, 200)
})

test('the bearer of the admin token administers, and nobody else', () => {
  const adminToken = 'an-admin-token-for-tests'
  assert.match(thrown(() => make(CONFIG, { adminToken: 'short' }))[0].path, /admin token/)
  const status = (engine, bearer) =>
    emptily(engine.handle(get('/api/server/v1/trusted-token-issuers', [['authorization', `Bearer ${bearer}`]]), NOW, randomBytes(32))).status
  const engine = make(CONFIG, { adminToken })
  assert.equal(status(engine, adminToken), 200)
  assert.equal(status(engine, 'another-token-that-is-long'), 401)
  assert.equal(status(make(CONFIG), adminToken), 403)
})

test('an API of one\'s own is protected', () => {
  const protect = (headers) => make(CONFIG).protect(get('/', headers), { scopes: [], audiences: [] }, NOW, randomBytes(32))
  for (const headers of [[], [['authorization', 'Bearer nonsense']]]) {
    const reply = emptily(protect(headers))
    assert.equal(reply.status, 401)
    assert.ok(reply.headers.some(([name]) => name === 'www-authenticate'))
  }
})

test('keys that the host supplies are used, and nothing is asked for', async () => {
  const idp = await issuer()
  const engine = make(withIssuer())
  assert.equal(engine.supplyKeys(ISSUER, JSON.stringify(idp.jwks), NOW), undefined)
  const exchanged = engine.handle(exchangeOf(await idp.token()), NOW, randomBytes(32))
  assert.deepEqual([exchanged.tag, exchanged.val.status], ['done', 200])
  engine.supplyKeys(ISSUER, '{"keys":[]}', NOW)
  assert.equal(json(engine.handle(exchangeOf(await idp.token()), NOW, randomBytes(32))).error, 'invalid_request')
})

test('keys that cannot be taken over are refused for a reason', () => {
  const engine = make(withIssuer())
  const refused = (issuer, jwks) => thrown(() => engine.supplyKeys(issuer, jwks, NOW))
  assert.deepEqual(refused('https://nobody.example', '{"keys":[]}').tag, 'unknown-issuer')
  assert.match(refused('https://nobody.example', '{"keys":[]}').val, /`https:\/\/nobody\.example`/)
  assert.deepEqual(refused(ISSUER, '[]'), { tag: 'not-a-key-set', val: 'the keys cannot be used: the document is not a JWK set: it has no list `keys`; supply a JWK set' })
})

test('an issuer is looked up in the store', () => {
  const engine = make(CONFIG)
  const find = (answer) => {
    let step = engine.findIssuer(ISSUER, NOW, randomBytes(32))
    while (step.tag === 'ask') step = Pending.resume(step.val, answer(step.val.ask()))
    assert.equal(step.tag, 'issuer-looked-up')
    return step.val
  }
  assert.deepEqual(find(({ val }) => ({ tag: 'records', val: val.map(() => undefined) })), { tag: 'ok', val: false })
  assert.deepEqual(find(() => ({ tag: 'failed', val: 'timed-out' })), { tag: 'ok', val: false }, 'it was read a moment ago')
  assert.match(thrown(() => engine.findIssuer(ISSUER, 0n, randomBytes(32))), /clock/)
  const other = make(CONFIG)
  let step = other.findIssuer(ISSUER, NOW, randomBytes(32))
  step = Pending.resume(step.val, { tag: 'failed', val: 'timed-out' })
  assert.deepEqual(step.val, { tag: 'err', val: 'timed-out' })
  assert.deepEqual(make(withIssuer()).findIssuer(ISSUER, NOW, randomBytes(32)).val, { tag: 'ok', val: true })
})

test('a host that signs is given the key, by its id', () => {
  const engine = make(CONFIG, { crypto: { verify: [], sign: ['es256'] } })
  assert.equal(JSON.parse(engine.signingKey(KEY.kid)).d, KEY.d)
  assert.equal(engine.signingKey('another'), undefined)
})
