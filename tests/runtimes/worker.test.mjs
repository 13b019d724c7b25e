/** A Worker made by `createWorker`: what it is bound to, and what goes wrong around it. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'

import { issuer } from './support/issuer.mjs'
import { project } from './support/project.mjs'
import { ADMIN, STS, WORKER, bindings, configuration, exchangeOf, post, refreshOf, request } from './support/service.mjs'
import { STORES, start } from './support/worker.mjs'

const { directory } = project()
const OBJECT = STORES['a Durable Object']
const JWT_ONLY = { application: { grantTypes: ['urn:ietf:params:oauth:grant-type:token-exchange'] } }
const KEY = { kty: 'OKP', crv: 'Ed25519', kid: 'ours', alg: 'EdDSA', d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }

/** The Worker with a clock that a request puts forward, by seconds. */
const CLOCKED = WORKER.replace('export default', `
  const now = Date.now
  const worker =`) + `
  export default {
    fetch(request, env, context) {
      Date.now = () => now() + 1000 * Number(request.headers.get('x-ahead') ?? 0)
      return worker.fetch(request, env, context)
    },
  }`

/** Waits until it holds, half a minute at most. */
async function until(holds, what) {
  for (const late = Date.now() + 30_000; Date.now() < late; await setTimeout(25)) {
    if (await holds()) return
  }
  assert.fail(what)
}

describe('what a Worker is bound to', () => {
  it('administers for the bearer of EXCHEQUER_ADMIN_TOKEN alone', async () => {
    const idp = await issuer()
    const worker = await start(directory, WORKER, { ...OBJECT, ...bindings(configuration(idp.issuer)) })
    const path = '/api/server/v1/trusted-token-issuers'
    const as = (token) => worker.fetch(path, { headers: { authorization: `Bearer ${token}` } })
    assert.equal((await as(ADMIN)).status, 200)
    assert.equal((await as(`${ADMIN}x`)).status, 401)
    await worker.stop()
  })

  it('counts failed attempts for the address that Cloudflare says, and for no other one', async () => {
    const idp = await issuer()
    const worker = await start(directory, WORKER, { ...OBJECT, ...bindings({ ...configuration(idp.issuer), limits: { failuresPerMinute: 2 } }) })
    const as = async (address, token) =>
      (await worker.fetch('/api/server/v1/applications', { headers: { authorization: `Bearer ${token}`, 'cf-connecting-ip': address, 'x-forwarded-for': '203.0.113.7' } })).status
    const guesses = []
    for (let i = 0; i < 3; i++) guesses.push(await as('203.0.113.66', 'wrong'))
    assert.deepEqual(guesses, [401, 401, 429])
    assert.equal(await as('203.0.113.66', ADMIN), 429)
    assert.equal(await as('203.0.113.7', ADMIN), 200)
    await worker.stop()
  })

  it('takes its configuration from KV, and what changes there', async () => {
    const idp = await issuer()
    const { bindings: variables } = bindings()
    const worker = await start(directory, CLOCKED, {
      ...OBJECT,
      bindings: { ...variables, EXCHEQUER_CONFIG: 'the-configuration' },
      kvNamespaces: ['EXCHEQUER_KV'],
    })
    const kv = await worker.miniflare.getKVNamespace('EXCHEQUER_KV')
    const exchanged = async (headers) => (await post(worker, exchangeOf(await idp.sign({}, STS)), headers)).status

    assert.equal(await exchanged(), 500)
    await until(() => worker.log().includes('EXCHEQUER_KV has nothing under the key'), 'the log does not say why')
    await kv.put('the-configuration', JSON.stringify(configuration(idp.issuer)))
    assert.equal(await exchanged(), 200)

    await kv.put('the-configuration', '{}')
    await until(async () => {
      await exchanged({ 'x-ahead': '70' })
      return worker.log().includes('issuer')
    }, 'nothing is said about a configuration that became bad')
    assert.equal(await exchanged({ 'x-ahead': '140' }), 200, 'the last good configuration goes on')

    await kv.put('the-configuration', JSON.stringify(configuration(idp.issuer, { trusted: { enabled: false } })))
    let ahead = 140
    await until(async () => (await exchanged({ 'x-ahead': String((ahead += 70)) })) === 400, 'the issuer is not switched off')
    await worker.stop()
  })

  it('serves what needs no store without one, and nothing else', async () => {
    const idp = await issuer()
    const exchanged = async (more) => {
      const worker = await start(directory, WORKER, bindings(configuration(idp.issuer, { keys: [KEY], ...more })))
      const { status } = await post(worker, exchangeOf(await idp.sign({ jti: 'once' }, STS)))
      const log = worker.log()
      await worker.stop()
      return { status, log }
    }
    assert.equal((await exchanged(JWT_ONLY)).status, 200)
    assert.equal((await exchanged({ ...JWT_ONLY, trusted: { replayProtection: 'jti' } })).status, 503)
    const { status, log } = await exchanged()
    assert.equal(status, 503)
    assert.match(log, /bind EXCHEQUER_STORE/)
  })

  it('that shall have no store refuses strangers as strangers, and does what needs none', async () => {
    const idp = await issuer()
    const given = bindings(configuration(idp.issuer, { keys: [KEY], ...JWT_ONLY, trusted: { replayProtection: 'jti' } }))
    const worker = await start(directory, WORKER, { ...given, bindings: { ...given.bindings, EXCHEQUER_STORE: 'none' } })
    const form = exchangeOf(await idp.sign({ jti: 'once' }, STS))
    assert.equal((await post(worker, form, { authorization: `Basic ${btoa('nobody:x')}` })).status, 401)
    assert.equal((await post(worker, form)).status, 503, 'a token that counts once needs a store')
    assert.doesNotMatch(worker.log(), /there is no store/)
    await worker.stop()
  })

  it('writes its audit lines where its author says, or nowhere', async () => {
    const idp = await issuer()
    const source = `
      import { createWorker } from 'exchequer/worker'
      const lines = []
      const [told, silent] = [(line) => lines.push(line), false].map((audit) => createWorker({ audit }))
      export default {
        fetch(request, env, context) {
          if (new URL(request.url).pathname === '/lines') return Response.json(lines)
          return (request.headers.has('x-silent') ? silent : told).fetch(request, env, context)
        },
      }`
    const given = bindings(configuration(idp.issuer, { keys: [KEY], ...JWT_ONLY }))
    const worker = await start(directory, source, { ...given, bindings: { ...given.bindings, EXCHEQUER_STORE: 'none' } })
    for (const headers of [{ 'x-silent': 'yes' }, {}]) {
      assert.equal((await post(worker, exchangeOf(await idp.sign({}, STS)), headers)).status, 200)
    }
    const lines = await (await worker.fetch('/lines')).json()
    assert.deepEqual(lines.map((line) => JSON.parse(line).status), [200])
    assert.doesNotMatch(worker.log(), /"event":"token"/)
    await worker.stop()
  })

  it('says in its log, and there alone, what is wrong with its configuration', async () => {
    const { bindings: variables } = bindings(configuration('https://idp.example.com'))
    const worker = await start(directory, WORKER, { ...OBJECT, bindings: { EXCHEQUER_CONFIG: variables.EXCHEQUER_CONFIG } })
    const response = await worker.fetch('/oauth2/jwks')
    assert.equal(response.status, 500)
    assert.deepEqual(await response.json(), { error: 'server_error' })
    await until(() => worker.log().includes('applications[0].clientSecret'), 'the log does not say what is wrong')
    await worker.stop()
  })
})

