/** The cache of verified tokens through the package: a signature is asked for once, and nothing else is left out. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { createExchequer } from 'exchequer'
import { memoryStore } from 'exchequer/stores/memory'

import { NOW, config, issuer, jwksFetch } from './support/tokens.mjs'

const { nodeCrypto } = await import(new URL('../crypto/node.js', import.meta.resolve('exchequer')))
const ADMIN = 'admin-token-for-tests'

/** A service that counts the signatures it has verified. */
async function service(caches, idp) {
  const seen = { verified: 0, now: NOW }
  const crypto = { ...nodeCrypto, verify: (...ask) => (seen.verified++, nodeCrypto.verify(...ask)) }
  const document = { ...config(), caches }
  const options = { store: memoryStore(), fetch: jwksFetch(idp.jwks), now: () => seen.now, crypto, adminToken: ADMIN }
  const sts = await createExchequer(document, options)
  const exchange = (subjectToken) => sts.exchange({ clientId: 'app', subjectToken, subjectTokenType: 'jwt', scope: 'read' })
  return { sts, seen, exchange }
}

const withBit = (token) => {
  const [head, body, signature] = token.split('.')
  const bytes = Buffer.from(signature, 'base64url')
  bytes[0] ^= 1
  return [head, body, bytes.toString('base64url')].join('.')
}

describe('the cache of verified tokens', () => {
  it('is off unless it is configured', async () => {
    const idp = await issuer()
    const { sts, seen, exchange } = await service(undefined, idp)
    const token = await idp.token()
    for (let n = 0; n < 3; n++) await exchange(token)
    assert.equal(seen.verified, 3)
    await sts.close()
  })

  it('has a signature verified once, of both kinds of tokens', async () => {
    const idp = await issuer()
    const { sts, seen, exchange } = await service({ verifiedTokens: {} }, idp)
    const token = await idp.token()
    let issued
    for (let n = 0; n < 3; n++) issued = await exchange(token)
    assert.equal(seen.verified, 1)
    for (let n = 0; n < 3; n++) await sts.authenticate(issued.access_token, { scopes: ['read'] })
    assert.equal(seen.verified, 2)
    await sts.close()
  })

  it('lets no twin pass, and no token whose time is over', async () => {
    const idp = await issuer()
    const { sts, seen, exchange } = await service({ verifiedTokens: {} }, idp)
    const token = await idp.token()
    const issued = (await exchange(token)).access_token
    await sts.authenticate(issued)
    for (let n = 0; n < 2; n++) {
      await assert.rejects(exchange(withBit(token)), { reason: 'subject_token.signature.rejected' })
      await assert.rejects(sts.authenticate(withBit(issued)), { reason: 'signature.rejected' })
    }
    await sts.revoke({ clientId: 'app', token: issued })
    await assert.rejects(sts.authenticate(issued), { reason: 'unknown' })
    await exchange(token)
    seen.now += 100_000
    await assert.rejects(exchange(token), { reason: 'subject_token.claim.exp.expired' })
    await sts.close()
  })

  it('is in the metrics', async () => {
    const idp = await issuer()
    const { sts, exchange } = await service({ verifiedTokens: { maxBytes: 65_536 } }, idp)
    const token = await idp.token()
    for (let n = 0; n < 3; n++) await exchange(token)
    const request = new Request('https://sts.example.com/metrics', { headers: { authorization: `Bearer ${ADMIN}` } })
    const text = await (await sts.fetch(request)).text()
    assert.match(text, /^exchequer_token_cache_hits_total\{cache="verified"\} 2$/m)
    assert.match(text, /^exchequer_token_cache_misses_total\{cache="verified"\} 1$/m)
    assert.match(text, /^exchequer_token_cache_evictions_total\{cache="verified"\} 0$/m)
    assert.match(text, /^exchequer_token_cache_bytes\{cache="verified"\} [1-9][0-9]+$/m)
    await sts.close()
  })
})
