/** Issued tokens that come back: as subject tokens, refreshed, introspected, revoked. And the JWT bearer grant. */
import { TYPE, from, granted, refused, suite, unavailable } from '../case.mjs'
import { NOW, US } from '../token.mjs'

const config = 'grants'
const as = (client, step = {}) => ({ ...step, basic: [client, `${client}-secret-for-tests`] })
const post = (target, client, form, expect, more) => ({ request: { target, basic: [client, `${client}-secret-for-tests`], form }, expect: { status: 200, ...expect }, ...more })
const introspect = (client, token, body, more) => post('/oauth2/introspect', client, { token }, { body }, more)
const revoke = (client, token, more) => post('/oauth2/revoke', client, { token }, {}, more)
const refresh = (client, token, form = {}) => ({ request: { basic: [client, `${client}-secret-for-tests`], form: { grant_type: 'refresh_token', refresh_token: token, ...form } } })
const inactive = { active: false, sub: null, client_id: null, exp: null }
const BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const bearer = (client, assertion = {}, form = {}) => ({ request: { basic: client ? [client, `${client}-secret-for-tests`] : undefined, form: { grant_type: BEARER, assertion, ...form } } })
const notGranted = (reason, step) => refused(reason, { ...step, expect: { error: 'invalid_grant', ...step.expect } })

