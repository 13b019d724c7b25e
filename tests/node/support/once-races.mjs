/**
 * Races among replicas for what counts once: a DPoP proof, an assertion that is a grant, and an
 * assertion that authenticates a client. Every replica is sent the same at the same time.
 */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'

import { SignJWT, exportJWK, generateKeyPair } from 'jose'

/** How many races each store has to bear: some hundred, or as many as are asked for. */
export const RACES = Number(process.env.ONCE_RACES ?? 300)
/** How long they may take before they hang. */
export const TIMEOUT_MS = 180_000 + RACES * 100

const STS = 'https://sts.example.com'
const ISSUER = 'https://idp.example.com'
const SECRET = 'a-secret-of-the-application-0123456789'
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
/** Races at the same time. */
const LANES = 4

async function keyPair() {
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  return { privateKey, jwk: await exportJWK(publicKey) }
}

/** Whose tokens, assertions and proofs are raced for. */
export async function contest() {
  const [key, client, issuer] = await Promise.all([keyPair(), keyPair(), keyPair()])
  const now = () => Math.floor(Date.now() / 1000)
  const signed = ({ privateKey }, header, claims) =>
    new SignJWT({ iat: now(), jti: randomUUID(), ...claims }).setProtectedHeader({ alg: 'ES256', ...header }).sign(privateKey)
  const app = { client_id: 'app', client_secret: SECRET }

  return {
    config: {
      issuer: STS,
      // Whoever loses has failed.
      limits: 'off',
      trustedTokenIssuers: [{ name: 'Issuer', issuer: ISSUER, certificate: { jwks: { keys: [{ ...issuer.jwk, kid: 'k1' }] } }, replayProtection: 'jti' }],
      applications: [
        { clientId: 'app', type: 'machine', clientSecret: SECRET, grantTypes: ['client_credentials', JWT_BEARER], trustedTokenIssuers: ['Issuer'] },
        { clientId: 'keyed', type: 'machine', jwks: { keys: [{ ...client.jwk, kid: 'c1' }] }, grantTypes: ['client_credentials'] },
      ],
    },
    /** By what counts once: a request with a new one, and the error of who comes second. */
    kinds: [
      {
        error: 'invalid_dpop_proof',
        make: async () => ({
          form: { grant_type: 'client_credentials', ...app },
          headers: { dpop: await signed(key, { typ: 'dpop+jwt', jwk: key.jwk }, { htm: 'POST', htu: `${STS}/oauth2/token` }) },
        }),
      },
      {
        error: 'invalid_grant',
        make: async () => ({
          form: { grant_type: JWT_BEARER, ...app, assertion: await signed(issuer, { kid: 'k1', typ: 'JWT' }, { iss: ISSUER, sub: 'ada', aud: STS, exp: now() + 300 }) },
        }),
      },
      {
        error: 'invalid_client',
        make: async () => ({
          form: {
            grant_type: 'client_credentials',
            client_assertion_type: ASSERTION,
            client_assertion: await signed(client, { kid: 'c1', typ: 'JWT' }, { iss: 'keyed', sub: 'keyed', aud: STS, exp: now() + 300 }),
          },
        }),
      },
    ],
  }
}

/**
 * Races: half of them among the first two replicas, half among all. A replica is a function that
 * sends a request to it. In each race one request wins. Every other one is refused as a repetition.
 */
export async function race({ kinds }, replicas, races = RACES) {
  let next = 0
  const lane = async () => {
    while (next < races) {
      const turn = next++
      const { error, make } = kinds[turn % kinds.length]
      const among = turn % 2 === 0 ? replicas.slice(0, 2) : replicas
      const request = await make()
      const replies = await Promise.all(among.map((send) => send(request)))
      const outcomes = replies.map(({ status, error: said }) => (status === 200 ? 'won' : said)).toSorted()
      const expected = ['won', ...among.slice(1).map(() => error)].toSorted()
      assert.deepEqual(outcomes, expected, `race ${turn}: ${JSON.stringify(replies)}`)
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
}

/** The reply of a token endpoint: its status and its body. */
export async function replyOf(response) {
  return { status: response.status, ...(await response.json()) }
}
