/**
 * Identity assertion grants (ID-JAG): issued here, and brought from other servers. What a row of the
 * requirements asks for stands in brackets.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

import { calculateJwkThumbprint } from 'jose'

import { GRANT, RECORDED, TYPE, from, granted, refused, suite, unavailable } from '../case.mjs'
import { makeCertificates } from '../certificates.mjs'
import { publicJwk } from '../keys.mjs'
import { NOW, US, jwt } from '../token.mjs'

makeCertificates()

const BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const JWT_DPOP = 'urn:ietf:params:oauth:grant-type:jwt-dpop'
const ID_JAG = TYPE('id-jag')
const CHAT = 'https://chat.example'
const secretOf = (client) => [client, `${client}-secret-for-tests`]
const members = (name) => {
  const { kty, crv, x, y } = publicJwk(name)
  return { kty, crv, x, y }
}
const [JKT, OTHER] = await Promise.all(['robot-es256', 'machine-es256'].map((name) => calculateJwkThumbprint(members(name))))

const der = (name) => Buffer.from(readFileSync(new URL(`../../keys/${name}.pem`, import.meta.url), 'utf8').replace(/-----[^-]+-----|\s/g, ''), 'base64')
const x5t = (name) => createHash('sha256').update(der(name)).digest('base64url')
const tls = (name = 'client-es256') => ({ certificate: { der: der(name).toString('base64'), verified: true } })

let count = 0
async function proof(name = 'robot-es256', claims = {}) {
  const made = await jwt({
    key: name,
    header: { typ: 'dpop+jwt', kid: undefined, jwk: members(name) },
    claims: { iss: undefined, sub: undefined, aud: undefined, exp: undefined, iat: NOW, jti: `id-jag-proof-${++count}`, htm: 'POST', htu: `${US}/oauth2/token`, ...claims },
  })
  return [['dpop', made.text]]
}
const notGranted = (reason, step) => refused(reason, { ...step, expect: { error: 'invalid_grant', ...step.expect } })
const notForIt = (reason, step) => refused(reason, { ...step, expect: { error: 'invalid_target', ...step.expect } })

const P = {}
for (const name of ['issue', 'bad', 'bound', 'bound-dpop', 'unbound', 'no-cnf', 'strict', 'twice', 'plain']) P[name] = await proof()
P.other = await proof('machine-es256')
P['other-dpop'] = await proof('machine-es256')
P['strict-other'] = await proof('machine-es256')
P.stale = await proof('robot-es256', { iat: NOW - 3600 })
P['stale-dpop'] = await proof('robot-es256', { iat: NOW - 3600 })
P.both = await proof()

suite('id-jag-issuing', ({ steps }) => {
  const config = 'id-jag-issuing'
  const one = (name, about, step) => steps(name, about, config, [step])
  const idToken = (claims, more) => ({ claims: { aud: 'wiki-at-acme', ...claims }, ...more })
  const ask = (claims = {}, form = {}, { client = 'wiki', headers, connection } = {}) => ({
    request: {
      connection, basic: secretOf(client), headers,
      form: { grant_type: GRANT, requested_token_type: ID_JAG, subject_token: idToken(claims), subject_token_type: TYPE('id_token'), audience: CHAT, ...form },
    },
  })
  const exactly = { iss: US, aud: CHAT, client_id: 'wiki-at-chat', sub: 'user-42', iat: NOW, exp: NOW + 300 }
  const none = Object.fromEntries(['idp', 'exq', 'act', 'cnf', 'may_act', 'nbf', 'azp', 'tenant', 'sub_id', 'aud_sub', 'email', 'auth_time', 'acr', 'amr'].map((name) => [name, null]))

  one('granted', 'A grant for an ID token: `typ`, all claims and no others (IDJAG-10, 11), the client by the name it has there (IDJAG-12), what was granted and not what was asked for (IDJAG-07), and the reply (IDJAG-16).', granted({
    ...ask({}, { scope: 'chat.read admin', resource: `${CHAT}/api` }),
    expect: {
      headers: { 'cache-control': 'no-store' },
      body: { issued_token_type: ID_JAG, token_type: 'N_A', expires_in: 300, scope: 'chat.read', refresh_token: null },
      header: { typ: 'oauth-id-jag+jwt', alg: 'ES256' },
      claims: { ...none, ...exactly, scope: 'chat.read', resource: `${CHAT}/api` },
    },
  }))
  one('everything', 'Who asks for no resource and no scope gets all that it may ask for, and no more (IDJAG-06).', granted({ ...ask(), expect: { claims: { ...exactly, scope: 'chat.read chat.history', resource: [`${CHAT}/api`, `${CHAT}/files`] } } }))
  one('client-id-is-a-url', 'The client may be called by a URL there (IDJAG-12). Nothing there may be asked for, so nothing is named.', granted({ ...ask({}, { audience: 'https://bare.example' }), expect: { body: { scope: null }, claims: { aud: 'https://bare.example', client_id: 'https://wiki.example/client.json', resource: null, scope: null } } }))
  one('sign-in', 'How the user signed in is copied from the ID token, and never made up (IDJAG-14). Mappings write no claim that a receiver decides by.', granted({
    ...ask({ auth_time: NOW - 60, acr: 'urn:mace:incommon:iap:silver', amr: ['pwd', 'otp'], email: 'ada@example.com', team: 'red', tenant: 'red', sub_id: { format: 'opaque' } }),
    expect: { claims: { ...exactly, auth_time: NOW - 60, acr: 'urn:mace:incommon:iap:silver', amr: ['pwd', 'otp'], email: 'ada@example.com', tenant: null, sub_id: null, resource: [`${CHAT}/api`, `${CHAT}/files`] } },
  }))
  one('several-audiences-of-the-id-token', 'An ID token for several clients is one of the client that it calls its authorized party (IDJAG-03).', granted({ ...ask({ aud: ['wiki-at-acme', 'other'], azp: 'wiki-at-acme' }), expect: { claims: exactly } }))
  one('short', 'A grant does not outlive its ID token.', granted({ ...ask({ exp: NOW + 100 }), expect: { body: { expires_in: 100 }, claims: { exp: NOW + 100 } } }))
  one('acts', 'Who acts for the user is not lost (IDJAG-14).', granted({ ...ask({ act: { sub: 'assistant', iss: 'https://idp.example' } }), expect: { claims: { ...exactly, act: { sub: 'assistant', iss: 'https://idp.example' } } } }))
  steps('same-subject', 'The subject has the same name every time (IDJAG-13).', config, [granted({ ...ask(), expect: { claims: { sub: 'user-42' } } }), granted({ ...ask({ jti: '2' }), expect: { claims: { sub: 'user-42' } } })])
  one('qualified', 'An application with several issuers has names with the issuer in front, because the receiver sees this server alone (IDJAG-13).', granted({ ...ask({ aud: 'qualified-at-acme' }, {}, { client: 'qualified' }), expect: { claims: { sub: 'dGHYSuVj9cG2_DYw0kKGgw|user-42' } } }))
  one('bound', 'A proof with the request: the grant names its key, and is no access token all the same (IDJAG-19).', granted({ ...ask({}, {}, { headers: P.issue }), expect: { body: { token_type: 'N_A' }, claims: { cnf: { jkt: JKT } } } }))
  const certified = (headers) => ({ request: { ...ask({ aud: 'certified-at-acme' }, { client_id: 'certified' }, { connection: tls(), headers }).request, basic: undefined } })
  one('bound-to-a-certificate', 'A client that authenticates by a certificate: the grant names it (IDJAG-20).', granted({ ...certified(), expect: { body: { token_type: 'N_A' }, claims: { cnf: { 'x5t#S256': x5t('client-es256') } } } }))
  one('bound-to-a-certificate-that-is-required', 'The same of a client whose requests need one (IDJAG-20).', granted({ ...ask({ aud: 'required-at-acme' }, {}, { client: 'required', connection: tls() }), expect: { claims: { cnf: { 'x5t#S256': x5t('client-es256') } } } }))
  one('bound-to-one-of-both', 'A proof over such a connection: the grant names the key alone, and never both (IDJAG-20).', granted({ ...certified(P.both), expect: { claims: { cnf: { jkt: JKT, 'x5t#S256': null } } } }))
  one('certificate-that-nobody-asked-for', 'A certificate that is not the client\'s binds nothing: in a mesh every connection has one, and the other server is not in it.', granted({ ...ask({}, {}, { connection: tls() }), expect: { claims: { cnf: null } } }))
  one('bad-proof', 'A proof that does not count (IDJAG-19).', refused('dpop.claim.iat.too_old', { ...ask({}, {}, { headers: P.stale }), expect: { error: 'invalid_dpop_proof' } }))

  const audience = (name, about, reason, form) => one(name, `${about} (IDJAG-01).`, refused(reason, { ...ask({}, form), expect: { error: reason.startsWith('target') || reason.includes('.target.') ? 'invalid_target' : 'invalid_request' } }))
  audience('no-audience', 'A grant is for an authorization server', 'request.parameter.missing', { audience: undefined })
  audience('two-audiences', 'A grant is for one authorization server', 'request.parameter.repeated', { audience: [CHAT, 'https://bare.example'] })
  audience('unknown-audience', 'The authorization server has to be on the list of the application', 'target.not_allowed', { audience: 'https://other.example' })
  audience('audience-is-the-resource', 'The resource is not the audience', 'target.not_allowed', { audience: `${CHAT}/api` })
  audience('resource-is-the-audience', 'An authorization server is not named by `resource`', 'request.parameter.missing', { audience: undefined, resource: CHAT })
  audience('slash', 'Issuers are compared as they are', 'target.not_allowed', { audience: `${CHAT}/` })
  one('foreign-resource', 'A resource that the application may not ask for there (IDJAG-06).', notForIt('target.not_allowed', ask({}, { resource: `${CHAT}/admin` })))
  one('one-foreign-resource', 'One of two is one too many (IDJAG-06).', notForIt('target.not_allowed', ask({}, { resource: [`${CHAT}/api`, 'https://api.example'] })))
  one('resource-of-another-server', 'A resource belongs to its authorization server (IDJAG-06).', notForIt('target.not_allowed', ask({}, { audience: 'https://bare.example', resource: `${CHAT}/api` })))
  one('scope', 'No scope that may be asked for is left (IDJAG-07): those of the application here do not count there.', refused('scope.not_allowed', { ...ask({}, { scope: 'read admin' }), expect: { error: 'invalid_scope' } }))
  for (const type of ['access_token', 'jwt']) {
    one(`subject-${type}`, 'Only an identity assertion says who signed in (IDJAG-02).', refused('id_jag.subject_token_type', ask({}, { subject_token_type: TYPE(type) })))
  }
  one('subject-saml2', 'SAML assertions are not taken (IDJAG-02, 05).', refused('type.unsupported', ask({}, { subject_token_type: TYPE('saml2') })))
  one('subject-id-jag', 'A grant is no identity assertion (IDJAG-02).', refused('type.unsupported', ask({}, { subject_token_type: ID_JAG })))
  one('id-token-as-access-token', 'An ID token is not made an access token by the declared type.', refused('id_jag.subject_token_type', ask({ typ: 'Bearer' }, { subject_token_type: TYPE('access_token') })))
  one('access-token-as-id-token', 'Nor the other way round.', notGranted('subject_token.header.typ.mismatch', ask({ typ: 'Bearer' })))
  const subject = (name, about, reason, claims) => one(name, `${about} (IDJAG-03, 17).`, notGranted(`subject_token.${reason}`, ask(claims)))
  subject('id-token-of-another-client', 'An ID token of another client is refused', 'claim.aud.other_client', { aud: 'plain-at-acme' })
  subject('id-token-for-this-server', 'An ID token for this server is of no client: everybody could present it', 'claim.aud.other_client', { aud: US })
  subject('id-token-for-the-alias', 'The same of its alias', 'claim.aud.other_client', { aud: 'https://sts.example/acme' })
  subject('id-token-for-the-client-id-here', 'What the client is called here is another name space', 'claim.aud.other_client', { aud: 'wiki' })
  subject('authorized-party', 'The client is among the audiences, and the token was issued to another one', 'claim.aud.other_client', { aud: ['wiki-at-acme', 'other'], azp: 'other' })
  subject('authorized-party-a-list', 'The authorized party is one text', 'claim.aud.other_client', { azp: ['wiki-at-acme'] })
  subject('expired', 'An expired ID token is refused', 'claim.exp.expired', { exp: NOW - 31 })
  subject('stranger', 'An issuer that nobody trusts', 'issuer.unknown', { iss: 'https://stranger.example' })
  subject('auth-time-a-text', 'What is copied has its type', 'claim.wrong_type', { auth_time: 'yesterday' })
  one('issuer-without-client-id', 'Nothing says what the application is called at this issuer (IDJAG-03).', notGranted('subject_token.claim.aud.other_client', { request: { basic: secretOf('qualified'), form: { grant_type: GRANT, requested_token_type: ID_JAG, subject_token: { key: 'globex-es256', claims: { iss: 'https://globex.example', aud: 'qualified-at-acme' } }, subject_token_type: TYPE('id_token'), audience: CHAT } } }))
  one('no-account', 'An application that demands a local account gets no grant without one.', notGranted('account.link_required', ask({ aud: 'local-at-acme' }, {}, { client: 'local' })))
  one('actor', 'Nobody else is named by an actor token (IDJAG-09).', refused('id_jag.actor_token', ask({}, { actor_token: { claims: {} }, actor_token_type: TYPE('jwt') })))
  one('authorization-details', 'Parameters that would change what is asked for are refused (IDJAG-08).', refused('request.parameter.unsupported', ask({}, { authorization_details: '[]' })))
  one('not-allowed', 'An application without `idJag` gets none.', refused('id_jag.not_allowed', ask({ aud: 'plain-at-acme' }, {}, { client: 'plain' })))
  one('public', 'Nor does a public client (IDJAG-18).', refused('id_jag.not_allowed', { request: { form: { client_id: 'pocket', grant_type: GRANT, requested_token_type: ID_JAG, subject_token: idToken(), subject_token_type: TYPE('id_token'), audience: CHAT } } }))

  one('exchange-of-an-own-id-token', 'An ID token of the application counts for other exchanges as well, because the document says whose it is.', granted({ request: { basic: secretOf('plain'), form: { grant_type: GRANT, subject_token: { claims: { aud: 'plain-at-acme' } }, subject_token_type: TYPE('id_token') } } }))
  one('exchange-of-it-as-a-jwt', 'Only as an ID token.', refused('subject_token.claim.aud.mismatch', { request: { basic: secretOf('plain'), form: { grant_type: GRANT, subject_token: { claims: { aud: 'plain-at-acme' } }, subject_token_type: TYPE('jwt') } } }))
  one('exchange-of-another-clients-id-token', 'Only by this application.', refused('subject_token.claim.aud.mismatch', { request: { basic: secretOf('plain'), form: { grant_type: GRANT, subject_token: { claims: { aud: 'wiki-at-acme' } }, subject_token_type: TYPE('id_token') } } }))

  const first = granted({ request: { basic: secretOf('wiki'), form: { grant_type: GRANT, subject_token: idToken(), subject_token_type: TYPE('id_token'), scope: 'read chat.read' } } })
  const narrow = granted({ request: { basic: secretOf('wiki'), form: { grant_type: GRANT, subject_token: idToken(), subject_token_type: TYPE('id_token'), scope: 'read', audience: 'https://api.example' } } })
  const again = (form = {}, client = 'wiki') => ({ request: { basic: secretOf(client), form: { grant_type: GRANT, requested_token_type: ID_JAG, subject_token: from(1, 'refresh_token'), subject_token_type: TYPE('refresh_token'), audience: CHAT, ...form } } })
  steps('refresh-token', 'A refresh token of this server and client is an identity assertion, too. What was granted with it bounds the grant: no resource and no scope besides (IDJAG-04).', config, [
    first,
    granted({ ...again(), expect: { body: { scope: 'chat.read' }, claims: { ...exactly, scope: 'chat.read', resource: `${CHAT}/api`, auth_time: null } } }),
    refused('scope.not_allowed', { ...again({ scope: 'chat.history' }), expect: { error: 'invalid_scope' } }),
    notForIt('target.not_allowed', again({ resource: `${CHAT}/files` })),
    notForIt('target.not_allowed', again({ audience: 'https://bare.example' })),
  ])
  steps('refresh-token-for-something-else', 'A refresh token that was not granted for the authorization server (IDJAG-04).', config, [narrow, notForIt('target.not_allowed', again())])
  steps('refresh-token-of-another-client', 'It is this client\'s (IDJAG-04).', config, [first, notGranted('subject_token.unknown', { ...again({}, 'qualified') })])
  steps('refresh-token-revoked', 'It is live (IDJAG-04).', config, [
    first,
    { request: { target: '/oauth2/revoke', basic: secretOf('wiki'), form: { token: from(1, 'refresh_token') } }, expect: { status: 200 } },
    notGranted('subject_token.unknown', again()),
  ])

  const jag = from(1, 'access_token')
  steps('own-grant', 'A grant of this server is no grant here (IDJAG-21), no token to be exchanged, no access token and no refresh token.', config, [
    granted(ask()),
    notGranted('assertion.issuer.self', { request: { basic: secretOf('wiki'), form: { grant_type: BEARER, assertion: jag } } }),
    refused(RECORDED, { request: { basic: secretOf('wiki'), form: { grant_type: GRANT, subject_token: jag, subject_token_type: TYPE('jwt') } } }),
    refused(RECORDED, { request: { basic: secretOf('wiki'), form: { grant_type: GRANT, subject_token: jag, subject_token_type: TYPE('access_token') } } }),
    { request: { target: '/oauth2/introspect', basic: secretOf('wiki'), form: { token: jag } }, expect: { status: 200, body: { active: false } } },
  ])
  one('metadata', 'The metadata say that grants are issued (IDJAG-36), and name an authorization endpoint, without which clients of MCP read no further (EMA-03).', { request: { method: 'GET', target: '/.well-known/oauth-authorization-server' }, expect: { status: 200, body: { identity_chaining_requested_token_types_supported: [ID_JAG], authorization_endpoint: `${US}/oauth2/authorize`, response_types_supported: [] } } })
  steps('metadata-without', 'Only where they are (IDJAG-36).', 'machines', [{ request: { method: 'GET', target: '/.well-known/oauth-authorization-server' }, expect: { status: 200, body: { identity_chaining_requested_token_types_supported: null, authorization_grant_profiles_supported: null, authorization_endpoint: null } } }])
})

suite('id-jag-accepting', ({ steps }) => {
  const config = 'id-jag-accepting'
  const one = (name, about, step) => steps(name, about, config, [step])
  let jti = 0
  const jag = (claims = {}, more = {}) => ({
    ...more,
    header: { typ: 'oauth-id-jag+jwt', ...more.header },
    claims: { client_id: 'wiki', jti: `jag-${++jti}`, resource: 'https://chat.example/api', scope: 'chat.read chat.history', exp: NOW + 290, ...claims },
  })
  const bring = (assertion, form = {}, { client = 'wiki', headers, connection, grant = BEARER } = {}) => ({ request: { connection, basic: client === null ? undefined : secretOf(client), headers, form: { grant_type: grant, assertion, ...form } } })

  one('granted', 'A grant of a trusted issuer: the access token is for its resource and its scope (IDJAG-29, 31), without a refresh token although the application may refresh (IDJAG-32).', granted({
    ...bring(jag({ email: 'ada@example.com' })),
    expect: { body: { token_type: 'Bearer', scope: 'chat.read chat.history', refresh_token: null, issued_token_type: null, expires_in: 290 }, header: { typ: 'at+jwt' }, claims: { iss: US, aud: 'https://chat.example/api', client_id: 'wiki', scope: 'chat.read chat.history', email: 'ada@example.com', idp: 'https://idp.example' } },
  }))
  one('narrower', 'The request may narrow resource and scope (IDJAG-30, 31).', granted({ ...bring(jag({ resource: ['https://chat.example/api', 'https://chat.example/files'] }), { resource: 'https://chat.example/files', scope: 'chat.read chat.write' }), expect: { body: { scope: 'chat.read' }, claims: { aud: 'https://chat.example/files' } } }))
  one('wider-resource', 'It may not ask for another resource (IDJAG-30).', notForIt('target.not_allowed', bring(jag(), { resource: 'https://chat.example/files' })))
  one('wider-scope', 'Nor for a scope that the grant has not (IDJAG-31).', refused('scope.not_allowed', { ...bring(jag(), { scope: 'chat.write' }), expect: { error: 'invalid_scope' } }))
  one('policy', 'What the application may not ask for here is not granted (IDJAG-31). The scopes that it usually gets are not added.', granted({ ...bring(jag({ scope: 'chat.read admin' })), expect: { body: { scope: 'chat.read' } } }))
  one('no-resource', 'Without a resource it is what the application asks for here (IDJAG-29).', granted({ ...bring(jag({ resource: undefined })), expect: { claims: { aud: ['https://chat.example/api', 'https://chat.example/files'] } } }))
  one('no-scope', 'Without a scope the application decides.', granted({ ...bring(jag({ scope: undefined })), expect: { body: { scope: 'chat.write' } } }))
  one('empty-scope', 'An empty scope grants nothing.', granted({ ...bring(jag({ scope: '' })), expect: { body: { scope: null } } }))
  one('foreign-resource', 'One resource that is not from here refuses the grant (IDJAG-29).', notGranted('assertion.claim.resource.not_allowed', bring(jag({ resource: ['https://chat.example/api', 'https://elsewhere.example'] }))))
  one('typ-with-prefix', 'The media type may be written whole.', granted(bring(jag({}, { header: { typ: 'application/OAuth-ID-JAG+jwt' } }))))
  one('aud-in-a-list', 'A list of exactly one audience is one (IDJAG-23).', granted(bring(jag({ aud: [US] }))))
  const bad = (name, about, reason, claims, more) => one(name, about, notGranted(`assertion.${reason}`, bring(jag(claims, more))))
  bad('aud-two', 'Two audiences (IDJAG-23).', 'claim.aud.not_sole', { aud: [US, 'https://other.example'] })
  bad('aud-twice', 'The same audience twice (IDJAG-23).', 'claim.aud.not_sole', { aud: [US, US] })
  bad('aud-endpoint', 'The token endpoint (IDJAG-23).', 'claim.aud.not_sole', { aud: `${US}/oauth2/token` })
  bad('aud-alias', 'The alias (IDJAG-23).', 'claim.aud.not_sole', { aud: 'https://sts.example/login' })
  bad('aud-slash', 'Issuers are compared as they are (IDJAG-23).', 'claim.aud.not_sole', { aud: `${US}/` })
  bad('aud-none', 'An empty list (IDJAG-23).', 'claim.missing', { aud: [] })
  bad('client-other', 'A grant of another client (IDJAG-24).', 'claim.client_id.mismatch', { client_id: 'local' })
  bad('client-list', 'The client is one text (IDJAG-24).', 'claim.client_id.mismatch', { client_id: ['wiki'] })
  bad('client-missing', 'A grant without a client (IDJAG-24).', 'claim.missing', { client_id: undefined })
  bad('typ-absent', 'Without its `typ` a grant is an assertion like others, which is for everybody who may bring it (IDJAG-22): here it is refused for its claims alone where those are checked.', 'claim.aud.mismatch', { aud: 'https://other.example' }, { header: { typ: undefined } })
  bad('typ-access-token', 'An access token is none (IDJAG-22).', 'header.typ.mismatch', {}, { header: { typ: 'at+jwt' } })
  bad('typ-proof', 'A DPoP proof is none (IDJAG-22).', 'header.typ.mismatch', {}, { header: { typ: 'dpop+jwt' } })
  bad('typ-longer', 'A `typ` that begins alike is another one (IDJAG-22).', 'header.typ.mismatch', {}, { header: { typ: 'oauth-id-jag+jwt2' } })
  bad('expired', 'An expired grant (IDJAG-25).', 'claim.exp.expired', { exp: NOW - 31 })
  bad('not-yet', 'A grant for later (IDJAG-25).', 'claim.nbf.early', { nbf: NOW + 60 })
  bad('old', 'An old grant (IDJAG-25).', 'claim.iat.too_old', { iat: NOW - 1831 })
  bad('from-the-future', 'A grant from the future (IDJAG-25).', 'claim.iat.future', { iat: NOW + 31 })
  bad('iat-missing', 'Without `iat` nobody knows how old it is (IDJAG-11).', 'claim.missing', { iat: undefined })
  bad('jti-missing', 'Without `jti` nobody knows whether it comes again (IDJAG-25).', 'claim.missing', { jti: undefined })
  bad('jti-object', 'A `jti` that is no text (IDJAG-25).', 'claim.wrong_type', { jti: {} })
  bad('jti-long', 'A `jti` that is too long to be remembered (IDJAG-25).', 'claim.jti.too_long', { jti: 'x'.repeat(257) })
  bad('forged', 'A signature by somebody else (IDJAG-25).', 'signature.rejected', {}, { key: 'attacker-es256', header: { kid: 'idp-es256' } })
  bad('unsigned', 'No signature (IDJAG-25).', 'header.alg.forbidden', {}, { header: { alg: 'none' }, made: () => '' })
  bad('stranger', 'An issuer that nobody trusts (IDJAG-25).', 'issuer.unknown', { iss: 'https://stranger.example' })
  bad('resource-a-number', 'A resource that is no text.', 'claim.wrong_type', { resource: 7 })
  bad('resource-empty-list', 'A grant for nothing.', 'claim.wrong_type', { resource: [] })
  bad('scope-a-list', 'Scopes that are no text.', 'claim.wrong_type', { scope: ['chat.read'] })
  bad('tenant', 'A grant of a tenant, where nothing says which tenants are trusted: two could have the same subject (IDJAG-15).', 'claim.tenant.not_pinned', { tenant: 'acme' })
  bad('cnf-certificate', 'A certificate that the client does not have.', 'binding.no_certificate', { cnf: { 'x5t#S256': 'A'.repeat(43) } })
  const tenants = (tenant) => bring(jag({ iss: 'https://tenants.example', tenant }, { key: 'globex-es256' }))
  steps('tenants', 'A condition says which tenant is trusted; another one is refused (IDJAG-15).', config, [granted(tenants('acme')), notGranted('assertion.condition.not_met', tenants('globex'))])

  const once = jag()
  steps('replayed', 'A grant counts once, unless the issuer says otherwise (IDJAG-26). A request that is refused for something else has not used it up.', config, [
    notForIt('target.not_allowed', bring(once, { resource: 'https://elsewhere.example' })),
    granted(bring(once)),
    notGranted('assertion.replay.seen', bring(once)),
  ])
  const often = jag({ iss: 'https://again.example' }, { key: 'globex-es256' })
  steps('replay-allowed', 'Where the issuer has `replayProtection: "off"`, it may come again while it is good (IDJAG-26).', config, [granted(bring(often)), granted(bring(often))])
  steps('store-down', 'A grant that cannot be remembered is not taken; it was not used up.', config, [unavailable('store.unavailable', { ...bring(once), store: 'failed' }), granted(bring(once))])

  const linked = (claims) => bring(jag({ client_id: 'local', scope: undefined, ...claims }), {}, { client: 'local' })
  one('account', 'The issuer of the grant may say which account it is (IDJAG-27).', granted({ ...linked({ email: 'ada@example.com' }), expect: { claims: { sub: 'u-ada', idp: null } } }))
  one('no-account', 'A subject without an account is refused where one is demanded (IDJAG-27).', notGranted('account.no_match', linked({ email: 'nobody@example.com' })))
  one('sub-id', 'An account is not found by `sub_id`: its issuer would be a word of the grant (IDJAG-28).', notGranted('account.no_attribute', linked({ sub_id: { format: 'email', email: 'ada@example.com' } })))

  one('bound', 'A grant with a key, and a proof of it: the access token is bound to the same key (IDJAG-33).', granted({ ...bring(jag({ cnf: { jkt: JKT } }), {}, { headers: P.bound }), expect: { body: { token_type: 'DPoP' }, claims: { cnf: { jkt: JKT } } } }))
  one('bound-without-proof', 'Without a proof it is refused (IDJAG-33).', notGranted('assertion.binding.no_proof', bring(jag({ cnf: { jkt: JKT } }))))
  one('bound-to-another', 'With a proof by another key it is refused (IDJAG-33).', notGranted('assertion.binding.other_key', bring(jag({ cnf: { jkt: JKT } }), {}, { headers: P.other })))
  one('bound-and-rebind', 'Also where the application may rebind tokens: the key of a grant is that of its client.', notGranted('assertion.binding.other_key', bring(jag({ client_id: 'strict', cnf: { jkt: JKT } }), {}, { client: 'strict', headers: P['strict-other'] })))
  one('unbound-with-proof', 'A grant without a key, and a good proof: the access token is bound (IDJAG-35).', granted({ ...bring(jag(), {}, { headers: P.unbound }), expect: { body: { token_type: 'DPoP' }, claims: { cnf: { jkt: JKT } } } }))
  one('unbound-with-bad-proof', 'A proof is checked although nothing demands it (IDJAG-35).', refused('dpop.claim.iat.too_old', { ...bring(jag(), {}, { headers: P.stale }), expect: { error: 'invalid_dpop_proof' } }))
  one('bound-tokens-demanded', 'Bound access tokens are demanded, and there is no proof (IDJAG-35).', notGranted('dpop.missing', bring(jag({ client_id: 'strict' }), {}, { client: 'strict' })))
  const dpop = { grant: JWT_DPOP }
  one('jwt-dpop', 'The grant type for bound assertions is the same grant (IDJAG-34).', granted({ ...bring(jag({ cnf: { jkt: JKT } }), {}, { ...dpop, headers: P['bound-dpop'] }), expect: { body: { token_type: 'DPoP', issued_token_type: null } } }))
  one('jwt-dpop-without-proof', 'It needs a proof (IDJAG-34).', notGranted('dpop.missing', bring(jag({ cnf: { jkt: JKT } }), {}, dpop)))
  one('jwt-dpop-other-key', 'It needs a proof by that key (IDJAG-34).', notGranted('assertion.binding.other_key', bring(jag({ cnf: { jkt: JKT } }), {}, { ...dpop, headers: P['other-dpop'] })))
  one('jwt-dpop-stale', 'A proof that does not count makes a grant that does not count (IDJAG-34).', notGranted('dpop.claim.iat.too_old', bring(jag({ cnf: { jkt: JKT } }), {}, { ...dpop, headers: P['stale-dpop'] })))
  one('jwt-dpop-unbound', 'The assertion has to name a key (IDJAG-34).', notGranted('assertion.binding.missing', bring(jag(), {}, { ...dpop, headers: P['no-cnf'] })))
  steps('jwt-dpop-replayed-proof', 'A proof counts once there, too.', config, [
    granted(bring(jag({ cnf: { jkt: JKT } }), {}, { ...dpop, headers: P.twice })),
    notGranted('dpop.replay.seen', bring(jag({ cnf: { jkt: JKT } }), {}, { ...dpop, headers: P.twice })),
  ])

  one('public', 'A public client may not bring a grant (IDJAG-18).', refused('id_jag.public_client', { ...bring(jag({ client_id: 'pocket' }), { client_id: 'pocket' }, { client: null }), expect: { error: 'unauthorized_client' } }))
  one('client-named-by-the-grant', 'A grant does not authenticate the client that it names (IDJAG-18).', refused('client.authentication.missing', { ...bring(jag(), {}, { client: null }), expect: { status: 401, error: 'invalid_client' } }))
  one('grant-not-allowed', 'The application needs the grant type.', refused('grant_type.not_allowed', { ...bring(jag({ client_id: 'no-grant' }), {}, { client: 'no-grant' }), expect: { error: 'unauthorized_client' } }))
  for (const type of ['jwt', 'id_token', 'access_token']) {
    one(`exchanged-as-${type.replace('_', '-')}`, 'A grant is not exchanged: another path would not look at its client (IDJAG-22).', refused('subject_token.header.typ.mismatch', { request: { basic: secretOf('wiki'), form: { grant_type: GRANT, subject_token: jag(), subject_token_type: TYPE(type) } } }))
  }
  one('exchanged-as-id-jag', 'Nor by its own name.', refused('type.unsupported', { request: { basic: secretOf('wiki'), form: { grant_type: GRANT, subject_token: jag(), subject_token_type: ID_JAG } } }))
  one('actor', 'A grant is no actor token.', refused('actor_token.header.typ.mismatch', { request: { basic: secretOf('wiki'), form: { grant_type: GRANT, subject_token: {}, subject_token_type: TYPE('jwt'), actor_token: jag(), actor_token_type: TYPE('jwt') } } }))

  const certified = jag({ cnf: { 'x5t#S256': x5t('client-es256') } })
  one('bound-to-a-certificate', 'A grant with a certificate, over a connection with it: the access token is bound to the same one (IDJAG-20).', granted({ ...bring(certified, {}, { connection: tls() }), expect: { body: { token_type: 'Bearer' }, claims: { cnf: { 'x5t#S256': x5t('client-es256') } } } }))
  one('bound-to-a-certificate-without', 'Without a certificate it is refused, also with a proof (IDJAG-20).', notGranted('assertion.binding.no_certificate', bring(certified, {}, { headers: P.both })))
  one('bound-to-another-certificate', 'With another certificate it is refused (IDJAG-20).', notGranted('assertion.binding.other_certificate', bring(certified, {}, { connection: tls('client-spiffe') })))
  one('bound-to-a-certificate-and-rebind', 'Also where the application may rebind tokens: the certificate of a grant is that of its client.', notGranted('assertion.binding.other_certificate', bring(jag({ client_id: 'strict', cnf: { 'x5t#S256': x5t('client-es256') } }), {}, { client: 'strict', connection: tls('client-spiffe'), headers: P.strict })))

  const get = (target, expect, method = 'GET') => ({ request: { method, target }, expect })
  one('metadata', 'The metadata say which profile of the JWT bearer grant there is (IDJAG-37), and name an authorization endpoint, without which clients of MCP read no further (EMA-03).', get('/.well-known/oauth-authorization-server', {
    status: 200,
    body: { authorization_grant_profiles_supported: ['urn:ietf:params:oauth:grant-profile:id-jag'], authorization_endpoint: `${US}/oauth2/authorize`, response_types_supported: [], identity_chaining_requested_token_types_supported: null },
  }))
  steps('authorize', 'There is no login page: the client is told so, and redirected nowhere.', config, [
    get('/oauth2/authorize?response_type=code&client_id=wiki&redirect_uri=https%3A%2F%2Fevil.example', { status: 400, error: 'unsupported_response_type', headers: { location: null, 'cache-control': 'no-store' } }),
    get('/oauth2/authorize', { status: 400, error: 'unsupported_response_type' }, 'POST'),
    get('/oauth2/authorize', { status: 405, error: 'invalid_request', headers: { allow: 'GET, HEAD, POST' } }, 'PUT'),
  ])
  one('certificate-demanded', 'Or there is no certificate (IDJAG-35).', notGranted('client.certificate.missing', bring(jag({ client_id: 'certified' }), {}, { client: 'certified' })))
  for (const [name, details] of Object.entries({ 'authorization-details': [{ type: 'file', locations: ['https://chat.example/files/1'] }], 'authorization-details-empty': [], 'authorization-details-null': null })) {
    one(name, 'What a grant allows in `authorization_details` is not widened by ignoring them (IDJAG-42).', notGranted('assertion.claim.authorization_details.unsupported', bring(jag({ authorization_details: details, scope: undefined }))))
  }
})