suite('own', ({ steps }) => {
  const first = granted({ token: { claims: { email: 'ada@acme.example' } }, form: { scope: 'read write', audience: 'backend' } })
  const mine = from(1, 'access_token')
  const again = (form, more) => ({ type: 'access_token', token: mine, form, ...more })
  steps('by-its-client', 'An issued token may be exchanged by the client that it was issued to; subject and attributes stay.', config, [
    first, granted({ ...again({ scope: 'read' }), expect: { body: { scope: 'read' }, claims: { sub: 'user-42', idp: 'https://idp.example', email: 'ada@acme.example' } } }),
  ])
  steps('as-a-jwt', 'An issued token is a JWT as well.', config, [first, granted({ ...again({ scope: 'read' }), type: 'jwt' })])
  steps('never-wider', 'The scope is never wider than that of the token.', config, [
    granted({ form: { scope: 'read', audience: 'backend' } }), granted({ ...again({ scope: 'read write' }), expect: { body: { scope: 'read' } } }),
    refused('scope.not_allowed', { ...again({ scope: 'write' }), expect: { error: 'invalid_scope' } }),
  ])
  steps('never-longer', 'What is issued does not outlive it.', config, [first, granted({ ...again({}), now: NOW + 500, expect: { body: { expires_in: 100 } } })])
  steps('by-its-audience', 'An issued token may be exchanged by the application that it is for, as a service calls the next.', config, [
    first, granted(as('backend', { ...again({ scope: 'read' }), expect: { body: { scope: 'read', expires_in: 600 } } })),
  ])
  steps('by-a-stranger', 'An issued token may not be exchanged by an application it has nothing to do with.', config, [
    first, refused('subject_token.own.other_application', as('stranger', again({}))),
  ])
  steps('expired', 'An expired issued token is refused, without leeway.', config, [first, refused('subject_token.claim.exp.expired', { ...again({}), now: NOW + 600 })])
  steps('revoked', 'A revoked issued token is refused.', config, [first, revoke('web', mine), refused('subject_token.unknown', again({}))])
  steps('id-token', 'An issued ID token is no access token.', config, [
    granted({ form: { scope: 'openid', requested_token_type: TYPE('id_token') } }), refused('subject_token.header.typ.mismatch', again({})),
    refused('subject_token.header.typ.mismatch', { ...again({}), type: 'jwt' }),
  ])
  steps('as-refresh-token', 'An issued access token is no refresh token.', config, [first, refused('subject_token.unknown', { ...again({}), type: 'refresh_token' })])
  steps('refresh-token', 'An issued refresh token may be exchanged by its client, declared as what it is, and is not spent by that.', config, [
    first, granted({ type: 'refresh_token', token: from(1, 'refresh_token') }), granted({ type: 'refresh_token', token: from(1, 'refresh_token') }),
    refused('subject_token.header.typ.mismatch', { type: 'access_token', token: from(1, 'refresh_token') }),
    refused('subject_token.unknown', as('stranger', { type: 'refresh_token', token: from(1, 'refresh_token') })),
  ])
  steps('begins-no-family', 'What is issued for an issued token brings no refresh token: it would outlive the revocation of what it came from.', config, [
    first, granted({ ...again({}), expect: { body: { refresh_token: null } } }),
    granted({ type: 'refresh_token', token: from(1, 'refresh_token'), expect: { body: { refresh_token: null } } }),
    refused('requested_token_type.unsupported', { ...again({}), form: { requested_token_type: TYPE('refresh_token') } }),
  ])
  steps('spent-refresh-token', 'A spent refresh token that comes back as a subject token revokes its family as well.', config, [
    first, granted(refresh('web', from(1, 'refresh_token'))),
    refused('subject_token.reused', { type: 'refresh_token', token: from(1, 'refresh_token') }),
    notGranted('refresh_token.unknown', refresh('web', from(2, 'refresh_token'))),
  ])
  steps('no-assertion', 'An issued token is no assertion: no public client it names gets another for it, and no refresh token.', config, [
    first, notGranted('assertion.issuer.self', { request: { basic: ['web', 'web-secret-for-tests'], form: { grant_type: BEARER, assertion: mine } } }),
  ])
  steps('by-a-public-client', 'Whoever holds the token of a public client cannot get one for another audience with it.', config, [
    granted({ client: 'shop', form: { audience: 'https://api.example' } }), refused('subject_token.own.public_client', { client: 'shop', ...again({ audience: 'https://other.example' }) }),
  ])
  steps('past-the-list', 'An application takes no issued token that came from an issuer which it does not list.', config, [
    first, refused('subject_token.issuer.not_allowed', as('unlisted', { ...again({}), expect: { fetches: 0 } })),
  ])
  steps('past-the-conditions', "The conditions an application adds cannot be bypassed with another application's token.", config, [
    first, refused('subject_token.own.conditions_changed', as('choosy', again({}))),
  ])
  steps('no-perpetual-motion', 'An issued token does not renew itself, also where foreign tokens may be outlived.', config, [
    granted({ ...as('outliving'), expect: { body: { expires_in: 3600 } } }), granted({ ...as('outliving', again({})), now: NOW + 3000, expect: { body: { expires_in: 600 } } }),
  ])
  steps('as-an-id-token', 'An issued access token is no ID token.', config, [first, refused('subject_token.header.typ.mismatch', { ...again({}), type: 'id_token' })])
  const forged = (name, about, reason, spec) => steps(`forged-${name}`, about, config, [
    refused(reason, { type: 'access_token', token: { ...spec, header: { typ: 'at+jwt', kid: 'ours', ...spec.header }, claims: { iss: US, sub: 'admin', aud: 'backend', client_id: 'web', jti: 'x', ...spec.claims } } }),
  ])
  const rejected = 'subject_token.signature.rejected'
  forged('signature', 'A token that says it is ours must be signed by us.', rejected, { key: 'attacker-es256' })
  forged('by-an-issuer', 'A trusted token issuer cannot make tokens in our name.', rejected, { key: 'idp-es256' })
  forged('by-an-issuer-under-its-kid', 'The keys of an issuer are not ours.', 'subject_token.key.not_found', { key: 'idp-es256', header: { kid: 'idp-es256' } })
  forged('other-algorithm', 'Our key signs with one algorithm.', 'subject_token.key.not_found', { key: 'idp-rs2048' })
  forged('without-kid', 'Our tokens name their key.', 'subject_token.key.not_found', { key: 'attacker-es256', header: { kid: undefined } })
  forged('unsigned', 'A token that says it is ours is not believed without a signature.', 'subject_token.header.alg.forbidden', { header: { alg: 'none' }, made: () => '' })
  steps('opaque-unknown', 'A random string is no issued token.', config, [refused('subject_token.unknown', { type: 'access_token', token: 'accVkjcJyb4BWCxGsndESCJQbdFMogUC5PbRDqceLTC' })])
  steps('tampered', 'An issued token with other claims is not issued any more.', config, [
    first, refused(rejected, { type: 'access_token', token: [from(1, 'access_token'), 'AA'], expect: {} }),
  ])
})

