/** Who the client is (RFC 6749 section 2.3, RFC 7523 section 2.2). */
import { GRANT, granted, refused, suite, unavailable } from '../case.mjs'
import { NOW, US } from '../token.mjs'

const rejected = 'client.authentication.rejected'
const wrongMethod = 'client.authentication.wrong_method'
const missing = 'client.authentication.missing'
const CHALLENGE = { 'www-authenticate': 'Basic realm="token", charset="UTF-8"' }
const failed = (reason, step) =>
  refused(reason, { ...step, expect: { status: 401, error: 'invalid_client', headers: CHALLENGE, ...step?.expect } })

const encoded = (text) => encodeURIComponent(text).replaceAll('%20', '+')

suite('client', ({ accept, refuse, steps }) => {
  const fail = (name, about, reason, step) => steps(name, about, step?.config, [failed(reason, step)])

  accept('basic', 'A client authenticates with HTTP Basic.', { expect: { claims: { client_id: 'web' } } })
  accept('basic-with-client-id', 'The same client may be named in the form as well.', { form: { client_id: 'web' } })
  accept('basic-scheme-in-capitals', 'The scheme is compared without regard to case (RFC 9110 section 11.1).', {
    client: null, headers: [['authorization', `BASIC ${Buffer.from('web:web-secret-for-tests').toString('base64')}`]],
  })
  accept('post', 'A client authenticates with parameters in the body.', { client: null, form: { client_id: 'web', client_secret: 'web-secret-for-tests' } })
  accept('none', 'A public client names itself.', { client: 'pocket', expect: { claims: { client_id: 'pocket', aud: 'pocket' } } })

  fail('wrong-secret', 'A wrong secret is refused.', rejected, { basic: ['web', 'web-secret-for-testz'] })
  fail('wrong-secret-in-the-body', 'A wrong secret in the body is refused.', rejected, { client: null, form: { client_id: 'web', client_secret: 'wrong-secret-for-tests' } })
  fail('secret-of-another', 'The secret of another client is wrong.', rejected, { basic: ['web', 'defaults-secret-for-tests'] })
  fail('secret-shorter', 'The beginning of a secret is not the secret.', rejected, { basic: ['web', 'web-secret-for-test'] })
  fail('secret-longer', 'More than a secret is not the secret.', rejected, { basic: ['web', 'web-secret-for-tests '] })
  fail('secret-letter-case', 'Letter case counts in a secret.', rejected, { basic: ['web', 'Web-secret-for-tests'] })
  fail('secret-empty', 'An empty secret is wrong.', rejected, { basic: ['web', ''] })
  fail('secret-encoded-twice', 'A secret that was encoded twice is wrong.', rejected, { config: 'secrets', basic: ['special', encoded(encoded(' p@ss+word%21:&=; '))] })
  fail('unknown', 'An unknown client is refused.', 'client.unknown', { basic: ['nobody', 'web-secret-for-tests'] })
  fail('unknown-letter-case', 'Letter case counts in a client id.', 'client.unknown', { basic: ['Web', 'web-secret-for-tests'] })
  fail('unknown-public', 'An unknown public client is refused.', 'client.unknown', { client: 'nobody' })
  fail('unknown-prototype', 'A client id is looked up and nothing else.', 'client.unknown', { client: '__proto__' })
  fail('no-credentials', 'A client that has a secret must show it.', missing, { client: null, form: { client_id: 'web' } })
  fail('nobody', 'A request that names no client is refused.', missing, { client: null })
  fail('secret-without-id', 'A secret without a client id says nothing.', missing, { client: null, form: { client_secret: 'web-secret-for-tests' } })
  fail('id-contradicts', 'A client id in the form that is another than the one that authenticated is refused.', rejected, { form: { client_id: 'defaults' } })
  fail('public-with-secret', 'A public client has no secret to show.', wrongMethod, { client: null, form: { client_id: 'pocket', client_secret: 'anything-at-all-here' } })
  fail('keys-with-secret', 'A client that is registered with keys has no secret to show.', wrongMethod, { client: null, form: { client_id: 'machine', client_secret: 'anything-at-all-here' } })
  fail('keys-without-assertion', 'A client that is registered with keys must use them.', missing, { client: null, form: { client_id: 'machine' } })
  for (const [name, header] of Object.entries({
    'bearer': 'Bearer abc', 'no-scheme': 'd2ViOndlYi1zZWNyZXQtZm9yLXRlc3Rz', 'no-base64': 'Basic web:web-secret-for-tests', 'no-colon': `Basic ${Buffer.from('web').toString('base64')}`,
    'not-utf8': 'Basic /////w==', 'empty': '', 'base64url': `Basic ${Buffer.from('web:??>>~~').toString('base64url')}`, 'digest': 'Digest username="web"',
  })) {
    fail(`header-${name}`, `An \`Authorization\` header that is not HTTP Basic as it should be is refused: \`${header.slice(0, 24)}\`.`, wrongMethod, { client: null, headers: [['authorization', header]] })
  }

  const secret = 'web-secret-for-tests'
  fail('secret-as-client-id', 'A secret that is sent as a client id by mistake is not shown.', 'client.unknown', { client: null, form: { client_id: secret } })
  fail('secret-as-user', 'A secret that is sent as a user name by mistake is not shown.', 'client.unknown', { basic: [secret, 'web'] })
  fail('secret-as-client-id-with-a-secret', 'Nor is it when it is sent in the body with a secret.', 'client.unknown', { client: null, form: { client_id: secret, client_secret: 'wrong-secret-for-tests' } })
  fail('secret-as-grant-type', 'Nor is a grant type that is none.', rejected, { basic: ['web', 'wrong-secret-for-tests'], form: { grant_type: secret } })
  refuse('secret-as-grant-type-of-a-client', 'Nor is it for a client that authenticates.', 'grant_type.unknown', { form: { grant_type: secret }, expect: { error: 'unsupported_grant_type' } })
  refuse('secret-as-a-name', 'Nor is the name of a parameter that stands twice.', 'request.parameter.repeated', { client: null, form: { [secret]: ['a', 'b'] } })
  refuse('secret-as-a-type', 'Nor is a token type that is none.', 'type.unsupported', { type: `${secret}:x` })
  refuse('secret-as-the-requested-type', 'Nor is a requested token type that is none.', 'requested_token_type.unsupported', { form: { requested_token_type: secret } })

  const several = 'client.authentication.several_methods'
  refuse('several-basic-and-post', 'A client uses one method in a request (RFC 6749 section 2.3).', several, { form: { client_id: 'web', client_secret: 'web-secret-for-tests' } })
  refuse('several-headers', 'Two `Authorization` headers are two methods.', several, { headers: [['Authorization', 'Basic d2ViOndlYg==']] })
  refuse('several-basic-and-assertion', 'A header and an assertion are two methods.', several, { form: { client_assertion: 'a.b.c', client_assertion_type: JWT } })
  refuse('several-post-and-assertion', 'A secret and an assertion are two methods.', several, { client: null, form: { client_id: 'web', client_secret: 'web-secret-for-tests', client_assertion: 'a.b.c', client_assertion_type: JWT } })

  const config = 'secrets'
  const special = [' p@ss+word%21:&=; ', 'a=b&c%2Bd+e:f  g']
  accept('special-characters-raw', 'A secret with special characters may come as it is: many clients send it so.', { config, basic: ['special', special[0]] })
  accept('special-characters-encoded', 'A secret with special characters may come form-encoded, as RFC 6749 section 2.3.1 says.', { config, basic: ['special', encoded(special[0])] })
  accept('special-characters-percent-encoded', 'Spaces may be encoded as `%20` as well.', { config, basic: ['special', encodeURIComponent(special[0])] })
  accept('special-characters-in-the-body', 'In the body a secret is form-encoded like any parameter.', { config, client: null, form: { client_id: 'special', client_secret: special[0] } })
  accept('client-id-with-colon', 'A client id with a colon comes form-encoded.', { config, basic: [encoded('urn:app:1'), encoded(special[1])] })
  fail('client-id-with-colon-raw', 'A client id with a colon that is not encoded ends at the colon.', 'client.unknown', { config, basic: ['urn:app:1', special[1]] })
})

