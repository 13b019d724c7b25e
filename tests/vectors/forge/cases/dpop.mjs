/** DPoP at the token endpoint (RFC 9449). What a row of the requirements asks for stands in brackets. */
import { createHash } from 'node:crypto'

import { calculateJwkThumbprint } from 'jose'

import { GRANT, TYPE, from, granted, refused, suite } from '../case.mjs'
import { key, publicJwk } from '../keys.mjs'
import { NOW, US, b64, jwt } from '../token.mjs'

const config = 'dpop'
const BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const secretOf = (client) => [client, `${client}-secret-for-tests`]
const members = (name) => {
  const { kty, crv, x, y, n, e } = publicJwk(name)
  return JSON.parse(JSON.stringify({ kty, crv, x, y, n, e }))
}
const thumbprint = (name) => calculateJwkThumbprint(members(name))
const [JKT, OTHER] = [await thumbprint('robot-es256'), await thumbprint('machine-es256')]

let count = 0
/** A proof: a token whose header has its key. */
async function proof({ key: name = 'robot-es256', header, claims, ...spec } = {}) {
  const made = await jwt({
    key: name,
    header: { typ: 'dpop+jwt', kid: undefined, jwk: members(name), ...header },
    claims: { iss: undefined, sub: undefined, aud: undefined, exp: undefined, iat: NOW, jti: `proof-${++count}`, htm: 'POST', htu: `${US}/oauth2/token`, ...claims },
    ...spec,
  })
  return made.text
}
const header = (...proofs) => proofs.map((one) => ['dpop', one])

const credentials = (client, headers, form = {}) => ({ request: { basic: secretOf(client), headers, form: { grant_type: 'client_credentials', ...form } } })
const exchange = (client, token, headers, form = {}) => ({
  request: { basic: client === 'pocket' ? undefined : secretOf(client), headers, form: { grant_type: GRANT, subject_token: token, subject_token_type: TYPE('jwt'), ...(client === 'pocket' && { client_id: client }), ...form } },
})
const refresh = (client, token, headers) => ({
  request: { basic: client === 'pocket' ? undefined : secretOf(client), headers, form: { grant_type: 'refresh_token', refresh_token: token, ...(client === 'pocket' && { client_id: client }) } },
})
const introspect = (client, token, body) => ({ request: { target: '/oauth2/introspect', basic: secretOf(client), form: { token } }, expect: { status: 200, body } })
const bad = (reason, step) => refused(reason, { ...step, expect: { error: 'invalid_dpop_proof', ...step.expect } })
const notGranted = (reason, step) => refused(reason, { ...step, expect: { error: 'invalid_grant', ...step.expect } })
const bound = { body: { token_type: 'DPoP' }, claims: { cnf: { jkt: JKT } } }

const proofs = {}
const p = async (name, spec) => (proofs[name] = await proof(spec))
for (const name of ['plain', 'refresh', 'again', 'third', 'exchange', 'assertion', 'opaque', 'id-token', 'refresh-token', 'strict', 'fresh', 'actor', 'switched', 'down']) await p(name)
await p('other', { key: 'machine-es256' })
await p('other-again', { key: 'machine-es256' })
await p('capitals', { claims: { htu: 'HTTPS://STS.example:443/oauth2/%74oken' } })
await p('query', { claims: { htu: `${US}/oauth2/token?x#y` } })
await p('before', { claims: { iat: NOW - 10 } })
await p('after', { claims: { iat: NOW + 8 } })
await p('nbf-exp', { claims: { nbf: NOW, exp: NOW + 300 } })
await p('extras', { header: { more: 1, kid: 'any' }, claims: { more: [1], nonce: 'nobody asked' } })
for (const [name, alg] of Object.entries({ ed25519: 'idp-ed25519', es384: 'idp-es384', es512: 'idp-es512' })) await p(name, { key: alg })
await p('ps256', { key: 'idp-rs2048', alg: 'PS256', header: { alg: 'PS256' } })