describe('what goes wrong around a Worker', () => {
  it('goes on when an issuer that was down at start is up', async () => {
    const idp = await issuer()
    const worker = await start(directory, WORKER, { ...OBJECT, ...bindings(configuration(idp.issuer)) })
    idp.down(true)
    assert.equal((await post(worker, exchangeOf(await idp.sign({}, STS)))).status, 503)
    idp.down(false)
    // As long as `Retry-After` says, and a little.
    await setTimeout(1_100)
    assert.equal((await post(worker, exchangeOf(await idp.sign({}, STS)))).status, 200)
    await worker.stop()
  })

  it('follows an issuer that rotates its keys', async () => {
    const idp = await issuer()
    const worker = await start(directory, WORKER, { ...OBJECT, ...bindings(configuration(idp.issuer)) })
    for (let rotation = 0; rotation < 2; rotation++) {
      assert.equal((await post(worker, exchangeOf(await idp.sign({}, STS)))).status, 200)
      const old = await idp.sign({}, STS)
      await idp.rotate()
      if (rotation === 1) assert.equal((await post(worker, exchangeOf(old))).status, 200, 'keys are kept while they are fresh')
    }
    assert.equal(idp.fetched, 2)
    await worker.stop()
  })

  it('fetches keys before they grow old, when a request has been answered', async () => {
    const idp = await issuer()
    const worker = await start(directory, CLOCKED, { ...OBJECT, ...bindings(configuration(idp.issuer)) })
    await post(worker, exchangeOf(await idp.sign({}, STS)))
    assert.equal(idp.fetched, 1)
    // Keys without Cache-Control are fresh for fifteen minutes.
    await worker.fetch('/oauth2/jwks', { headers: { 'x-ahead': '800' } })
    await until(() => idp.fetched === 2, 'they were not fetched')
    await worker.stop()
  })

  it('answers 503 while its store fails', async () => {
    const idp = await issuer()
    const source = `
      import { createWorker } from 'exchequer/worker'
      import { durableObjectStore } from 'exchequer/stores/durable-object'
      export { ExchequerStore } from 'exchequer/worker'
      let fails = false
      const worker = createWorker({
        store(env) {
          const store = durableObjectStore(env.EXCHEQUER_STORE)
          const checked = (method) => async (...args) => {
            if (fails) throw new Error('the store is down')
            return store[method](...args)
          }
          return { read: checked('read'), list: checked('list'), commit: checked('commit') }
        },
      })
      export default {
        fetch(request, env, context) {
          fails = request.headers.has('x-store-fails')
          return worker.fetch(request, env, context)
        },
      }`
    const worker = await start(directory, source, { ...OBJECT, ...bindings(configuration(idp.issuer)) })
    const { refresh_token } = await post(worker, exchangeOf(await idp.sign({}, STS)))
    const down = await post(worker, refreshOf(refresh_token), { 'x-store-fails': 'yes' })
    assert.equal(down.status, 503)
    assert.equal((await post(worker, refreshOf(refresh_token))).status, 200, 'the token was not used up')
    await worker.stop()
  })

  it('refuses a body beyond the limit', async () => {
    const worker = await start(directory, WORKER, { ...OBJECT, ...bindings(configuration('https://idp.example.com')) })
    const response = await worker.fetch('/oauth2/token', request({ grant_type: 'a'.repeat(100_000) }))
    assert.equal(response.status, 413)
    // A configuration document may be longer.
    const compare = async (length) => {
      const headers = { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json' }
      return (await worker.fetch('/api/server/v1/configuration/diff', { method: 'POST', headers, body: ' '.repeat(length) })).status
    }
    assert.deepEqual([await compare(1024 * 1024), await compare(1024 * 1024 + 1)], [400, 413])
    await worker.stop()
  })
})