suite('bearer', ({ steps }) => {
  const one = (name, about, step) => steps(name, about, config, [step])
  one('granted', 'An assertion of a trusted token issuer is granted a token, without the words of token exchange.', granted({
    ...bearer('web', { claims: { email: 'a@b.example' } }, { scope: 'read' }), expect: { body: { token_type: 'Bearer', expires_in: 600, scope: 'read', issued_token_type: null }, claims: { sub: 'user-42', email: 'a@b.example' } },
  }))
  one('opaque', 'An application may have opaque tokens.', granted({ ...bearer('opaque'), expect: { body: { token_type: 'Bearer' } } }))
  one('alias', "The audience may be the issuer's alias for us.", granted(bearer('web', { claims: { aud: `${US}/acme` } })))
  one('public-client', 'A public client names itself.', granted({ ...bearer(null, {}, { client_id: 'pocket' }), expect: { claims: { client_id: 'pocket' } } }))
  one('client-of-the-assertion', 'Without a client the assertion may name a public one.', granted({ ...bearer(null, { claims: { azp: 'pocket' } }), expect: { claims: { client_id: 'pocket' } } }))
  const client = (name, about, reason, step) => one(name, about, refused(reason, { ...step, expect: { status: 401, error: 'invalid_client' } }))
  client('no-client', 'A request that names no client is refused.', 'client.authentication.missing', bearer(null))
  client('confidential-client-of-the-assertion', 'An assertion cannot speak for a client that has a secret.', 'client.authentication.missing', bearer(null, { claims: { azp: 'web' } }))
  client('client-id-before-azp', 'The `client_id` of the assertion comes before its `azp`.', 'client.authentication.missing', bearer(null, { claims: { client_id: 'web', azp: 'pocket' } }))
  const bad = (name, about, reason, assertion) => one(name, about, notGranted(`assertion.${reason}`, bearer('web', assertion)))
  bad('for-somebody-else', 'An assertion for somebody else is refused, and says which alias was expected.', 'claim.aud.mismatch', { claims: { aud: 'https://other.example' } })
  bad('no-alias', 'Where no alias is configured the reason says so.', 'claim.aud.no_alias', { key: 'globex-rs2048', claims: { iss: 'https://globex.example', aud: 'https://other.example' } })
  bad('expired', 'An expired assertion is refused.', 'claim.exp.expired', { claims: { exp: NOW - 30 } })
  bad('old', 'An assertion older than half an hour is refused.', 'claim.iat.too_old', { claims: { iat: NOW - 1831 } })
  bad('forged', 'A forged assertion is refused.', 'signature.rejected', { key: 'attacker-es256', header: { kid: 'idp-es256' } })
  bad('unsigned', 'An unsigned assertion is refused.', 'header.alg.forbidden', { header: { alg: 'none' }, made: () => '' })
  bad('stranger', 'An assertion of a stranger is refused.', 'issuer.unknown', { claims: { iss: 'https://stranger.example' } })
  for (const [name, typ] of Object.entries({ 'access-token': 'at+jwt', 'access-token-as-media-type': 'application/at+jwt', 'access-token-in-capitals': 'AT+JWT' })) {
    bad(name, `An access token is no assertion (RFC 8725 section 3.12): \`typ\` is \`${typ}\`.`, 'header.typ.mismatch', { header: { typ } })
  }
  bad('refresh-token', 'A refresh token of a provider is no assertion.', 'header.typ.mismatch', { claims: { typ: 'Refresh' } })
  one('without-assertion', 'The assertion is required.', refused('request.parameter.missing', bearer('web', undefined, { assertion: undefined })))
  one('two-assertions', 'The assertion may not stand twice.', refused('request.parameter.repeated', bearer('web', undefined, { assertion: ['a.b.c', 'a.b.c'] })))
  one('not-of-the-application', 'An application uses the grant types it has.', refused('grant_type.not_allowed', { ...bearer('backend'), expect: { error: 'unauthorized_client' } }))
})

