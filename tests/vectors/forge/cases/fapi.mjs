/**
 * FAPI 2.0 with client credentials, in the combinations of authentication and binding that its conformance
 * suite has. What a row of the requirements asks for stands in brackets.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

import { calculateJwkThumbprint } from 'jose'

import { granted, refused, suite } from '../case.mjs'
import { makeCertificates } from '../certificates.mjs'
import { publicJwk } from '../keys.mjs'
import { NOW, US, jwt } from '../token.mjs'

makeCertificates()

const config = 'fapi'
const BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const CHALLENGE = { 'www-authenticate': 'Basic realm="token", charset="UTF-8"' }
const der = (name) => Buffer.from(readFileSync(new URL(`../../keys/${name}.pem`, import.meta.url), 'utf8').replace(/-----[^-]+-----|\s/g, ''), 'base64')
const tls = (name = 'client-es256') => ({ certificate: { der: der(name).toString('base64'), verified: true } })
const x5t = (name) => createHash('sha256').update(der(name)).digest('base64url')
const members = (name) => {
  const { kty, crv, x, y, n, e } = publicJwk(name)
  return JSON.parse(JSON.stringify({ kty, crv, x, y, n, e }))
}
const JKT = await calculateJwkThumbprint(members('robot-es256'))

let count = 0
async function proof({ key = 'robot-es256', alg, header, claims } = {}) {
  const made = await jwt({
    key,
    alg,
    header: { typ: 'dpop+jwt', kid: undefined, jwk: members(key), ...header },
    claims: { iss: undefined, sub: undefined, aud: undefined, exp: undefined, iat: NOW, jti: `fapi-${++count}`, htm: 'POST', htu: `${US}/oauth2/token`, ...claims },
  })
  return [['dpop', made.text]]
}
const PROOFS = {}
for (const [name, spec] of Object.entries({
  plain: {}, other: { key: 'machine-es256' }, alias: { claims: { htu: 'https://mtls.sts.example/oauth2/token' } }, before: { claims: { iat: NOW - 10 } }, after: { claims: { iat: NOW + 8 } },
  'nbf-exp': { claims: { nbf: NOW, exp: NOW + 300 } }, 'far-ahead': { claims: { iat: NOW + 60 } }, ps256: { key: 'idp-rs2048', alg: 'PS256', header: { alg: 'PS256' } }, ed25519: { key: 'idp-ed25519' },
  es384: { key: 'idp-es384' }, ps512: { key: 'idp-rs2048', alg: 'PS512', header: { alg: 'PS512' } },
})) PROOFS[name] = await proof(spec)

/** A request of a client: `key-…` signs an assertion, `certificate-…` has a certificate; `…-dpop` sends a proof. */
function asked(client, { assertion = {}, headers, connection, form } = {}) {
  const byKey = !client.startsWith('certificate-')
  const bindsCertificate = client.endsWith('-mtls')
  const { claims, ...spec } = assertion
  return {
    request: {
      headers: headers ?? (bindsCertificate ? undefined : PROOFS.plain),
      connection: connection === undefined ? (bindsCertificate || !byKey ? tls() : undefined) : (connection ?? undefined),
      form: {
        grant_type: 'client_credentials',
        ...(byKey
          ? { client_assertion_type: ASSERTION, client_assertion: { key: 'machine-es256', ...spec, claims: { iss: client, sub: client, aud: US, jti: `a-${client}`, iat: NOW, exp: NOW + 60, ...claims } } }
          : { client_id: client }),
        ...form,
      },
    },
  }
}
const boundTo = (client) => (client.endsWith('-mtls') ? { body: { token_type: 'Bearer', refresh_token: null }, claims: { cnf: { 'x5t#S256': x5t('client-es256') } } } : { body: { token_type: 'DPoP', refresh_token: null }, claims: { cnf: { jkt: JKT } } })
const failed = (reason, step) => refused(reason, { ...step, expect: { status: 401, error: 'invalid_client', headers: CHALLENGE, ...step.expect } })
const NONE = null

