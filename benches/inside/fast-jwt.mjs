/** The job with npm `fast-jwt`, which is synchronous; with or without its cache of verified tokens. */
import { createPrivateKey, createPublicKey, randomUUID } from 'node:crypto'

import { createSigner, createVerifier } from 'fast-jwt'

import { API, CLIENT, ISSUER, LEEWAY, LIFETIME, MAX_AGE, SCOPE, STS } from './job.mjs'

const pem = (key, type) => key.export({ format: 'pem', type })

export function fastJwt({ theirs, ours }, { cache = false } = {}) {
  const verify = createVerifier({
    key: pem(createPublicKey({ key: theirs, format: 'jwk' }), 'spki'),
    algorithms: ['RS256'],
    allowedIss: ISSUER,
    allowedAud: STS,
    maxAge: MAX_AGE * 1000,
    clockTolerance: LEEWAY * 1000,
    requiredClaims: ['sub', 'exp'],
    cache: cache && 10_000,
  })
  const sign = createSigner({
    key: pem(createPrivateKey({ key: ours, format: 'jwk' }), 'pkcs8'),
    algorithm: 'ES256',
    kid: ours.kid,
    header: { typ: 'at+jwt' },
    iss: STS,
    aud: API,
    expiresIn: LIFETIME * 1000,
  })
  return (token) => {
    const { sub, email } = verify(token)
    const access_token = sign({ sub, email, client_id: CLIENT, scope: SCOPE, jti: randomUUID() })
    return { access_token, token_type: 'Bearer', expires_in: LIFETIME, scope: SCOPE }
  }
}