suite('refresh', ({ steps }) => {
  const first = granted({ token: { claims: { email: 'ada@acme.example', act: { sub: 'agent' } } }, form: { scope: 'read write' } })
  const old = from(1, 'refresh_token')
  steps('rotated', 'A refresh token is spent by its use and replaced; subject, actor and attributes survive.', config, [
    first,
    granted({ ...refresh('web', old), now: NOW + 700, expect: { body: { scope: 'read write', issued_token_type: null }, claims: { sub: 'user-42', email: 'ada@acme.example', act: { sub: 'agent' }, exp: NOW + 4300 } } }),
    granted({ ...refresh('web', from(2, 'refresh_token')), now: NOW + 701 }),
  ])
  steps('reused', 'A spent token that comes back was stolen from somebody: its family is revoked.', config, [
    first, granted(refresh('web', old)), notGranted('refresh_token.reused', refresh('web', old)), notGranted('refresh_token.unknown', refresh('web', from(2, 'refresh_token'))),
  ])
  steps('of-another-client', "Another client's refresh token is refused, and not spent.", config, [
    first, notGranted('refresh_token.unknown', refresh('stranger', old)), granted(refresh('web', old)),
  ])
  const wider = (token, scope) => refused('scope.not_granted', { ...refresh('web', token, { scope }), expect: { error: 'invalid_scope' } })
  steps('narrower', 'A narrower scope may be asked for.', config, [
    granted({ form: { scope: 'read write' } }), granted({ ...refresh('web', old, { scope: 'write' }), expect: { body: { scope: 'write' } } }),
  ])
  steps('wider', 'A scope that was not granted is refused, also beside one that was (RFC 6749 section 6), and the token is not spent by that.', config, [
    granted({ form: { scope: 'read' } }), wider(old, 'write'), wider(old, 'read write'), wider(old, 'read nothing-at-all'),
    granted({ ...refresh('web', old, { scope: 'read' }), expect: { body: { scope: 'read' } } }),
  ])
  steps('expired', 'A refresh token expires.', config, [first, notGranted('refresh_token.unknown', { ...refresh('web', old), now: NOW + 7200 })])
  steps('access-token', 'An access token is no refresh token.', config, [first, notGranted('refresh_token.unknown', refresh('web', from(1, 'access_token')))])
  steps('unknown', 'A random string is no refresh token.', config, [
    notGranted('refresh_token.unknown', refresh('web', 'abc')), notGranted('refresh_token.unknown', refresh('web', `${'A'.repeat(22)}.${'A'.repeat(43)}`)),
    notGranted('refresh_token.unknown', refresh('web', `../../../../../../etc/.${'A'.repeat(43)}`)),
  ])
  steps('store-down', 'When the store fails the token is not lost.', config, [
    first, unavailable('store.unavailable', { ...refresh('web', old), store: 'failed' }), granted(refresh('web', old)),
  ])
  steps('narrower-target', 'A refreshed token may be for fewer audiences, and for no other.', config, [
    first, granted({ ...refresh('web', old, { audience: 'backend' }), expect: { claims: { aud: 'backend' } } }),
    refused('target.not_allowed', { ...refresh('web', from(2, 'refresh_token'), { resource: 'https://other.example' }), expect: { error: 'invalid_target' } }),
    refused('request.parameter.unsupported', refresh('web', from(2, 'refresh_token'), { authorization_details: '[]' })),
  ])
  steps('shorter-than-the-access-token', 'An access token outlives a refresh token that is shorter.', config, [
    granted(as('brief', { form: { scope: 'read' } })), { ...introspect('brief', from(1, 'access_token'), { active: true }), now: NOW + 120 },
    notGranted('refresh_token.unknown', { ...refresh('brief', old), now: NOW + 120 }),
  ])
  steps('asked-for', 'A refresh token may be asked for, by an application that may use it.', config, [
    granted({ form: { requested_token_type: TYPE('refresh_token') }, expect: { body: { issued_token_type: TYPE('refresh_token'), token_type: 'N_A' } } }),
    granted(refresh('web', from(1, 'access_token'))),
  ])
})