const REFUSED = {
  'no-jwt': ['dpop.shape.not_compact', 'DPOP-01', 'junk'],
  'joined': ['dpop.several', 'DPOP-01', `${proofs.plain},${proofs.again}`],
  'empty': ['dpop.shape.not_compact', 'DPOP-01', ''],
  'without-typ': ['dpop.header.typ.mismatch', 'DPOP-02', await proof({ header: { typ: undefined } })],
  'typ-jwt': ['dpop.header.typ.mismatch', 'DPOP-02', await proof({ header: { typ: 'JWT' } })],
  'alg-none': ['dpop.header.alg.forbidden', 'DPOP-03', await proof({ header: { alg: 'none' }, made: () => '' })],
  'alg-hs256': ['dpop.header.alg.forbidden', 'DPOP-03', await proof({ header: { alg: 'HS256' }, made: () => 'AAAA' })],
  'alg-not-announced': ['dpop.algorithm.not_allowed', 'DPOP-03', await proof({ key: 'idp-rs2048', alg: 'RS256', header: { alg: 'RS256' } })],
  'without-jwk': ['dpop.jwk.unusable', 'DPOP-04', await proof({ header: { jwk: undefined } })],
  'jwk-a-text': ['dpop.jwk.unusable', 'DPOP-04', await proof({ header: { jwk: 'x' } })],
  'jwk-symmetric': ['dpop.jwk.unusable', 'DPOP-04', await proof({ header: { jwk: { kty: 'oct', k: 'AAAA' } } })],
  'jwk-of-another-type': ['dpop.jwk.unusable', 'DPOP-04', await proof({ header: { jwk: members('idp-es384') } })],
  'jwk-off-the-curve': ['dpop.jwk.unusable', 'DPOP-04', await proof({ header: { jwk: { ...members('robot-es256'), y: members('robot-es256').x } } })],
  'jwk-of-another': ['dpop.signature.rejected', 'DPOP-04', await proof({ header: { jwk: members('machine-es256') } })],
  'htm-put': ['dpop.claim.htm.mismatch', 'DPOP-06', await proof({ claims: { htm: 'PUT' } })],
  'htm-lower-case': ['dpop.claim.htm.mismatch', 'DPOP-06', await proof({ claims: { htm: 'post' } })],
  'htu-elsewhere': ['dpop.claim.htu.mismatch', 'DPOP-07', await proof({ claims: { htu: 'https://elsewhere.example/oauth2/token' } })],
  'htu-another-endpoint': ['dpop.claim.htu.mismatch', 'DPOP-07', await proof({ claims: { htu: `${US}/oauth2/introspect` } })],
  'htu-a-path': ['dpop.claim.htu.mismatch', 'DPOP-07', await proof({ claims: { htu: '/oauth2/token' } })],
  'old': ['dpop.claim.iat.too_old', 'DPOP-08', await proof({ claims: { iat: NOW - 3600 } })],
  'a-minute-and-a-half-old': ['dpop.claim.iat.too_old', 'DPOP-08', await proof({ claims: { iat: NOW - 91 } })],
  'from-the-future': ['dpop.claim.iat.future', 'DPOP-08', await proof({ claims: { iat: NOW + 60 } })],
  'nbf-later': ['dpop.claim.nbf.early', 'DPOP-09', await proof({ claims: { nbf: NOW + 60 } })],
  'exp-before': ['dpop.claim.exp.expired', 'DPOP-09', await proof({ claims: { exp: NOW - 60 } })],
  'crit': ['dpop.header.crit.present', 'DPOP-10', await proof({ header: { crit: ['jwk'] } })],
  'too-long': ['dpop.shape.too_large', 'DPOP-11', await proof({ claims: { jti: 'a'.repeat(20_000) } })],
}
for (const name of ['jti', 'htm', 'htu', 'iat']) {
  REFUSED[`without-${name}`] = ['dpop.claim.missing', 'DPOP-05', await proof({ claims: { [name]: undefined } })]
  REFUSED[`${name}-a-list`] = ['dpop.claim.wrong_type', 'DPOP-05', await proof({ claims: { [name]: ['POST'] } })]
}
for (const name of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']) {
  const value = name === 'd' ? key('robot-es256').jwk.d : 'AAAA'
  REFUSED[`jwk-with-${name}`] = ['dpop.jwk.unusable', 'DPOP-04', await proof({ header: { jwk: { ...members('robot-es256'), [name]: value } } })]
}

