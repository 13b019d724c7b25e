/** Whether what a party issued is what the job asks for. */
import assert from 'node:assert/strict'

import { decodeJwt, importJWK, jwtVerify } from 'jose'

import { API, CLIENT, LIFETIME, SCOPE, STS } from '../inside/job.mjs'

/** Throws unless this is a good token for the subject token. `issuer`: who issued it, if it is not the usual one. */
export async function verifyIssued(name, issued, subjectToken, { ours }, { issuer = STS } = {}) {
  const { kty, crv, x, y } = ours
  const options = { issuer, audience: API, algorithms: ['ES256'], typ: 'at+jwt', requiredClaims: ['exp', 'iat', 'jti'] }
  const { payload } = await jwtVerify(issued, await importJWK({ kty, crv, x, y }, 'ES256'), options)
  const { sub, email } = decodeJwt(subjectToken)
  const { exp, iat } = payload
  assert.deepEqual(
    { sub: payload.sub, email: payload.email, client_id: payload.client_id, scope: payload.scope, lifetime: exp - iat },
    { sub, email, client_id: CLIENT, scope: SCOPE, lifetime: LIFETIME },
    `${name} issued another token`,
  )
}