suite('introspection', ({ steps }) => {
  const first = granted({ token: { claims: { email: 'ada@acme.example' } }, form: { scope: 'read', audience: 'backend' } })
  const mine = from(1, 'access_token')
  const active = { active: true, sub: 'user-42', idp: 'https://idp.example', client_id: 'web', scope: 'read', iss: US, exp: NOW + 600, token_type: 'Bearer' }
  steps('jwt', 'A token is active for its client and for whom it is meant, and for nobody else.', config, [first, introspect('web', mine, active), introspect('backend', mine, active), introspect('stranger', mine, inactive)])
  steps('clock-behind', 'A replica whose clock is behind does not call a fresh token invalid.', config, [first, { ...introspect('web', mine, active), now: NOW - 5 }])
  steps('username-of-a-stranger', 'A federated subject has no `username`: that is a local user.', config, [
    granted({ token: { claims: { preferred_username: 'ada' } }, expect: { claims: { username: 'ada' } } }), introspect('web', mine, { active: true, username: null }),
  ])
  steps('opaque', 'An opaque token says to introspection what a JWT says by itself.', config, [
    granted(bearer('opaque', {}, { scope: 'read' })), introspect('opaque', mine, { active: true, sub: 'user-42', scope: 'read', exp: NOW + 600 }), introspect('web', mine, inactive),
  ])
  steps('expired', 'An expired token is not active.', config, [first, introspect('web', mine, inactive, { now: NOW + 600 })])
  steps('refresh-token', 'A refresh token is active for its client only.', config, [first, introspect('web', from(1, 'refresh_token'), { active: true, token_type: 'refresh_token' }), introspect('backend', from(1, 'refresh_token'), inactive)])
  steps('spent-refresh-token', 'Asking about a spent refresh token tells nothing and revokes nothing.', config, [
    first, granted(refresh('web', from(1, 'refresh_token'))), introspect('web', from(1, 'refresh_token'), inactive), granted(refresh('web', from(2, 'refresh_token'))),
  ])
  steps('id-token', 'An ID token is no token that is introspected.', config, [granted({ form: { scope: 'openid', requested_token_type: TYPE('id_token') } }), introspect('web', mine, inactive)])
  for (const [name, token] of Object.entries({ 'nonsense': 'x', 'dots': '..', 'none': 'eyJhbGciOiJub25lIn0.e30.', 'long': [{ repeat: 'a', times: 20000 }] })) {
    steps(name, 'What is no issued token is not active, and no error.', config, [introspect('web', token, inactive)])
  }
  steps('without-client', 'Only a client that authenticates may ask.', config, [
    refused('client.authentication.missing', { request: { target: '/oauth2/introspect', form: { token: 'x' } }, expect: { status: 401, error: 'invalid_client' } }),
    refused('client.authentication.wrong_method', { request: { target: '/oauth2/introspect', form: { token: 'x', client_id: 'pocket' } }, expect: { status: 401, error: 'invalid_client' } }),
  ])
  steps('get', 'Introspection takes POST.', config, [{ request: { method: 'GET', target: '/oauth2/introspect' }, expect: { status: 405, error: 'invalid_request' } }])
  steps('store-down', 'When the store fails nobody is told that a token is not active.', config, [
    granted(bearer('opaque', {}, { scope: 'read' })), unavailable('store.unavailable', { request: introspect('opaque', mine).request, store: 'failed' }),
  ])
})

