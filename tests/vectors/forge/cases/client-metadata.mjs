/** Clients whose client id is the URL of their metadata (CIMD). What a row of the requirements asks for stands in brackets. */
import { GRANT, TYPE, from, granted, refused, suite, unavailable } from '../case.mjs'
import { NOW, US } from '../token.mjs'

const config = 'client-metadata'
const URL = 'https://client.example/about.json'
const KEYS = 'https://client.example/keys'
const BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
let count = 0

const about = (more = {}) => JSON.parse(JSON.stringify({ client_id: URL, client_name: 'Partner', token_endpoint_auth_method: 'private_key_jwt', jwks: { $jwks: ['machine-es256'] }, ...more }))
const assertion = (id = URL, key = 'machine-es256') => ({ key, claims: { iss: id, sub: id, aud: US, jti: `metadata-${++count}` } })
/** A token about the client itself. */
const itself = ({ id = URL, key, fetch, form = {}, expect, now } = {}) => ({
  now,
  request: { form: { grant_type: 'client_credentials', client_assertion_type: BEARER, client_assertion: assertion(id, key), ...form } },
  fetch: fetch ?? { [id]: [{ headers: { 'cache-control': 'max-age=600' }, body: about({ client_id: id }) }] },
  expect,
})
const rejected = (reason, step) => refused(reason, { ...step, expect: { status: 401, error: 'invalid_client', ...step.expect } })
const answers = (answer) => ({ fetch: { [URL]: [answer] } })