// The nonce of this time, sealed with a secret of the key `ours`.
const NONCE = 'AAAAAGqxO4CX0uQdxRPjw1r8vgnLRf6H'
const NONCES = {
  right: await proof({ claims: { nonce: NONCE } }),
  wrong: await proof({ claims: { nonce: `${NONCE.slice(0, -4)}AAAA` } }),
  long: await proof({ claims: { nonce: 'a'.repeat(5000) } }),
  later: await proof({ claims: { nonce: NONCE, iat: NOW + 301 } }),
}

// Access tokens of this server about two applications, as it would issue them, and proofs for /metrics.
const METRICS = `${US}/metrics`
const hash = (text) => createHash('sha256').update(text).digest()
async function ownToken(client) {
  const evidence = { a: b64(hash(`application\0${client}`).subarray(0, 16)), g: 'client_credentials' }
  const claims = { iss: US, sub: client, aud: client, client_id: client, scope: 'exchequer:admin:read', jti: `own-${client}`, cnf: { jkt: JKT }, exq: evidence }
  return (await jwt({ key: 'ours', header: { typ: 'at+jwt' }, claims })).text
}
const OWN = { auditor: await ownToken('auditor'), reader: await ownToken('reader') }
const atApi = async (client, { by = 'robot-es256', ...claims } = {}) => proof({ key: by, claims: { htm: 'GET', htu: METRICS, ath: b64(hash(OWN[client])), ...claims } })
const API = {
  none: await atApi('auditor'),
  wrong: await atApi('auditor', { nonce: `${NONCE.slice(0, -4)}AAAA` }),
  right: await atApi('auditor', { nonce: NONCE }),
  other: await atApi('auditor', { nonce: NONCE, by: 'machine-es256' }),
  old: await atApi('auditor', { nonce: NONCE, iat: NOW + 301 }),
  reader: await atApi('reader'),
}

const foreign = (cnf) => ({ claims: { cnf } })

