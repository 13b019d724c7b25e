/** Checks that a party issued the token that the job asks for. */
import assert from 'node:assert/strict'

import { decodeJwt, importJWK, jwtVerify } from 'jose'

import { API, CLIENT, LIFETIME, SCOPE, STS } from '../inside/job.mjs'

/** Throws unless this token is good, and is about the subject token. */
export async function verifyIssued(name, issued, subjectToken, { ours }) {
  const { kty, crv, x, y } = ours
  const options = { issuer: STS, audience: API, algorithms: ['ES256'], typ: 'at+jwt', requiredClaims: ['exp', 'iat', 'jti'] }
  const { payload } = await jwtVerify(issued, await importJWK({ kty, crv, x, y }, 'ES256'), options)
  const { sub, email } = decodeJwt(subjectToken)
  const { exp, iat } = payload
  assert.deepEqual(
    { sub: payload.sub, email: payload.email, client_id: payload.client_id, scope: payload.scope, lifetime: exp - iat },
    { sub, email, client_id: CLIENT, scope: SCOPE, lifetime: LIFETIME },
    `${name} issued another token`,
  )
}