suite('fapi', ({ steps }) => {
  const one = (name, about, step) => steps(name, about, config, [step])
  const KEYED = ['key-dpop', 'key-mtls', 'either']

  for (const client of ['key-dpop', 'key-mtls', 'certificate-dpop', 'certificate-mtls']) {
    one(`${client}-happy`, 'The token is issued and bound, without a refresh token (FAPI-08).', granted({ ...asked(client), expect: boundTo(client) }))
  }
  one('either-dpop', 'Where neither is demanded, a proof binds the token (FAPI-25).', granted({ ...asked('either'), expect: boundTo('key-dpop') }))
  one('either-mtls', 'Or a certificate does (FAPI-25).', granted({ ...asked('either', { headers: [], connection: tls() }), expect: boundTo('key-mtls') }))
  one('plain', 'Without the profile nothing of it is demanded.', granted({ ...asked('plain', { headers: [], assertion: { key: 'idp-rs2048', alg: 'RS256', header: { alg: 'RS256' }, claims: { aud: [US] } } }), expect: { claims: { cnf: null } } }))

  one('key-dpop-unbound', 'Without a proof nothing is issued (FAPI-17).', refused('dpop.missing', { ...asked('key-dpop', { headers: [] }), expect: { error: 'invalid_dpop_proof' } }))
  one('key-mtls-unbound', 'Without a certificate nothing is issued (FAPI-17).', refused('client.certificate.missing', asked('key-mtls', { connection: NONE })))
  one('certificate-dpop-unbound', 'A certificate that authenticates does not stand for the proof that is demanded (FAPI-17).', refused('dpop.missing', { ...asked('certificate-dpop', { headers: [] }), expect: { error: 'invalid_dpop_proof' } }))
  one('certificate-mtls-unbound', 'Without a certificate the client does not even authenticate (FAPI-17).', failed('client.certificate.missing', asked('certificate-mtls', { connection: NONE })))
  one('either-unbound', 'With neither of both nothing is issued (FAPI-17, FAPI-25).', refused('client.binding.missing', asked('either', { headers: [] })))

  for (const client of KEYED) {
    const fail = (name, about, reason, assertion, more = {}) => one(`${client}-${name}`, about, failed(reason, asked(client, { assertion, ...(client === 'either' ? {} : {}), ...more })))
    fail('rs256', 'RS256 is not of FAPI (FAPI-07, FAPI-18).', 'client_assertion.algorithm.not_allowed', { key: 'idp-rs2048', alg: 'RS256', header: { alg: 'RS256' } })
    one(`${client}-ps256`, 'PS256 is (FAPI-07).', granted({ ...asked(client, { assertion: { key: 'idp-rs2048', alg: 'PS256', header: { alg: 'PS256' } } }), expect: boundTo(client === 'either' ? 'key-dpop' : client) }))
    fail('expired', 'An assertion that expired five minutes ago is refused (FAPI-20).', 'client_assertion.claim.exp.expired', { claims: { iat: NOW - 400, exp: NOW - 300 } })
    fail('other-audience', 'An assertion for another server is refused (FAPI-21).', 'client_assertion.claim.aud.mismatch', { claims: { aud: 'https://other.example' } })
    fail('audience-the-endpoint', 'So is one for the token endpoint (FAPI-25).', 'client_assertion.claim.aud.not_issuer_alone', { claims: { aud: `${US}/oauth2/token` } })
    fail('audience-a-list', 'The audience is a text (FAPI-25).', 'client_assertion.claim.aud.not_issuer_alone', { claims: { aud: [US] } })
    fail('without-sub', 'An assertion without `sub` is refused (FAPI-22).', 'client_assertion.claim.missing', { claims: { sub: undefined } })
    fail('iat-far-ahead', 'An assertion that was made a minute ahead is refused (FAPI-25).', 'client_assertion.claim.iat.future', { claims: { iat: NOW + 60, exp: NOW + 120 } })
    one(`${client}-iat-ahead`, 'One that was made ten seconds ahead is not (FAPI-25).', granted(asked(client, { assertion: { claims: { iat: NOW + 10, nbf: NOW + 10 } } })))
    one(`${client}-without-an-assertion`, 'The client id alone authenticates nobody (FAPI-19).', failed('client.authentication.missing', asked(client, { form: { client_id: client, client_assertion: undefined, client_assertion_type: undefined } })))
    one(`${client}-of-the-second`, 'An assertion of the second client with the key of the first is refused (FAPI-16).', failed('client_assertion.key.not_found', asked(client, { assertion: { claims: { iss: 'second', sub: 'second' } }, form: { client_id: 'second' } })))
  }
  one('certificate-of-another', 'The certificate of another client is refused (FAPI-16).', failed('client.certificate.other', asked('certificate-mtls', { connection: tls('client-spiffe') })))

  for (const client of ['key-dpop', 'certificate-dpop']) {
    const accept = (name, about) => one(`${client}-proof-${name}`, about, granted({ ...asked(client, { headers: PROOFS[name] }), expect: { body: { token_type: 'DPoP' } } }))
    accept('before', 'A proof that is ten seconds old is taken (FAPI-14).')
    accept('after', 'One that was made eight seconds ahead is (FAPI-15).')
    accept('nbf-exp', 'One with `nbf` and `exp` is (FAPI-13).')
    accept('ps256', 'PS256 is of FAPI (FAPI-07).')
    accept('ed25519', 'EdDSA is of FAPI (FAPI-07).')
    accept('alias', 'A proof may be for the endpoint of clients with certificates (MTLS-09).')
    const fail = (name, about, reason) => one(`${client}-proof-${name}`, about, refused(reason, { ...asked(client, { headers: PROOFS[name] }), expect: { error: 'invalid_dpop_proof' } }))
    fail('far-ahead', 'A proof that was made a minute ahead is refused (DPOP-08).', 'dpop.claim.iat.future')
    fail('es384', 'ES384 is not of FAPI (FAPI-07).', 'dpop.algorithm.not_allowed')
    fail('ps512', 'Nor is PS512 (FAPI-07).', 'dpop.algorithm.not_allowed')
  }
  one('metadata', 'The metadata are what the profile asks for (FAPI-01, FAPI-02, FAPI-03, FAPI-04, FAPI-05).', {
    request: { method: 'GET', target: '/.well-known/oauth-authorization-server' },
    expect: {
      status: 200,
      body: {
        issuer: US, token_endpoint: `${US}/oauth2/token`, tls_client_certificate_bound_access_tokens: true, authorization_endpoint: null,
        grant_types_supported: ['urn:ietf:params:oauth:grant-type:token-exchange', BEARER, 'refresh_token', 'client_credentials', 'urn:ietf:params:oauth:grant-type:jwt-dpop'],
        token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth', 'none'],
        token_endpoint_auth_signing_alg_values_supported: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'],
        dpop_signing_alg_values_supported: ['ES256', 'ES384', 'ES512', 'EdDSA', 'PS256', 'PS384', 'PS512'],
      },
    },
  })
})
