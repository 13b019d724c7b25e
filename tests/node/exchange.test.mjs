/** The public API of the package, with an issuer in memory and a clock that stands still. */
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { describe, it } from 'node:test'

import { ConfigurationError, ExchequerError, TokenError, createExchequer, validate } from 'exchequer'
import { createLocalJWKSet, jwtVerify } from 'jose'

import { ISSUER, JWKS_URI, NOW, STS, config, issuer, jwksFetch } from './support/tokens.mjs'

const idp = await issuer()

async function service(options = {}) {
  const fetch = jwksFetch(idp.jwks)
  const sts = await createExchequer(config(), { fetch, now: () => NOW, ...options })
  return Object.assign(sts, { fetched: fetch.calls })
}

const subject = async (claims) => ({
  clientId: 'app',
  subjectToken: await idp.token(claims),
  subjectTokenType: 'jwt',
  scope: ['read'],
})

describe('exchange', () => {
  it('resolves to the token endpoint’s JSON', async () => {
    const sts = await service()
    const issued = await sts.exchange(await subject())
    assert.equal(issued.token_type, 'Bearer')
    assert.equal(issued.issued_token_type, 'urn:ietf:params:oauth:token-type:access_token')
    assert.equal(issued.scope, 'read')

    const jwks = await (await sts.fetch(new Request(`${STS}/oauth2/jwks`))).json()
    const { payload } = await jwtVerify(issued.access_token, createLocalJWKSet(jwks), {
      issuer: STS,
      audience: 'https://api.example.com',
      currentDate: new Date(NOW * 1000),
    })
    assert.equal(payload.sub, 'ada')
    await sts.close()
  })

  it('fetches an issuer’s keys once', async () => {
    const sts = await service()
    await Promise.all(Array.from({ length: 10 }, async () => sts.exchange(await subject())))
    assert.deepEqual(sts.fetched, [JWKS_URI])
    await sts.close()
  })

  it('needs no promise hop when everything is at hand', async () => {
    const sts = await service()
    await sts.exchange(await subject())
    const body = new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      client_id: 'app',
      client_secret: 'a-secret-of-the-application-0123456789',
      subject_token: await idp.token(),
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    }).toString()
    const headers = ['content-type', 'application/x-www-form-urlencoded']
    const reply = sts.handle({ method: 'POST', target: '/oauth2/token', headers, body })
    assert.ok(!(reply instanceof Promise))
    assert.equal(reply.status, 200)
    await sts.close()
  })

  it('throws what the token endpoint says, with our reason', async () => {
    const sts = await service()
    await assert.rejects(sts.exchange(await subject({ aud: 'somebody else' })), (error) => {
      assert.ok(error instanceof TokenError && error instanceof ExchequerError)
      assert.equal(error.code, 'invalid_request')
      assert.match(error.reason, /^subject_token\.claim\.aud\./)
      assert.equal(error.claim, 'aud')
      assert.equal(error.status, 400)
      return true
    })
    await assert.rejects(sts.exchange({ ...(await subject()), scope: 'admin' }), { code: 'invalid_scope' })
    await assert.rejects(sts.exchange({ ...(await subject()), clientId: 'nobody' }), { code: 'invalid_client' })
    await sts.close()
  })

  it('rejects a token whose signature was tampered with', async () => {
    const sts = await service()
    const { subjectToken, ...rest } = await subject()
    const [head, payload, signature] = subjectToken.split('.')
    const bytes = Buffer.from(signature, 'base64url')
    bytes[10] ^= 1
    const tampered = `${head}.${payload}.${bytes.toString('base64url')}`
    await assert.rejects(sts.exchange({ ...rest, subjectToken: tampered }), { reason: 'subject_token.signature.rejected' })
    await sts.close()
  })

  it('says that an issuer is down, and goes on when it is back', async () => {
    let up = false
    const working = jwksFetch(idp.jwks)
    const fetch = (url, init) => (up ? working(url, init) : Promise.reject(new TypeError('fetch failed')))
    let now = NOW
    const sts = await service({ fetch, now: () => now })
    await assert.rejects(sts.exchange(await subject()), { code: 'temporarily_unavailable', status: 503 })
    up = true
    now += 60
    assert.ok((await sts.exchange(await subject())).access_token)
    await sts.close()
  })

  it('leaves the client secret to those on the network', async () => {
    const sts = await service()
    const { subjectToken } = await subject()
    const body = new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      client_id: 'app',
      subject_token: subjectToken,
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    })
    const response = await sts.fetch(new Request(`${STS}/oauth2/token`, { method: 'POST', body }))
    assert.equal(response.status, 401)
    await sts.close()
  })
})