suite('dpop', ({ steps }) => {
  const one = (name, about, step) => steps(name, about, config, [step])
  for (const [name, [reason, row, made]] of Object.entries(REFUSED)) {
    one(`proof-${name}`, `A proof that is not one is refused, before anything is spent (${row}).`, bad(reason, credentials('web', header(made))))
  }
  one('proof-twice-in-the-head', 'Two header fields are refused (DPOP-01).', bad('dpop.several', credentials('web', header(proofs.plain, proofs.again))))
  for (const [name, row] of Object.entries({
    'capitals': 'DPOP-07', 'query': 'DPOP-07', 'before': 'DPOP-08, FAPI-14', 'after': 'DPOP-08, FAPI-15', 'nbf-exp': 'DPOP-09, FAPI-13', 'extras': 'DPOP-10',
  })) {
    one(`accepted-${name}`, `What may differ in a proof does not matter (${row}).`, granted({ ...credentials('web', header(proofs[name])), expect: bound }))
  }
  for (const name of ['ed25519', 'es384', 'es512', 'ps256']) {
    one(`accepted-${name}`, 'Every announced algorithm is taken (DPOP-03).', granted({ ...credentials('web', header(proofs[name])), expect: { body: { token_type: 'DPoP' } } }))
  }
  one('metadata', 'The metadata name the algorithms (DPOP-23).', { request: { method: 'GET', target: '/.well-known/oauth-authorization-server' }, expect: { status: 200, body: { dpop_signing_alg_values_supported: ['ES256', 'ES384', 'ES512', 'EdDSA', 'PS256', 'PS384', 'PS512'] } } })
  one('without-a-proof', 'Without a proof the token is a bearer token, and says so (DPOP-17).', granted({ ...credentials('web'), expect: { body: { token_type: 'Bearer' }, claims: { cnf: null } } }))
  one('jkt-parameter', '`dpop_jkt` is for the authorization endpoint, and ignored here (DPOP-24).', granted({ ...credentials('web', [], { dpop_jkt: JKT }), expect: { body: { token_type: 'Bearer' }, claims: { cnf: null } } }))

  steps('replayed', 'A proof counts once (DPOP-11).', config, [
    granted({ ...credentials('web', header(proofs.plain)), expect: bound }),
    bad('dpop.replay.seen', credentials('web', header(proofs.plain))),
    bad('dpop.replay.seen', exchange('web', {}, header(proofs.plain))),
  ])
  steps('not-spent-by-a-refusal', 'A request that is refused for something else does not spend its proof (DPOP-31).', config, [
    refused('scope.not_allowed', { ...credentials('web', header(proofs.plain), { scope: 'admin' }), expect: { error: 'invalid_scope' } }),
    granted({ ...credentials('web', header(proofs.plain)), expect: bound }),
  ])
  steps('by-a-stranger', 'Who does not authenticate spends no proof, and learns nothing about it.', config, [
    refused('client.authentication.rejected', { request: { basic: ['web', 'wrong-secret-for-tests'], headers: header('junk'), form: { grant_type: 'client_credentials' } }, expect: { status: 401, error: 'invalid_client' } }),
  ])

  const every = (name, step) => one(name, `Every grant binds what it issues (DPOP-16, DPOP-18): ${name}.`, granted(step))
  every('token-exchange', { ...exchange('web', {}, header(proofs.exchange)), expect: bound })
  every('jwt-bearer', { request: { basic: secretOf('web'), headers: header(proofs.assertion), form: { grant_type: BEARER, assertion: {} } }, expect: bound })
  every('client-credentials', { ...credentials('web', header(proofs.plain)), expect: bound })
  one('id-token', 'Also an ID token names the key, so that nothing that is issued for a bound request is unbound.', granted({ ...exchange('web', {}, header(proofs['id-token']), { requested_token_type: TYPE('id_token'), scope: 'openid' }), expect: { body: { token_type: 'N_A' }, claims: { cnf: { jkt: JKT } } } }))
  steps('introspected', 'Introspection shows the binding, and asks for no proof (DPOP-19).', config, [
    granted({ ...exchange('web', {}, header(proofs.exchange)), expect: bound }),
    introspect('web', from(1, 'access_token'), { active: true, token_type: 'DPoP', cnf: { jkt: JKT } }),
    granted({ ...exchange('opaque', {}, header(proofs.opaque)), expect: { body: { token_type: 'DPoP' } } }),
    introspect('opaque', from(3, 'access_token'), { active: true, token_type: 'DPoP', cnf: { jkt: JKT } }),
  ])

  steps('required', 'An application may demand bound tokens (DPOP-22).', config, [
    bad('dpop.missing', credentials('strict')), bad('dpop.missing', exchange('strict', {})),
    granted({ ...credentials('strict', header(proofs.strict)), expect: bound }),
  ])

  const first = (client) => granted({ ...exchange(client, {}, header(proofs.exchange)), expect: { body: { token_type: 'DPoP' } } })
  steps('refresh-of-a-public-client', 'A refresh token of a public client is bound to its key, at each use (DPOP-20).', config, [
    first('pocket'),
    notGranted('refresh_token.binding.no_proof', refresh('pocket', from(1, 'refresh_token'))),
    notGranted('refresh_token.binding.other_key', refresh('pocket', from(1, 'refresh_token'), header(proofs.other))),
    granted({ ...refresh('pocket', from(1, 'refresh_token'), header(proofs.refresh)), expect: bound }),
    notGranted('refresh_token.binding.other_key', refresh('pocket', from(4, 'refresh_token'), header(proofs['other-again']))),
    granted({ ...refresh('pocket', from(4, 'refresh_token'), header(proofs.again)), expect: bound }),
  ])
  steps('refresh-of-a-confidential-client', 'The key of a confidential client may change; a family that began bound stays bound (DPOP-21).', config, [
    first('web'),
    notGranted('refresh_token.binding.no_proof', refresh('web', from(1, 'refresh_token'))),
    granted({ ...refresh('web', from(1, 'refresh_token'), header(proofs.other)), expect: { body: { token_type: 'DPoP' }, claims: { cnf: { jkt: OTHER } } } }),
    notGranted('refresh_token.binding.no_proof', refresh('web', from(3, 'refresh_token'))),
  ])
  steps('refresh-replayed', 'A replayed proof does not spend the refresh token (DPOP-31).', config, [
    first('web'),
    bad('dpop.replay.seen', refresh('web', from(1, 'refresh_token'), header(proofs.exchange))),
    granted({ ...refresh('web', from(1, 'refresh_token'), header(proofs.refresh)), expect: bound }),
  ])

  one('foreign-without-a-proof', 'A foreign token that is bound is not exchanged without a proof of its key (DPOP-29).', notGranted('subject_token.binding.no_proof', exchange('web', foreign({ jkt: JKT }))))
  one('foreign-with-another-key', 'Nor with a proof of another key.', notGranted('subject_token.binding.other_key', exchange('web', foreign({ jkt: JKT }), header(proofs.other))))
  one('foreign-with-its-key', 'With a proof of its key what is issued is bound to it.', granted({ ...exchange('web', foreign({ jkt: JKT }), header(proofs.plain)), expect: bound }))
  one('assertion-without-a-proof', 'The same of an assertion.', notGranted('assertion.binding.no_proof', { request: { basic: secretOf('web'), form: { grant_type: BEARER, assertion: foreign({ jkt: JKT }) } } }))
  for (const [name, cnf] of Object.entries({
    'text': JKT, 'null': null, 'empty': {}, 'number': { jkt: 1 }, 'short': { jkt: 'x' }, 'list': [{ jkt: JKT }],
  })) {
    one(`foreign-cnf-${name}`, 'A confirmation that cannot be checked is not ignored (DPOP-29).', notGranted('subject_token.binding.unknown', exchange('web', foreign(cnf), header(proofs.plain))))
  }
  for (const [name, cnf] of Object.entries({ certificate: {}, both: { jkt: JKT } })) {
    const bound = { ...cnf, 'x5t#S256': 'bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2' }
    one(`foreign-cnf-${name}`, 'A proof does not stand for the certificate that a token is bound to (DPOP-29).', notGranted('subject_token.binding.no_certificate', exchange('web', foreign(bound), header(proofs.plain))))
  }
  one('rebind', 'With `dpop.rebind` a proof of the application’s own key is enough, and what is issued is bound to that one.', granted({ ...exchange('rebinding', foreign({ jkt: JKT }), header(proofs.other)), expect: { body: { token_type: 'DPoP' }, claims: { cnf: { jkt: OTHER } } } }))
  one('rebind-without-a-proof', 'It is not enough to have no proof.', notGranted('subject_token.binding.no_proof', exchange('rebinding', foreign({ jkt: JKT }))))
  one('actor-without-its-key', 'An actor token that is bound needs its key as well, also with `dpop.rebind`.', notGranted('actor_token.binding.other_key', exchange('rebinding', {}, header(proofs.other), { actor_token: foreign({ jkt: JKT }), actor_token_type: TYPE('jwt') })))

  const mine = { subject_token: from(1, 'access_token'), subject_token_type: TYPE('access_token') }
  steps('issued', 'An issued token that is bound is exchanged with its key only, and into a bound one.', config, [
    first('web'),
    notGranted('subject_token.binding.no_proof', exchange('web', {}, [], mine)),
    notGranted('subject_token.binding.other_key', exchange('web', {}, header(proofs.other), mine)),
    granted({ ...exchange('web', {}, header(proofs.again), mine), expect: bound }),
    granted({ ...exchange('rebinding', {}, header(proofs['other-again']), mine), expect: { claims: { cnf: { jkt: OTHER } } } }),
  ])
  steps('issued-refresh-token', 'The same of a refresh token that is exchanged.', config, [
    first('web'),
    notGranted('subject_token.binding.no_proof', exchange('web', {}, [], { subject_token: from(1, 'refresh_token'), subject_token_type: TYPE('refresh_token') })),
    granted({ ...exchange('web', {}, header(proofs.third), { subject_token: from(1, 'refresh_token'), subject_token_type: TYPE('refresh_token') }), expect: bound }),
  ])

  const nonce = (reason, step) => refused(reason, { ...step, expect: { error: 'use_dpop_nonce', headers: { 'dpop-nonce': NONCE, 'cache-control': 'no-store' } } })
  steps('nonce', 'An application may need nonces of this server: none, an old one and a wrong one are told the right one (DPOP-12, DPOP-13, DPOP-14).', config, [
    nonce('dpop.nonce.required', credentials('nonces', header(proofs.plain))),
    nonce('dpop.nonce.required', credentials('nonces', header(NONCES.wrong))),
    nonce('dpop.nonce.required', credentials('nonces', header(NONCES.long))),
    granted({ ...credentials('nonces', header(NONCES.right)), expect: { ...bound, headers: { 'dpop-nonce': NONCE } } }),
    { ...nonce('dpop.nonce.required', credentials('nonces', header(NONCES.later))), now: NOW + 301, expect: { status: 400, error: 'use_dpop_nonce', reason: 'dpop.nonce.required' } },
  ])

  const call = (client, made) => ({ request: { method: 'GET', target: '/metrics', headers: [['authorization', `DPoP ${OWN[client]}`], ['dpop', made]] } })
  const told = (why) => `DPoP realm="administration", error="use_dpop_nonce", error_description="the DPoP proof: ${why}; use the one in the 'DPoP-Nonce' header of this reply", algs="ES256 ES384 ES512 EdDSA PS256 PS384 PS512", resource_metadata="${US}/.well-known/oauth-protected-resource"`
  const needed = (why, step) => ({ ...step, expect: { status: 401, headers: { 'dpop-nonce': NONCE, 'www-authenticate': told(why), 'cache-control': 'no-store' }, body: { code: 'EXQ-40100' }, ...step.expect } })
  steps('nonce-at-an-api', 'The same at APIs of this server, for tokens of that application: 401, and the right nonce (DPOP-32). A proof that was refused for its nonce is not spent.', config, [
    needed("it has no 'nonce'", call('auditor', API.none)),
    needed("its 'nonce' is old or not one of this server", call('auditor', API.wrong)),
    { ...call('auditor', API.right), expect: { status: 200 } },
    { ...call('auditor', API.old), now: NOW + 301, expect: { status: 401, headers: { 'www-authenticate': told("its 'nonce' is old or not one of this server") } } },
  ])
  steps('nonce-at-an-api-by-a-stranger', 'Who has not the key of the token is refused as for any other token, and given no nonce.', config, [{ ...call('auditor', API.other), expect: { status: 403, body: { code: 'EXQ-40300' }, headers: { 'dpop-nonce': null } } }])
  steps('nonce-at-an-api-of-another-application', 'Tokens of other applications need none.', config, [{ ...call('reader', API.reader), expect: { status: 200, headers: { 'dpop-nonce': null } } }])
})