const JWT = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

suite('client-assertion', ({ accept, steps }) => {
  const assertion = ({ claims, ...spec } = {}) => ({
    client: null,
    form: {
      client_assertion: { key: 'machine-es256', ...spec, claims: { iss: 'machine', sub: 'machine', aud: US, jti: 'j1', iat: NOW, exp: NOW + 60, ...claims } },
      client_assertion_type: JWT,
    },
  })
  const fail = (name, about, reason, spec, more) => steps(name, about, 'standard', [failed(reason, { ...assertion(spec), ...more })])
  const of = (reason) => `client_assertion.${reason}`

  accept('issuer-as-audience', 'A client authenticates with a token that it signed, for our issuer.', { ...assertion(), expect: { claims: { client_id: 'machine' } } })
  accept('issuer-in-a-list', 'The issuer may stand in a list, alone.', assertion({ claims: { aud: [US] } }))
  accept('typed', 'The assertion may say what it is.', assertion({ header: { typ: 'client-authentication+jwt' } }))
  accept('with-client-id', 'The client may be named in the form as well.', { ...assertion(), form: { ...assertion().form, client_id: 'machine' } })
  const robot = { key: 'robot-es256', claims: { iss: 'robot', sub: 'robot' } }
  const endpoint = `${US}/oauth2/token`
  for (const [name, aud] of [['endpoint-as-audience', endpoint], ['endpoint-in-a-list', [endpoint]]]) {
    const sent = { ...robot, claims: { ...robot.claims, aud } }
    fail(name, 'The token endpoint is an audience that another server could have told the client: it is refused.', of('claim.aud.not_issuer_alone'), { claims: { aud } })
    steps(`${name}-allowed`, 'An application may be allowed to send the token endpoint.', 'standard', [granted({ ...assertion(sent), expect: { claims: { client_id: 'robot' } } })])
  }
  for (const [name, aud] of Object.entries({ 'several-audiences': ['https://other.example', US], 'issuer-and-endpoint': [US, endpoint], 'issuer-twice': [US, US] })) {
    fail(name, 'An assertion with several audiences counts at several servers, each of which could use it at the others.', of('claim.aud.not_issuer_alone'), { claims: { aud } })
    steps(`${name}-allowed`, 'Several audiences are refused from an application that may send the token endpoint, too.', 'standard', [failed(of('claim.aud.not_issuer_alone'), assertion({ ...robot, claims: { ...robot.claims, aud } }))])
  }
  steps('keys-by-url', "A client's keys may be fetched from the URL it is registered with.", 'standard', [
    granted({ ...assertion(robot), expect: { fetches: 2, claims: { client_id: 'robot' } } }),
    granted({ ...assertion({ ...robot, claims: { ...robot.claims, jti: 'j2' } }), expect: { fetches: 0 } }),
  ])
  steps('keys-by-url-unreachable', "When a client's keys are not available, it is not refused for good.", 'standard', [
    unavailable(of('key.unavailable'), { ...assertion(robot), fetch: { 'https://robot.example/jwks': ['unreachable'] }, expect: { headers: { 'retry-after': '1' } } }),
    unavailable(of('key.unavailable'), { ...assertion(robot), expect: { fetches: 0, headers: { 'retry-after': '1' } } }),
    granted({ now: NOW + 1, ...assertion(robot), fetch: { 'https://robot.example/jwks': [{ body: { $jwks: ['robot-es256'] } }] } }),
  ])
  steps('replayed', 'An assertion counts once.', 'standard', [granted(assertion()), failed(of('replay.seen'), assertion())])
  steps('remembered-through-the-leeway', 'An assertion is remembered as long as it would be accepted.', 'standard', [
    granted({ now: NOW, ...assertion() }), failed(of('replay.seen'), { now: NOW + 89, ...assertion() }), failed(of('claim.exp.expired'), { now: NOW + 90, ...assertion() }),
  ])
  steps('jti-of-the-client', 'A `jti` is unique for its client: two may use the same one.', 'standard', [granted(assertion()), granted(assertion(robot))])
  steps('store-down', 'When nobody knows whether an assertion was used, it is not accepted, and not lost.', 'standard', [
    unavailable('store.unavailable', { ...assertion(), store: 'failed' }), granted(assertion()),
  ])

  fail('wrong-audience', 'An assertion for somebody else is refused.', of('claim.aud.mismatch'), { claims: { aud: 'https://other.example' } })
  fail('audience-of-an-issuer', "An issuer's alias for us is no audience for a client's assertion.", of('claim.aud.mismatch'), { claims: { aud: 'https://sts.example/acme' } })
  fail('without-jti', 'An assertion without `jti` cannot be told from its copy.', of('replay.no_jti'), { claims: { jti: undefined } })
  fail('expired', 'An expired assertion is refused.', of('claim.exp.expired'), { claims: { exp: NOW - 30, iat: NOW - 90 } })
  fail('without-exp', 'An assertion must end.', of('claim.missing'), { claims: { exp: undefined } })
  fail('not-yet', 'An assertion is refused before its `nbf`.', of('claim.nbf.early'), { claims: { nbf: NOW + 31 } })
  fail('old', 'An old assertion is refused.', of('claim.iat.too_old'), { claims: { iat: NOW - 3631 } })
  fail('too-long', 'An assertion that is valid for longer than an hour is refused: its `jti` would have to be kept for as long.', of('claim.exp.too_far'), { claims: { exp: NOW + 3631 } })
  fail('issuer-is-not-subject', '`iss` and `sub` are both the client (RFC 7523 section 3).', of('issuer.unknown'), { claims: { iss: 'robot' } })
  fail('key-of-another-client', "A token that another client signed does not authenticate this one.", of('signature.rejected'), { key: 'robot-es256', header: { kid: 'machine-es256' } })
  fail('key-of-an-issuer', "An issuer's key is no client's key.", of('key.not_found'), { key: 'idp-es256' })
  fail('alg-none', 'An unsigned assertion is refused.', of('header.alg.forbidden'), { header: { alg: 'none' }, made: () => '' })
  fail('bad-signature', 'A bad signature is refused.', of('signature.rejected'), { signature: (s) => Buffer.alloc(s.length, 1) })
  fail('token-of-another-kind', 'A token made for another purpose is no assertion.', of('header.typ.mismatch'), { header: { typ: 'at+jwt' } })
  fail('unknown-client', 'An assertion of nobody we know is refused.', 'client.unknown', { claims: { iss: 'nobody', sub: 'nobody' } })
  fail('client-with-a-secret', 'A client that is registered with a secret must use it.', wrongMethod, { claims: { iss: 'web', sub: 'web' } })
  fail('public-client', 'A public client has no keys.', wrongMethod, { claims: { iss: 'pocket', sub: 'pocket' } })
  fail('id-contradicts', 'A client id in the form that is another than that of the assertion is refused.', wrongMethod, {}, { form: { ...assertion().form, client_id: 'web' } })
  fail('id-of-another-with-keys', 'So is that of another client with keys (CA-07, FAPI-16).', of('claim.sub.not_of_client'), {}, { form: { ...assertion().form, client_id: 'robot' } })
  fail('no-jwt', 'An assertion is a JWT.', of('shape.not_compact'), {}, { form: { client_assertion: 'abc', client_assertion_type: JWT } })
  fail('without-type', 'The type of the assertion is required.', wrongMethod, {}, { form: { ...assertion().form, client_assertion_type: undefined } })
  fail('saml-type', 'A SAML assertion is not taken.', wrongMethod, {}, { form: { ...assertion().form, client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer' } })
})

suite('grant', ({ refuse, steps }) => {
  for (const [name, grant] of Object.entries({
    'password': 'password', 'upper-case': GRANT.toUpperCase(), 'longer': `${GRANT}x`, 'several': `${GRANT} refresh_token`, 'saml': 'urn:ietf:params:oauth:grant-type:saml2-bearer',
  })) {
    refuse(`unknown-${name}`, `The grant type \`${grant}\` is not known here.`, 'grant_type.unknown', { form: { grant_type: grant }, expect: { error: 'unsupported_grant_type' } })
  }
  const unauthorized = { expect: { error: 'unauthorized_client' } }
  refuse('not-of-the-application', 'An application uses the grant types it has.', 'grant_type.not_allowed', { basic: ['bearer-only', 'bearer-only-secret-for-tests'], ...unauthorized })
  refuse('of-another-application', 'A grant that another application has is not had.', 'grant_type.not_allowed', { form: { grant_type: 'refresh_token', refresh_token: 'x' }, ...unauthorized })
  refuse('single-page-application', 'A single-page application may not exchange tokens.', 'grant_type.not_allowed', { client: 'page', ...unauthorized })
  steps('client-first', 'Whoever does not authenticate does not learn which grants there are.', 'standard', [
    failed('client.authentication.rejected', { basic: ['web', 'wrong-secret-for-tests'], form: { grant_type: 'password' } }),
  ])
})