suite('revocation', ({ steps }) => {
  const first = granted({ form: { scope: 'read', audience: 'backend' } })
  const mine = from(1, 'access_token')
  const gone = (client = 'web', token = mine) => introspect(client, token, inactive)
  steps('jwt', 'A revoked JWT is not active any more; once more is no error.', config, [first, revoke('web', mine), gone(), revoke('web', mine)])
  steps('opaque', 'A revoked opaque token is gone.', config, [granted(bearer('opaque')), revoke('opaque', mine), gone('opaque')])
  steps('refresh-token', 'A refresh token takes its family and its opaque access tokens with it.', config, [
    granted(bearer('opaque')), revoke('opaque', from(1, 'refresh_token')), gone('opaque'), notGranted('refresh_token.unknown', refresh('opaque', from(1, 'refresh_token'))),
  ])
  steps('spent-refresh-token', 'A spent refresh token revokes its family here as well.', config, [
    first, granted(refresh('web', from(1, 'refresh_token'))), revoke('web', from(1, 'refresh_token')), notGranted('refresh_token.unknown', refresh('web', from(2, 'refresh_token'))),
  ])
  steps('derived-from-a-refresh-token', 'What was issued for a refresh token ends with its family.', config, [
    granted(as('both', { form: { scope: 'read' } })), granted(as('both', { type: 'refresh_token', token: from(1, 'refresh_token') })), introspect('both', from(2, 'access_token'), { active: true }),
    revoke('both', from(1, 'refresh_token')), introspect('both', from(2, 'access_token'), inactive), introspect('both', mine, inactive),
  ])
  steps('of-another-client', "Another client's token is not revoked, and the answer does not tell.", config, [first, revoke('backend', mine), introspect('web', mine, { active: true })])
  steps('unknown', 'What is no token is as good as revoked (RFC 7009 section 2.2).', config, [revoke('web', 'x')])
  steps('store-down', 'When the store fails the client is told.', config, [first, unavailable('store.unavailable', { request: revoke('web', mine).request, store: 'failed' }), introspect('web', mine, { active: true })])
})

