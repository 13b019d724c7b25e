/** The crypto provider of Node against npm `jose`, every algorithm both ways. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { createExchequer } from 'exchequer'
import { CompactSign, compactVerify, exportJWK, generateKeyPair } from 'jose'

import { NOW, config, issuer, jwksFetch } from './support/tokens.mjs'

const { nodeCrypto } = await import(new URL('../crypto/node.js', import.meta.resolve('exchequer')))

const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']
const MESSAGE = new TextEncoder().encode('eyJhbGciOiJub25lIn0.e30')

describe('node:crypto', () => {
  it('answers every algorithm', () => {
    assert.deepEqual([...nodeCrypto.verifies], ALGORITHMS)
    assert.deepEqual([...nodeCrypto.signs], ALGORITHMS)
  })

  for (const alg of ALGORITHMS) {
    it(`signs and verifies ${alg} as jose does`, async () => {
      const pair = await generateKeyPair(alg, { extractable: true })
      const [privateJwk, publicJwk] = [await exportJWK(pair.privateKey), await exportJWK(pair.publicKey)]
      const privateKey = nodeCrypto.privateKey(alg, privateJwk)
      const publicKey = nodeCrypto.publicKey(alg, publicJwk)

      const jws = await new CompactSign(MESSAGE).setProtectedHeader({ alg }).sign(pair.privateKey)
      const end = jws.lastIndexOf('.')
      const input = new TextEncoder().encode(jws.slice(0, end))
      const theirs = Buffer.from(jws.slice(end + 1), 'base64url')
      assert.equal(nodeCrypto.verify(alg, publicKey, input, theirs), true)

      const ours = nodeCrypto.sign(alg, privateKey, input)
      await compactVerify(`${jws.slice(0, end)}.${Buffer.from(ours).toString('base64url')}`, pair.publicKey)

      for (const at of [0, theirs.length >> 1, theirs.length - 1]) {
        const tampered = Buffer.from(theirs)
        tampered[at] ^= 1
        assert.equal(nodeCrypto.verify(alg, publicKey, input, tampered), false)
      }
      const other = Uint8Array.from(input)
      other[0] ^= 1
      assert.equal(nodeCrypto.verify(alg, publicKey, other, theirs), false)
      assert.equal(nodeCrypto.verify(alg, publicKey, input, theirs.subarray(1)), false)
      assert.equal(nodeCrypto.verify(alg, publicKey, input, Buffer.alloc(theirs.length)), false)
    })
  }
})

describe('crypto in a service', () => {
  for (const alg of ALGORITHMS) {
    it(`exchanges a token signed with ${alg}, by the host and in the engine`, async () => {
      const idp = await issuer(alg)
      const inEngine = { ...nodeCrypto, verifies: [], signs: [] }
      const waiting = slow(nodeCrypto)
      for (const crypto of [nodeCrypto, inEngine, waiting]) {
        const sts = await createExchequer(config({ alg }), { fetch: jwksFetch(idp.jwks), now: () => NOW, crypto })
        const request = { clientId: 'app', subjectTokenType: 'jwt' }
        // Twice: the second time with keys that are parsed already.
        for (let i = 0; i < 2; i++) assert.ok(await sts.exchange({ ...request, subjectToken: await idp.token({ jti: `${i}` }) }))
        const several = await Promise.all(['a', 'b', 'c'].map((jti) => idp.token({ jti, filler: jti.repeat(500) })))
        await Promise.all(several.map((subjectToken) => sts.exchange({ ...request, subjectToken })))

        const stranger = await issuer(alg)
        await assert.rejects(sts.exchange({ ...request, subjectToken: await stranger.token() }), {
          reason: 'subject_token.signature.rejected',
        })
        await sts.close()
      }
    })
  }
})

describe('a provider that answers with what is no answer', () => {
  const BAD = {
    'a text instead of a verdict': [{ verify: () => 'yes' }, /the ask `verify`: that is no answer/],
    'nothing instead of a verdict': [{ verify: () => undefined }, /the ask `verify`: that is no answer/],
    'a signature instead of a verdict': [{ verify: () => new Uint8Array(64) }, /answered `signature` to the ask `verify`/],
    'a verdict instead of a signature': [{ sign: () => true }, /answered `verdict` to the ask `sign`/],
    'what has no JSON instead of a verdict': [{ verify: () => 10n }, /the ask `verify`: that is no answer/],
    'a number instead of a signature': [{ sign: () => 1 }, /the ask `sign`: that is no answer/],
  }

  for (const [name, [methods, message]] of Object.entries(BAD)) {
    it(`is an error of the host, and the next request is decided: ${name}`, async () => {
      const idp = await issuer('ES256')
      let provided = methods
      const asked = (method) => (...args) => (provided[method] ?? nodeCrypto[method])(...args)
      const crypto = { ...nodeCrypto, verify: asked('verify'), sign: asked('sign') }
      const sts = await createExchequer(config(), { fetch: jwksFetch(idp.jwks), now: () => NOW, crypto })
      const request = async () => ({ clientId: 'app', subjectTokenType: 'jwt', subjectToken: await idp.token() })
      await assert.rejects(sts.exchange(await request()), message)
      provided = {}
      assert.ok((await sts.exchange(await request())).access_token)
      await sts.close()
    })
  }
})

describe('WebCrypto that nobody knows', () => {
  // Another module each time: what was found out is kept.
  const found = async (name) => (await import(new URL(`../crypto/web.js?${name}`, import.meta.resolve('exchequer')))).foundCrypto()
  const without = (...names) => ALGORITHMS.filter((alg) => !names.includes(alg))

  it('is asked for all but EdDSA where it has P-521', async () => {
    const { verifies, signs } = await found('whole')
    assert.deepEqual([verifies, signs], [without('EdDSA'), without('EdDSA')])
  })

  for (const [lack, method, lacking] of [
    ['imports no key of it', 'importKey', () => Promise.reject(new DOMException('no such curve', 'NotSupportedError'))],
    ['verifies nothing with it', 'verify', () => Promise.resolve(false)],
    ['fails when it verifies with it', 'verify', () => Promise.reject(new DOMException('not implemented', 'NotSupportedError'))],
  ]) {
    it(`is not asked for ES512 where it ${lack}`, async (t) => {
      t.mock.method(crypto.subtle, method, lacking)
      const { verifies, signs } = await found(lack.replaceAll(' ', '-'))
      assert.deepEqual([verifies, signs], [without('EdDSA', 'ES512'), without('EdDSA', 'ES512')])
    })
  }

  it('is not asked at all where there is none', async (t) => {
    t.mock.getter(crypto, 'subtle', () => undefined)
    assert.deepEqual((await found('none')).verifies, [])
  })
})

/** The same, by promises. It reads its bytes late, which are its own. */
function slow(provider) {
  const later = (method) => async (...args) => {
    await new Promise((resolve) => setImmediate(resolve))
    return method(...args)
  }
  return {
    ...provider,
    publicKey: later(provider.publicKey),
    privateKey: later(provider.privateKey),
    verify: later(provider.verify),
    sign: later(provider.sign),
  }
}
