/** The parties of the client tests: a provider, keys of others, and Exchequer with applications of every kind. */
import { exportJWK, generateKeyPair } from 'jose'

import { provider } from './provider.mjs'
import { serve } from './serve.mjs'

export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
export const API = 'https://api.example.com'
export const OTHER_API = 'https://other.example.com'
export const SIGNERS = 'https://signers.example.com'
// Both change when they are form-encoded, and `%41` reads as `A` when it is
// decoded once too often.
export const CLIENT = 'worker+1@example.com'
export const SECRET = 'odd:+/=%41&chars-0123456789-abcdef'

const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']

const application = (more) => ({
  clientId: CLIENT,
  type: 'machine',
  grantTypes: [TOKEN_EXCHANGE, JWT_BEARER, 'refresh_token', 'client_credentials'],
  trustedTokenIssuers: ['OP', 'Signers'],
  audiences: [API, OTHER_API],
  scopes: ['read', 'write'],
  accessToken: { attributes: ['email'] },
  ...more,
})

/** Starts them; `op` and `sts` have to be stopped. */
export async function start() {
  const op = await provider()
  const signers = await Promise.all(ALGORITHMS.map(signer))
  const clientKey = await generateKeyPair('ES256', { extractable: true })
  const clientJwk = await exportJWK(clientKey.publicKey)
  const trustedTokenIssuers = [
    {
      name: 'OP',
      issuer: op.issuer,
      // ID tokens are for the application that people sign in to.
      alias: 'web-app',
      certificate: { discovery: true },
      algorithms: ['RS256', 'ES256', 'EdDSA'],
      claims: [{ from: 'email', to: 'email' }],
    },
    {
      name: 'Signers',
      issuer: SIGNERS,
      certificate: { jwks: { keys: signers.map(({ jwk }) => jwk) } },
      algorithms: ALGORITHMS,
    },
  ]
  const applications = [
    application({ clientSecret: SECRET }),
    application({ clientId: 'keyed', jwks: { keys: [clientJwk] } }),
    application({ clientId: 'public', type: 'mobile', grantTypes: [TOKEN_EXCHANGE, JWT_BEARER, 'refresh_token'] }),
    application({ clientId: 'bound', clientSecret: SECRET, dpop: { required: true, nonce: 'required' } }),
    application({ clientId: 'opaque', clientSecret: SECRET, accessToken: { type: 'opaque' } }),
  ]
  try {
    const sts = await serve((issuer) => ({ issuer, trustedTokenIssuers, applications }))
    op.audience = sts.url
    return { op, sts, signers, clientKey }
  } catch (error) {
    await op.stop()
    throw error
  }
}

async function signer(alg) {
  const { publicKey, privateKey } = await generateKeyPair(alg)
  return { alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid: alg, alg } }
}
