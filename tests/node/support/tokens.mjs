/** An issuer in memory: keys, tokens, and a `fetch` that serves its JWK set. */
import { SignJWT, exportJWK, generateKeyPair } from 'jose'

export const NOW = 1_790_000_000
export const ISSUER = 'https://idp.example.com'
export const STS = 'https://sts.example.com'
export const JWKS_URI = `${ISSUER}/jwks`

/** Makes an issuer that signs with this algorithm. */
export async function issuer(alg = 'ES256') {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg }
  return {
    alg,
    jwk,
    privateKey,
    jwks: { keys: [jwk] },
    token: (claims = {}) =>
      new SignJWT({ iss: ISSUER, sub: 'ada', aud: STS, iat: NOW - 10, exp: NOW + 600, ...claims })
        .setProtectedHeader({ alg, kid: 'k1', typ: 'JWT' })
        .sign(privateKey),
  }
}

/** A `fetch` that serves a JWK set and counts. */
export function jwksFetch(jwks) {
  const fetch = async (url) => {
    fetch.calls.push(String(url))
    return new Response(JSON.stringify(jwks), { headers: { 'content-type': 'application/json' } })
  }
  fetch.calls = []
  return fetch
}

/** A configuration with one issuer, one client, and whatever is added. */
export function config({ alg = 'ES256', ...more } = {}) {
  return {
    issuer: STS,
    trustedTokenIssuers: [
      { name: 'IdP', issuer: ISSUER, certificate: { jwksUri: JWKS_URI }, algorithms: [alg] },
    ],
    applications: [
      {
        name: 'App',
        clientId: 'app',
        clientSecret: 'a-secret-of-the-application-0123456789',
        type: 'machine',
        grantTypes: ['urn:ietf:params:oauth:grant-type:token-exchange'],
        trustedTokenIssuers: ['IdP'],
        audiences: ['https://api.example.com'],
        scopes: ['read', 'write'],
      },
    ],
    ...more,
  }
}