suite('accounts', ({ steps }) => {
  const accounts = 'accounts'
  /** A token about `x-1`; if it has an address its issuer says that it verified it. */
  const who = (claims, more) => ({ token: { claims: { sub: 'x-1', ...(claims.email && { email_verified: true }), ...claims } }, ...more })
  const ada = { sub: 'u-ada', idp: null }
  const federated = { sub: 'x-1', idp: 'https://idp.example' }
  const off = (step) => ({ ...step, basic: ['off', 'off-secret-for-tests'] })
  steps('linked-by-email', 'A subject is linked to the one local user of its address, and stays so without it.', accounts, [
    granted({ ...who({ email: 'ada@example.com' }), expect: { claims: { ...ada, email: 'ada@example.com', department: 'r+d' } } }), granted({ ...who({}), expect: { claims: ada } }),
  ])
  steps('second-attribute', 'The second attribute is tried when nobody has the first.', accounts, [granted({ ...who({ email: 'nobody@example.com', username: 'ada' }), expect: { claims: ada } })])
  steps('roles-grant-scopes', "A local user's roles grant scopes; they are had by asking.", accounts, [
    granted({ ...who({ email: 'ada@example.com' }, { form: { scope: 'read deploy' } }), expect: { body: { scope: 'read deploy' }, claims: ada } }),
  ])
  steps('federated-has-no-roles', 'A foreign subject that is called like a local user gets no token that looks like that user.', accounts, [
    refused('subject_token.claim.sub.local_id', who({ sub: 'u-ada' }, { client: 'defaults', form: { scope: 'read deploy' } })),
    refused('subject_token.claim.sub.local_id', who({ sub: 'usr_of-this-server' }, { client: 'defaults' })),
  ])
  steps('required-and-not-there', 'Where a local account is required, none is a refusal.', accounts, [refused('account.no_match', who({ email: 'nobody@example.com' }))])
  steps('preferred-and-not-there', 'Where a local account is preferred, none leaves the foreign subject.', accounts, [granted({ ...who({ email: 'nobody@example.com' }, { client: 'defaults' }), expect: { claims: federated } })])
  steps('off-links-nothing', 'Where it is off nothing is looked up and nothing is linked.', accounts, [
    granted(off({ ...who({ email: 'ada@example.com' }), expect: { claims: federated } })), granted({ ...who({}, { client: 'defaults' }), expect: { claims: federated } }),
  ])
  steps('ambiguous', 'Several local users with the address are a refusal, and the next attribute is not tried.', accounts, [
    refused('account.ambiguous', who({ email: 'shared@example.com', username: 'ada' })), refused('account.ambiguous', who({ email: 'shared@example.com' }, { client: 'defaults' })),
  ])
  for (const [name, claims] of Object.entries({ 'list': { email: ['ada@example.com'] }, 'empty': { email: '' }, 'letter-case-of-username': { username: 'ADA' } })) {
    steps(`lookup-${name}`, `What is no address, or no name of a user, links nobody: ${JSON.stringify(claims)}.`, accounts, [refused(name === 'letter-case-of-username' ? 'account.no_match' : 'account.no_attribute', who(claims))])
  }
  for (const [name, verified] of Object.entries({ 'not-verified': false, 'verified-as-text': 'true', 'verification-not-said': undefined })) {
    const claims = { email: 'ada@example.com', email_verified: verified }
    steps(`lookup-${name}`, `An address that the issuer does not vouch for links nobody: ${JSON.stringify(claims)}.`, accounts, [
      refused('account.unverified', who(claims)), granted({ ...who(claims, { client: 'defaults' }), expect: { claims: federated } }),
    ])
  }
  const initech = { iss: 'https://initech.example' }
  steps('trusted-to-verify', 'An issuer may be trusted to verify addresses without saying so; what it says that it did not verify does not count.', accounts, [
    refused('account.unverified', who({ ...initech, email: 'ada@example.com', email_verified: false })),
    granted({ ...who({ ...initech, email: 'ada@example.com', email_verified: undefined }), expect: { claims: ada } }),
  ])
  steps('administrator', 'A user who administers this server is not linked by an e-mail address, even a verified one.', accounts, [
    refused('account.administrator', who({ email: 'root@example.com', username: 'ada' })),
    granted({ ...who({ email: 'root@example.com', username: 'ada' }, { client: 'defaults' }), expect: { claims: federated } }),
    refused('account.administrator', who({ username: 'root' })),
  ])
  steps('lookup-letter-case-of-email', 'Addresses are compared without letter case.', accounts, [granted({ ...who({ email: 'ADA@Example.com' }), expect: { claims: ada } })])
  steps('verified', 'A verified address links.', accounts, [granted({ ...who({ email: 'ada@example.com', email_verified: true }), expect: { claims: ada } })])
  steps('issuer-without-association', 'Only an issuer with implicit association links by attributes.', accounts, [refused('account.link_required', who({ iss: 'https://globex.example', email: 'ada@example.com' }))])
  steps('link-of-another-issuer', 'A link is of one issuer and one subject.', accounts, [
    granted(who({ email: 'ada@example.com' })), refused('account.link_required', who({ iss: 'https://globex.example' })), refused('account.no_attribute', who({ sub: 'x-2' })),
  ])
  for (const [name, email] of [['locked', 'bob@example.com'], ['disabled', 'eve@example.com']]) {
    steps(name, `A ${name} local user gets nothing.`, accounts, [refused(`account.${name}`, { ...who({ email }), expect: { error: 'access_denied' } })])
  }
  steps('locked-actor', 'A locked local user does not act for anybody either, once linked.', accounts, [
    refused('account.locked', { ...who({ email: 'bob@example.com' }), expect: { error: 'access_denied' } }),
    refused('account.locked', {
      ...who({ sub: 'x-9', email: 'ada@example.com' }, { form: { actor_token: { claims: { sub: 'x-1' } }, actor_token_type: TYPE('jwt') } }), expect: { error: 'access_denied' },
    }),
  ])
  steps('locked-actor-by-address', 'A locked local user does not act for anybody, also before there is a link.', accounts, [
    refused('account.locked', {
      ...who({ sub: 'x-9', email: 'ada@example.com' }, { form: { actor_token: { claims: { sub: 'x-1', email: 'bob@example.com', email_verified: true } }, actor_token_type: TYPE('jwt') } }), expect: { error: 'access_denied' },
    }),
  ])
  const linked = granted(as('lasting', who({ email: 'ada@example.com' }, { form: { scope: 'read exchequer:links' } })))
  const mine = (method, rest, expect) => ({
    request: { method, target: `/api/users/v1/me/federated-associations${rest}`, headers: [['authorization', ['Bearer ', from(1, 'access_token')]]] }, expect,
  })
  steps('unlinked', 'A link that its user removes ends the refresh token and the opaque token that were granted by it, also when there is another one by then.', accounts, [
    linked, mine('DELETE', '', { status: 204 }), notGranted('account.unlinked', refresh('lasting', from(1, 'refresh_token'))), introspect('lasting', from(1, 'access_token'), inactive),
    mine('GET', '', { status: 401, headers: { 'cache-control': 'no-store' } }), linked, notGranted('account.unlinked', refresh('lasting', from(1, 'refresh_token'))),
    granted(refresh('lasting', from(6, 'refresh_token'))),
  ])
  steps('unlinked-without-the-scope', 'A token without the scope for it shows the links of its user, and removes none.', accounts, [
    granted(as('lasting', who({ email: 'ada@example.com' }, { form: { scope: 'read' } }))), mine('GET', '', { status: 200 }), mine('DELETE', '', { status: 403 }),
    granted(refresh('lasting', from(1, 'refresh_token'))),
  ])
  const presented = (authorization, expect) => ({ request: { method: 'GET', target: '/api/users/v1/me/federated-associations', headers: [['authorization', authorization]] }, expect })
  steps('bearer-in-capitals', 'The scheme of an access token is compared without letter case (OAUTH-15, FAPI-12).', accounts, [
    linked, ...['bEARER', 'BEARER', 'bearer'].map((scheme) => presented([`${scheme} `, from(1, 'access_token')], { status: 200 })),
    presented(['Bearer', from(1, 'access_token')], { status: 401 }),
  ])
  steps('links-of-a-stranger', 'A subject without a local account has no links to see, and nobody makes one by asking for it.', accounts, [
    granted(who({}, { client: 'defaults' })), mine('GET', '', { status: 403 }), mine('DELETE', '/AAAAAAAAAAAAAAAAAAAAAA', { status: 403 }), mine('POST', '', { status: 403 }),
  ])
  steps('store-down', 'When the store fails nobody is taken for somebody else.', accounts, [
    unavailable('store.unavailable', { ...who({ email: 'ada@example.com' }, { client: 'defaults' }), store: 'failed' }), granted({ ...who({ email: 'ada@example.com' }), expect: { claims: ada } }),
  ])
})
