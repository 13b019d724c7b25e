/** Which key signs, and who computes it: the proxy, or the filter where the proxy has no `sign`. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'

import { freePort } from '../node/support/ports.mjs'
import { withoutSign } from './support/altered.mjs'
import { cluster, envoy, listener, noEnvoy } from './support/envoy.mjs'
import { API, NAMED, SECRET, clustersOf, filter, ownKey, service } from './support/filter.mjs'
import { bearer, send } from './support/http.mjs'
import { Issuer, STS } from './support/issuer.mjs'
import { upstream } from './support/upstream.mjs'

const ALGORITHMS = ['RS256', 'ES256']
/** Shorter than a private key for RS256 in DER, longer than one for ES256 with a token to sign. */
const RSA_BYTES = 1000
const EXCHANGE = {
  grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
  subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
  audience: API,
}

const PROXIES = {
  'a proxy that signs': { alter: (wasm) => wasm, says: 'signs [RS256 ES256]' },
  'a proxy that signs for ES256 alone': { alter: (wasm) => withoutSign(wasm, { from: RSA_BYTES }), says: 'signs [ES256]' },
  'a proxy that only verifies': { alter: withoutSign, says: 'signs []' },
}

for (const [name, { alter, says }] of Object.entries(PROXIES)) {
  describe(name, { skip: noEnvoy }, () => {
    const ports = {}
    let directory, idp, target, proxy
    before(async () => {
      directory = mkdtempSync(join(tmpdir(), 'exchequer-signing-'))
      const wasm = join(directory, 'filter.wasm')
      writeFileSync(wasm, alter(readFileSync(NAMED)))
      idp = await new Issuer(await freePort()).start()
      target = await upstream()
      const listeners = []
      for (const alg of ALGORITHMS) {
        const configuration = { config: service(await ownKey(alg), { idp }), clusters: clustersOf({ idp }) }
        const gateway = { clientId: 'edge', audience: [API] }
        for (const [mode, more] of Object.entries({ authority: {}, gateway: { gateway } })) {
          const port = (ports[`${mode} ${alg}`] = await freePort())
          const own = filter({ mode, ...configuration, ...more }, { wasm })
          listeners.push(listener(`${mode}-${alg}`, port, [own], 'upstream'))
        }
      }
      const clusters = [cluster('upstream', target.port), cluster('idp', Number(new URL(idp.url).port))]
      proxy = await envoy({ listeners, clusters })
    })
    after(async () => {
      await Promise.all([proxy?.stop(), target?.stop(), idp?.stop()])
      rmSync(directory, { recursive: true, force: true })
    })

    it('says so', async () => {
      await proxy.said(`the proxy verifies [RS256 ES256] and ${says}`)
    })

    for (const alg of ALGORITHMS) {
      it(`mints with a key for ${alg}, and others verify it`, async () => {
        const authority = ports[`authority ${alg}`]
        const jwks = (await send(authority, '/oauth2/jwks')).json
        const credentials = Buffer.from(`edge:${SECRET}`).toString('base64')
        const headers = { authorization: `Basic ${credentials}`, 'content-type': 'application/x-www-form-urlencoded' }
        const body = new URLSearchParams({ ...EXCHANGE, subject_token: await idp.token() }).toString()
        const issued = await send(authority, '/oauth2/token', { method: 'POST', headers, body })
        assert.equal(issued.status, 200, issued.text)
        const passed = await send(ports[`gateway ${alg}`], '/orders', { headers: bearer(await idp.token()) })
        assert.equal(passed.status, 200, passed.text)
        for (const token of [issued.json.access_token, passed.json.headers.authorization.slice(7)]) {
          assert.equal(decodeProtectedHeader(token).alg, alg)
          const expected = { issuer: STS, audience: API, typ: 'at+jwt', algorithms: [alg] }
          const { payload } = await jwtVerify(token, createLocalJWKSet(jwks), expected)
          assert.equal(payload.sub, 'ada')
        }
      })
    }
  })
}
