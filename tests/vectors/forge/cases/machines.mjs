/** Client credentials (RFC 6749 section 4.4): an application gets a token about itself. */
import { GRANT, TYPE, from, granted, refused, suite, unavailable } from '../case.mjs'
import { NOW, US } from '../token.mjs'

const config = 'machines'
const secretOf = (client) => [client, `${client}-secret-for-tests`]
const itself = (client = 'job', form = {}) => ({ request: { basic: secretOf(client), form: { grant_type: 'client_credentials', ...form } } })
const post = (target, client, form, expect) => ({ request: { target, basic: secretOf(client), form }, expect: { status: 200, ...expect } })
const unauthorized = (reason, step) => refused(reason, { ...step, expect: { error: 'unauthorized_client', ...step.expect } })
const exchange = (client, token, form = {}) => ({ request: { basic: secretOf(client), form: { grant_type: GRANT, subject_token: token, subject_token_type: TYPE('access_token'), ...form } } })

suite('client-credentials', ({ steps }) => {
  const one = (name, about, step) => steps(name, about, config, [step])
  one('granted', 'A token about the application: `sub` is its client id, and nobody named it (CC-06, CC-07). There is no refresh token and no ID token, although the application may refresh (CC-04).', granted({
    ...itself(),
    expect: {
      body: { token_type: 'Bearer', expires_in: 3600, scope: 'read', refresh_token: null, id_token: null, issued_token_type: null },
      header: { typ: 'at+jwt' },
      claims: { iss: US, sub: 'job', client_id: 'job', aud: ['https://api.example', 'https://files.example'], idp: null, act: null, iat: NOW, exp: NOW + 3600, scope: 'read' },
    },
  }))
  one('scope', 'Some of the requested scopes are allowed: the reply says which (CC-03).', granted({ ...itself('job', { scope: 'write admin' }), expect: { body: { scope: 'write' } } }))
  one('scope-not-allowed', 'None of the requested scopes is allowed (CC-03).', refused('scope.not_allowed', { ...itself('job', { scope: 'admin' }), expect: { error: 'invalid_scope' } }))
  one('resource', 'A resource narrows the audience (CC-05).', granted({ ...itself('job', { resource: 'https://api.example' }), expect: { claims: { aud: 'https://api.example' } } }))
  one('two-resources', 'A resource may stand several times (CC-05).', granted({ ...itself('job', { resource: ['https://files.example', 'https://api.example'] }), expect: { claims: { aud: ['https://files.example', 'https://api.example'] } } }))
  const target = (name, about, resource) => one(name, about, refused('target.not_allowed', { ...itself('job', { resource }), expect: { error: 'invalid_target' } }))
  target('foreign-resource', 'A resource that the application may not ask for is refused (CC-05).', 'https://other.example')
  target('resource-with-a-fragment', 'A resource has no fragment (CC-05; RFC 8707 section 2).', 'https://api.example#x')
  one('default-audience', 'Without audiences of its own the application is the audience (CC-08).', granted({ ...itself('opaque-job'), expect: { body: { expires_in: 300, scope: null } } }))
  one('by-an-assertion', 'The application proves who it is in whatever way it is registered for.', granted({
    request: {
      form: {
        grant_type: 'client_credentials',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: { key: 'machine-es256', claims: { iss: 'keyed-job', sub: 'keyed-job', aud: US, jti: 'cc-1' } },
      },
    },
    expect: { claims: { sub: 'keyed-job', client_id: 'keyed-job' } },
  }))
  one('switched-off', 'Only an application that has the grant may use it (CC-02).', unauthorized('grant_type.not_allowed', itself('api')))
  one('public', 'A public client may not use the grant (CC-01).', unauthorized('grant_type.not_allowed', { request: { form: { grant_type: 'client_credentials', client_id: 'pocket' } } }))
  one('without-credentials', 'Nobody gets the token without the secret.', refused('client.authentication.missing', { request: { form: { grant_type: 'client_credentials', client_id: 'job' } }, expect: { status: 401, error: 'invalid_client' } }))
  for (const [name, client] of [['a-user-of-the-document', 'ada'], ['a-user-of-the-store', 'usr_0123456789abcdefghijkl']]) {
    const basic = [client, name.endsWith('document') ? 'ada-secret-for-tests' : 'usr-secret-for-tests']
    one(`named-like-${name}`, 'An application that is called as a local user is gets no token that looks like one about the user (CC-07; RFC 9068 section 5).', unauthorized('client.local_id', { request: { basic, form: { grant_type: 'client_credentials' } } }))
  }
  one('authorization-details', 'Parameters that would change what is asked for are refused.', refused('request.parameter.unsupported', itself('job', { authorization_details: '[]' })))
  steps('store-down', 'An opaque token that cannot be kept is not issued.', config, [
    granted(itself('opaque-job')), unavailable('store.unavailable', { ...itself('opaque-job'), store: 'failed' }), granted(itself('opaque-job')),
  ])

  const mine = from(1, 'access_token')
  steps('introspected', 'Introspection names the application, and no user.', config, [
    granted(itself()),
    post('/oauth2/introspect', 'job', { token: mine }, { body: { active: true, sub: 'job', client_id: 'job', username: null, idp: null, scope: 'read', token_type: 'Bearer' } }),
    post('/oauth2/introspect', 'api', { token: mine }, { body: { active: true, sub: 'job' } }),
    post('/oauth2/introspect', 'opaque-job', { token: mine }, { body: { active: false, sub: null } }),
  ])
  steps('opaque', 'The same for an opaque token, which can be revoked.', config, [
    granted(itself('opaque-job')),
    post('/oauth2/introspect', 'opaque-job', { token: mine }, { body: { active: true, sub: 'opaque-job', aud: ['opaque-job'] } }),
    post('/oauth2/revoke', 'opaque-job', { token: mine }),
    post('/oauth2/introspect', 'opaque-job', { token: mine }, { body: { active: false } }),
  ])
  steps('not-exchanged', 'The token is about an application, and nobody acts for it: neither the application nor the API exchanges it.', config, [
    granted(itself()), refused('subject_token.own.client', exchange('job', mine)), refused('subject_token.own.client', exchange('api', mine)),
  ])
  steps('as-actor', 'The application acts for a user with it: `act` names it, by the issuer whose name that is.', config, [
    granted(itself()),
    granted({
      ...exchange('job', {}, { subject_token_type: TYPE('jwt'), actor_token: mine, actor_token_type: TYPE('access_token') }),
      expect: { claims: { sub: 'user-42', idp: 'https://idp.example', act: { sub: 'job', iss: US } } },
    }),
  ])
  steps('revoked-as-actor', 'A token that was revoked is no actor.', config, [
    granted(itself()), post('/oauth2/revoke', 'job', { token: mine }),
    refused('actor_token.unknown', exchange('job', {}, { subject_token_type: TYPE('jwt'), actor_token: mine, actor_token_type: TYPE('access_token') })),
  ])
})
