/** Keys that a program supplies for an issuer itself. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { ExchequerError, SupplyKeysError, createExchequer } from 'exchequer'
import { memoryStore } from 'exchequer/stores/memory'

import { ISSUER, NOW, STS, config, issuer } from './support/tokens.mjs'

const ADMIN = 'an-admin-token-for-tests'
const idp = await issuer()

/** A service whose issuers are out of reach; `fetched` is what it asked them. */
async function cutOff(options = {}, document = {}) {
  const fetched = []
  const fetch = async (url) => {
    fetched.push(url)
    throw new TypeError('fetch failed')
  }
  return { sts: await createExchequer(config(document), { fetch, now: () => NOW, ...options }), fetched }
}

const exchange = async (sts, token, more = {}) =>
  sts.exchange({ clientId: 'app', subjectToken: await token, subjectTokenType: 'jwt', ...more })

describe('supplyKeys', () => {
  it('takes a JWK set, as an object or as text, and nothing is fetched', async () => {
    for (const jwks of [idp.jwks, JSON.stringify(idp.jwks), `\ufeff${JSON.stringify(idp.jwks)}`]) {
      const { sts, fetched } = await cutOff()
      await sts.supplyKeys(ISSUER, jwks)
      assert.ok((await exchange(sts, idp.token())).access_token)
      assert.deepEqual(fetched, [])
      await sts.close()
    }
  })

  it('counts before it is awaited', async () => {
    const { sts, fetched } = await cutOff()
    const supplied = sts.supplyKeys(ISSUER, idp.jwks)
    assert.ok((await exchange(sts, idp.token())).access_token)
    await supplied
    assert.deepEqual(fetched, [])
    await sts.close()
  })

  it('replaces the keys until others are supplied, and never fetches newer ones', async () => {
    let now = NOW
    const { sts, fetched } = await cutOff({ now: () => now })
    const next = await issuer()
    await sts.supplyKeys(ISSUER, idp.jwks)
    await assert.rejects(exchange(sts, next.token()), { status: 400, reason: 'subject_token.signature.rejected' })
    now += 60
    await assert.rejects(exchange(sts, next.token()), { status: 400 })
    await sts.supplyKeys(ISSUER, next.jwks)
    assert.ok((await exchange(sts, next.token())).access_token)
    await assert.rejects(exchange(sts, idp.token()), { status: 400 })
    await sts.supplyKeys(ISSUER, { keys: [] })
    await assert.rejects(exchange(sts, next.token()), { status: 400, reason: 'subject_token.key.not_found' })
    assert.deepEqual(fetched, [])
    await sts.close()
  })

  it('knows an issuer that the administration API made, also on another server', async () => {
    const store = memoryStore()
    const one = await cutOff({ store, adminToken: ADMIN })
    const other = await cutOff({ store })
    const post = async (path, body) => {
      const headers = { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json' }
      const response = await one.sts.fetch(new Request(`${STS}/api/server/v1/${path}`, { method: 'POST', headers, body: JSON.stringify(body) }))
      assert.equal(response.status, 201, await response.text())
    }
    const iss = 'https://made.example.com'
    await post('trusted-token-issuers', { name: 'Made', issuer: iss, certificate: { jwksUri: `${iss}/jwks` } })
    await post('applications', {
      name: 'Made app', clientId: 'made', grantTypes: ['urn:ietf:params:oauth:grant-type:token-exchange'], trustedTokenIssuers: ['Made'],
    })
    for (const { sts, fetched } of [one, other]) {
      await sts.supplyKeys(iss, idp.jwks)
      assert.ok((await exchange(sts, idp.token({ iss }), { clientId: 'made' })).access_token)
      assert.deepEqual(fetched, [])
    }
    await Promise.all([one.sts.close(), other.sts.close()])
  })

  it('refuses what it cannot take over, says why, and leaves the keys as they were', async () => {
    const { sts } = await cutOff()
    await sts.supplyKeys(ISSUER, idp.jwks)
    const long = `${JSON.stringify(idp.jwks)}${' '.repeat(512 * 1024)}`
    for (const [name, jwks, code, reason, words] of [
      [`${ISSUER}/`, idp.jwks, 'unknown_issuer', 'issuer.unknown', /exactly the issuer `https:\/\/idp\.example\.com\/`/],
      ['IdP', idp.jwks, 'unknown_issuer', 'issuer.unknown', /register it/],
      [ISSUER, '<html>', 'invalid_key_set', 'key.document_unusable', /not JSON but HTML/],
      [ISSUER, idp.jwk, 'invalid_key_set', 'key.document_unusable', /a single key/],
      [ISSUER, undefined, 'invalid_key_set', 'key.document_unusable', /is empty/],
      [ISSUER, long, 'invalid_key_set', 'key.document_unusable', /longer than 512 KiB/],
    ]) {
      await assert.rejects(sts.supplyKeys(name, jwks), (error) => {
        assert.ok(error instanceof SupplyKeysError && error instanceof ExchequerError)
        assert.deepEqual([error.name, error.code, error.reason], ['SupplyKeysError', code, reason])
        assert.match(error.message, words)
        return true
      })
    }
    assert.ok((await exchange(sts, idp.token())).access_token)
    await sts.close()
  })

  it('says that the store did not answer', async () => {
    const fails = async () => { throw new Error('the store is down') }
    const { sts } = await cutOff({ store: { read: fails, list: fails, commit: fails } }, { keys: undefined })
    await assert.rejects(sts.supplyKeys('https://made.example.com', idp.jwks), {
      code: 'temporarily_unavailable', reason: 'store.unavailable',
    })
    await sts.close()
  })

  it('is refused by a service that was closed', async () => {
    const { sts } = await cutOff()
    await sts.close()
    await assert.rejects(sts.supplyKeys(ISSUER, idp.jwks), /closed/)
  })
})