suite('client-metadata', ({ steps }) => {
  const one = (name, about, step) => steps(name, about, config, [step])
  one('granted', 'A client that is not registered, at an allowed host: it authenticates with the key of its document, and has the rights of the template (CIMD-04, 06, 10, 12).', granted(itself({ expect: { fetches: 1, claims: { sub: URL, client_id: URL, aud: 'https://api.example', scope: 'read' } } })))
  one('keys-elsewhere', 'Its keys may be at another URL (CIMD-06).', granted(itself({ fetch: { [URL]: [{ body: about({ jwks: undefined, jwks_uri: KEYS }) }], [KEYS]: [{ body: { $jwks: ['machine-es256'] } }] }, expect: { fetches: 2 } })))
  one('below-a-host', 'A host below one that is allowed (CIMD-12).', granted(itself({ id: 'https://a.b.partners.example/client' })))
  one('port', 'A port that is allowed (CIMD-01).', granted(itself({ id: 'https://client.example:8443/about.json' })))
  steps('kept', 'The document is kept for as long as it says, and no longer (CIMD-09).', config, [
    granted(itself({ expect: { fetches: 1 } })),
    granted({ ...itself(), fetch: undefined, expect: { fetches: 0 } }),
    granted({ ...itself({ now: NOW + 700 }), request: { form: { grant_type: 'client_credentials', client_assertion_type: BEARER, client_assertion: { key: 'machine-es256', claims: { iss: URL, sub: URL, aud: US, jti: 'metadata-later', iat: NOW + 700, exp: NOW + 900 } } } }, fetch: { [URL]: [{ body: about() }] } }),
  ])
  steps('error-not-kept', 'An answer that is none is not kept (CIMD-09).', config, [
    rejected('client_assertion.metadata.unusable', itself({ fetch: { [URL]: [{ status: 500, body: {} }, { body: about() }] } })),
    granted({ ...itself({ now: NOW + 2 }), fetch: undefined }),
  ])
  steps('registered-first', 'One that is registered counts before its document (CIMD-12).', config, [
    granted({ request: { form: { grant_type: 'client_credentials', client_id: 'https://client.example/registered.json', client_secret: 'registered-secret-for-tests' } }, expect: { fetches: 0, claims: { aud: 'https://other.example' } } }),
  ])
  const unknown = (name, about, id) => one(name, about, rejected('client.unknown', { ...itself({ id, fetch: {} }), expect: { fetches: 0 } }))
  unknown('host-not-allowed', 'A host that nobody allowed is not asked (CIMD-12).', 'https://evil.example/about.json')
  unknown('host-that-ends-alike', 'Nor one that ends alike.', 'https://evilpartners.example/about.json')
  unknown('parent-host', 'Nor the host above.', 'https://partners.example/about.json')
  unknown('other-port', 'Nor another port (CIMD-02).', 'https://client.example:444/about.json')
  unknown('http', 'Plain http (CIMD-01).', 'http://client.example/about.json')
  unknown('no-path', 'A URL without a path (CIMD-01).', 'https://client.example/')
  unknown('query', 'A URL with a query (CIMD-01).', 'https://client.example/about.json?x')
  unknown('fragment', 'A URL with a fragment (CIMD-01).', 'https://client.example/about.json#x')
  unknown('user', 'A URL with a user (CIMD-01).', 'https://user@client.example/about.json')
  unknown('dot-segments', 'A URL with dot segments (CIMD-01).', 'https://client.example/a/../about.json')
  unknown('encoded-dot-segments', 'The same, encoded (CIMD-01).', 'https://client.example/a/%2e%2E/about.json')
  unknown('address', 'An address of this network (CIMD-07).', 'https://169.254.169.254/about.json')
  const bad = (name, about, answer) => one(name, about, rejected('client_assertion.metadata.unusable', itself(answers(answer))))
  bad('redirect', 'A redirect is not followed (CIMD-03).', { status: 301, headers: { location: 'https://client.example/other.json' }, body: about() })
  bad('no-content', 'Only 200 is an answer (CIMD-03).', { status: 204, text: '' })
  bad('another-client', 'The document of another client (CIMD-04).', { body: about({ client_id: 'https://client.example/other.json' }) })
  bad('another-slash', 'Client ids are compared as they are (CIMD-02, 04).', { body: about({ client_id: `${URL}/` }) })
  bad('without-client-id', 'A document of nobody (CIMD-04).', { body: about({ client_id: undefined }) })
  bad('two-client-ids', 'A document with two meanings (CIMD-04).', { text: `{"client_id":"https://other.example/x","client_id":"${URL}","token_endpoint_auth_method":"private_key_jwt"}` })
  bad('secret', 'A secret that everybody can read (CIMD-05).', { body: about({ client_secret: 'abc' }) })
  for (const method of ['client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'none', undefined]) {
    bad(`method-${method ?? 'absent'}`, 'A client has to authenticate with a key (CIMD-05, 06).', { body: about({ token_endpoint_auth_method: method }) })
  }
  bad('private-key', 'A private key in the document (CIMD-05).', { body: about({ jwks: { keys: [{ $key: 'machine-es256' }] } }) })
  bad('both-keys', 'Keys in two places (CIMD-06).', { body: about({ jwks_uri: KEYS }) })
  bad('no-keys', 'No keys (CIMD-06).', { body: about({ jwks: undefined }) })
  bad('keys-inside', 'Keys at an address of this machine (CIMD-07).', { body: about({ jwks: undefined, jwks_uri: 'https://127.0.0.1/keys' }) })
  bad('keys-by-http', 'Keys that anybody on the way can replace (CIMD-07).', { body: about({ jwks: undefined, jwks_uri: 'http://client.example/keys' }) })
  bad('too-long', 'A document that is longer than 5 KiB (CIMD-08).', { body: about({ client_name: 'x'.repeat(6000) }) })
  bad('no-json', 'A page and no document.', { text: '<html></html>' })
  one('unreachable', 'A document that is temporarily unavailable is an outage.', unavailable('client_assertion.key.unavailable', { ...itself(answers('unreachable')) }))
  one('other-key', 'An assertion by another key (CIMD-06).', rejected('client_assertion.signature.rejected', itself({ key: 'robot-es256', fetch: { [URL]: [{ body: about({ jwks: { keys: [{ $public: 'machine-es256', kid: 'robot-es256' }] } }) }] } })))
  one('without-assertion', 'A client id alone is nobody (CIMD-06).', rejected('client.authentication.missing', { request: { form: { grant_type: 'client_credentials', client_id: URL } }, expect: { fetches: 0 } }))
  one('with-the-secret-of-the-template', 'The secret of the template is not theirs.', rejected('client.authentication.wrong_method', { request: { form: { grant_type: 'client_credentials', client_id: URL, client_secret: 'partners-secret-for-tests' } }, expect: { fetches: 0 } }))
  one('not-the-grants-of-the-template', 'What the template is called elsewhere is not theirs either: they get no identity assertion grants.', refused('id_jag.not_allowed', itself({ form: { grant_type: GRANT, requested_token_type: TYPE('id-jag'), subject_token: { claims: { aud: 'partners-at-acme' } }, subject_token_type: TYPE('id_token'), audience: 'https://chat.example' } })))
  steps('tokens-of-each-other', 'Two of them, and the template, are different applications: none sees the tokens of another.', config, [
    granted(itself()),
    { request: { target: '/oauth2/introspect', basic: ['partners', 'partners-secret-for-tests'], form: { token: from(1, 'access_token') } }, expect: { status: 200, body: { active: false } } },
    { request: { target: '/oauth2/introspect', form: { token: from(1, 'access_token'), client_assertion_type: BEARER, client_assertion: assertion() } }, expect: { status: 200, fetches: 0, body: { active: true, client_id: URL } } },
  ])
  one('metadata', 'The metadata say so (CIMD-11).', { request: { method: 'GET', target: '/.well-known/oauth-authorization-server' }, expect: { status: 200, body: { client_id_metadata_document_supported: true } } })
  steps('off', 'Off unless it is allowed: then no document is asked for (CIMD-11, 12).', 'machines', [
    { request: { method: 'GET', target: '/.well-known/oauth-authorization-server' }, expect: { status: 200, body: { client_id_metadata_document_supported: null } } },
    rejected('client.unknown', { ...itself({ fetch: {} }), expect: { fetches: 0 } }),
  ])
  const later = (now) => ({ ...itself({ now }), request: { form: { grant_type: 'client_credentials', client_assertion_type: BEARER, client_assertion: { key: 'machine-es256', claims: { iss: URL, sub: URL, aud: US, jti: `metadata-at-${now}`, iat: now, exp: now + 200 } } } } })
  steps('kept-for-a-day', 'However long it may be kept, the document is fetched again after a day (CIMD-09).', config, [
    granted({ ...itself(), fetch: { [URL]: [{ headers: { 'cache-control': 'max-age=31536000' }, body: about() }] }, expect: { fetches: 1 } }),
    granted({ ...later(NOW + 86000), fetch: undefined, expect: {} }),
    rejected('client_assertion.metadata.unusable', { ...later(NOW + 2 * 86400), fetch: { [URL]: [{ status: 404, body: {} }] } }),
  ])
  steps('what-the-template-serves', 'What is meant for the template is not meant for them: the API that it is sees the token, they do not.', config, [
    granted({ request: { form: { grant_type: 'client_credentials', client_id: 'https://client.example/registered.json', client_secret: 'registered-secret-for-tests' } }, expect: { claims: { aud: 'https://other.example' } } }),
    { request: { target: '/oauth2/introspect', basic: ['partners', 'partners-secret-for-tests'], form: { token: from(1, 'access_token') } }, expect: { status: 200, body: { active: true } } },
    { request: { target: '/oauth2/introspect', form: { token: from(1, 'access_token'), client_assertion_type: BEARER, client_assertion: assertion() } }, fetch: { [URL]: [{ body: about() }] }, expect: { status: 200, body: { active: false } } },
  ])
  const idToken = (sender) => ({ ...sender, request: { ...sender.request, form: { ...sender.request.form, grant_type: GRANT, subject_token: { claims: { aud: 'partners-at-acme' } }, subject_token_type: TYPE('id_token') } } })
  steps('not-the-client-id-of-the-template', 'What an issuer calls the template it does not call them: ID tokens that were issued to the template are not for them (CIMD-12).', config, [
    granted(idToken({ request: { basic: ['partners', 'partners-secret-for-tests'] } })),
    refused('subject_token.claim.aud.no_alias', idToken(itself())),
  ])
  one('not-the-assertions-of-the-template', 'How the template may authenticate is not how they do: the token endpoint is no audience of their assertions (CIMD-12).', rejected('client_assertion.claim.aud.not_issuer_alone', { ...itself({ fetch: {} }), request: { form: { grant_type: 'client_credentials', client_assertion_type: BEARER, client_assertion: { key: 'machine-es256', claims: { iss: URL, sub: URL, aud: `${US}/oauth2/token`, jti: 'metadata-endpoint' } } } }, expect: { fetches: 0 } }))
})