describe('a service', () => {
  it('writes an audit line for each token request, without the token', async () => {
    const lines = []
    const sts = await service({ audit: (line) => lines.push(line) })
    const request = await subject()
    await sts.exchange(request)
    await assert.rejects(sts.exchange({ ...request, scope: 'admin' }))
    await sts.fetch(new Request(`${STS}/healthz`))
    assert.deepEqual(lines.map((line) => JSON.parse(line).status), [200, 400])
    assert.ok(lines.every((line) => !line.includes(request.subjectToken)))
    await sts.close()
  })

  it('answers although its audit sink throws', async () => {
    const errors = []
    const sts = await service({
      audit: () => {
        throw new Error('disk full')
      },
      onError: (error) => errors.push(error.message),
    })
    assert.ok((await sts.exchange(await subject())).access_token)
    assert.deepEqual(errors, ['disk full'])
    await sts.close()
  })

  it('leaves nothing behind in the engine', async () => {
    const sts = await service()
    const good = await subject()
    const bad = await subject({ aud: 'x' })
    const results = await Promise.allSettled(Array.from({ length: 1000 }, (_, i) => sts.exchange(i % 2 ? good : bad)))
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 500)
    assert.equal(sts.waiting, 0)
    await sts.close()
  })

  it('leaves nothing behind when everything outside fails', async () => {
    const broken = () => {
      throw new Error('down')
    }
    const store = { read: broken, list: () => Promise.reject(new Error('down')), commit: broken }
    const errors = []
    const sts = await service({ store, onError: (error) => errors.push(error) })
    const results = await Promise.allSettled(
      Array.from({ length: 100 }, async () => sts.exchange(await subject())),
    )
    assert.ok(results.every(({ reason }) => reason?.code === 'temporarily_unavailable'))
    assert.ok(errors.length > 0)
    assert.equal(sts.waiting, 0)
    await sts.close()
  })

  it('waits for what is under way before it closes', async () => {
    const sts = await service()
    const exchange = sts.exchange(await subject())
    await sts.close()
    assert.ok((await exchange).access_token)
    await assert.rejects(sts.exchange(await subject()), /closed/)
  })

  it('keeps apart two services with the same key id', async () => {
    const keys = async () => [{ ...(await exported('ES256')), kid: 'same' }]
    const services = []
    for (const own of [await keys(), await keys()]) {
      services.push(await createExchequer(config({ keys: own }), { fetch: jwksFetch(idp.jwks), now: () => NOW }))
    }
    for (const sts of services) {
      const { access_token } = await sts.exchange(await subject())
      const jwks = await (await sts.fetch(new Request(`${STS}/oauth2/jwks`))).json()
      await jwtVerify(access_token, createLocalJWKSet(jwks), { currentDate: new Date(NOW * 1000) })
      await sts.close()
    }
  })

  it('does not let a header field become two', async () => {
    const sts = await service()
    const smuggled = { method: 'GET', target: '/healthz', headers: ['x', 'y\nauthorization: Basic x'] }
    assert.throws(() => sts.handle(smuggled), /line break/)
    assert.throws(() => sts.handle({ method: 'GET', target: '/a\nx:y' }), /line break/)
    await sts.close()
  })

  it('refuses to work with a clock that does not tell the time', async () => {
    await assert.rejects(service({ now: () => Number.NaN }), /clock/)
    let now = NOW
    const sts = await service({ now: () => now })
    now = 0
    await assert.rejects(sts.exchange(await subject()), /clock does not say the time/)
    assert.throws(() => sts.handle({ method: 'GET', target: '/healthz' }), /clock does not say the time/)
    now = NOW
    assert.ok((await sts.exchange(await subject())).access_token)
    await sts.close()
  })

  it('refuses a body that is too long', async () => {
    const sts = await service()
    const body = 'x'.repeat(70_000)
    // Whatever it says of its length.
    for (const length of [{}, { 'content-length': '70000' }, { 'content-length': '10' }, { 'content-length': '' }]) {
      const headers = { 'content-type': 'application/x-www-form-urlencoded', ...length }
      const response = await sts.fetch(new Request(`${STS}/oauth2/token`, { method: 'POST', body, headers }))
      assert.equal(response.status, 413)
      assert.equal((await response.json()).error, 'invalid_request')
    }
    await sts.close()
  })

  it('says everything that is wrong with a configuration', async () => {
    await assert.rejects(createExchequer({ isuer: STS }), (error) => {
      assert.ok(error instanceof ConfigurationError)
      assert.equal(error.code, 'invalid_configuration')
      assert.equal(error.problems[0].path, 'isuer')
      assert.match(error.problems[0].remedy, /issuer/)
      return true
    })
  })

  it('opens no store for a configuration that is wrong', async () => {
    let opened = false
    const store = () => {
      opened = true
    }
    await assert.rejects(createExchequer({}, { store }), ConfigurationError)
    assert.equal(opened, false)
  })
})

describe('validate', () => {
  const options = { jwks: idp.jwks, issuer: ISSUER, audience: STS, now: NOW }

  it('returns the claims of a good token', async () => {
    const verdict = validate(await idp.token(), options)
    assert.equal(verdict.ok, true)
    assert.equal(verdict.claims.sub, 'ada')
  })

  it('says why a token is not good', async () => {
    const verdict = validate(await idp.token(), { ...options, now: NOW + 10_000 })
    assert.equal(verdict.ok, false)
    assert.equal(verdict.claim, 'exp')
    assert.match(verdict.reason, /exp/)
  })

  it('sees that a key set was changed', async () => {
    const jwks = { keys: [...idp.jwks.keys] }
    const token = await idp.token()
    assert.equal(validate(token, { ...options, jwks }).ok, true)
    jwks.keys[0] = (await issuer()).jwk
    assert.equal(validate(token, { ...options, jwks }).ok, false)
  })
})

describe('CommonJS', () => {
  // Node 20 has it behind a flag, from 20.19 and 22.12 on without.
  const { require_module: possible } = process.features
  it('can require the package', { skip: !possible && 'this Node cannot require(esm)' }, async () => {
    const { createExchequer: required } = createRequire(import.meta.url)('exchequer')
    const sts = await required(config())
    await sts.close()
  })
})

async function exported(alg) {
  const { exportJWK, generateKeyPair } = await import('jose')
  return exportJWK((await generateKeyPair(alg, { extractable: true })).privateKey)
}
