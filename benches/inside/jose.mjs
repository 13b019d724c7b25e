/** The job as one writes it by hand with npm `jose`: the same checks and the same token. */
import { SignJWT, createLocalJWKSet, importJWK, jwtVerify } from 'jose'

import { API, CHECKS, CLIENT, LEEWAY, LIFETIME, MAX_AGE, SCOPE, STS } from './job.mjs'

/** How many verified tokens the Map keeps; the oldest one goes. */
const KEPT = 10_000

export async function handWritten(keys) {
  const [verify, issue] = [verifier(keys), await issuer(keys)]
  return async (token) => issue(await verify(token))
}

/** The same with a Map of verified tokens. What depends on the time is checked again. */
export async function handWrittenWithMap(keys) {
  const [verify, issue] = [verifier(keys), await issuer(keys)]
  const verified = new Map()
  return async (token) => {
    let payload = verified.get(token)
    if (payload === undefined) {
      payload = await verify(token)
      if (verified.size >= KEPT) verified.delete(verified.keys().next().value)
      verified.set(token, payload)
    } else {
      const now = Math.floor(Date.now() / 1000)
      if (payload.exp + LEEWAY <= now || payload.iat + MAX_AGE + LEEWAY < now) {
        verified.delete(token)
        throw new Error('the token has expired')
      }
    }
    return issue(payload)
  }
}

function verifier({ theirs }) {
  const set = createLocalJWKSet({ keys: [theirs] })
  return async (token) => (await jwtVerify(token, set, CHECKS)).payload
}

async function issuer({ ours }) {
  const key = await importJWK(ours, 'ES256')
  return async ({ sub, email }) => {
    const access_token = await new SignJWT({ client_id: CLIENT, scope: SCOPE, email })
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: ours.kid })
      .setIssuer(STS)
      .setSubject(sub)
      .setAudience(API)
      .setIssuedAt()
      .setExpirationTime(`${LIFETIME}s`)
      .setJti(crypto.randomUUID())
      .sign(key)
    return { access_token, token_type: 'Bearer', expires_in: LIFETIME, scope: SCOPE }
  }
}
