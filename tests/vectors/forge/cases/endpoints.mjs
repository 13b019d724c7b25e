/** What anybody may read, and what is not there. */
import { suite, unavailable, granted } from '../case.mjs'
import { NOW, US } from '../token.mjs'

suite('endpoints', ({ steps }) => {
  const get = (target, expect, more) => ({ request: { method: 'GET', target }, expect: { status: 200, ...expect }, ...more })
  const open = { 'content-type': 'application/json', 'access-control-allow-origin': '*', 'cache-control': 'public, max-age=300' }
  const one = (name, about, step, config = 'standard') => steps(name, about, config, [step])

  for (const [name, path] of [['oauth', 'oauth-authorization-server'], ['openid', 'openid-configuration']]) {
    one(`metadata-${name}`, 'The metadata (RFC 8414) say where everything is.', get(`/.well-known/${path}`, {
      headers: open,
      body: { issuer: US, token_endpoint: `${US}/oauth2/token`, jwks_uri: `${US}/oauth2/jwks` },
    }))
  }
  one('keys', 'The public keys are published, with nothing private in them.', get('/oauth2/jwks', {
    headers: open,
    body: { keys: [publicOf('ours')] },
  }))
  one('keys-several', 'All keys are published, in their order.', get('/oauth2/jwks', { body: { keys: [publicOf('ours-next'), publicOf('ours')] } }), 'attributes')
  one('keys-with-query', 'A query changes nothing.', get('/oauth2/jwks?x=1', { headers: open }))
  one('head', 'HEAD is GET without a body.', { request: { method: 'HEAD', target: '/oauth2/jwks' }, expect: { status: 200, headers: open } })
  for (const target of ['/oauth2/jwks', '/.well-known/oauth-authorization-server', '/healthz']) {
    one(`post${target.replace(/\W+/g, '-')}`, 'What is read is not posted to.', { request: { method: 'POST', target }, expect: { status: 405, error: 'invalid_request', headers: { allow: 'GET, HEAD' } } })
  }
  for (const [name, target] of Object.entries({
    'root': '/', 'trailing-slash': '/oauth2/token/', 'double-slash': '//oauth2/token', 'letter-case': '/OAUTH2/TOKEN', 'dot-segments': '/oauth2/../oauth2/token', 'encoded': '/oauth2/%74oken', 'long': `/${'x'.repeat(3000)}`, 'token-in-path': '/eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl',
  })) {
    one(`nothing-at-${name}`, 'A path is one that is there, exactly, or nothing.', { request: { method: 'POST', target, form: {} }, expect: { status: 404, error: 'not_found' } })
  }
  steps('health', 'Health says how the keys of issuers are doing, by numbers: anybody may ask.', 'discovery', [
    get('/healthz', { headers: { 'cache-control': 'no-store' }, body: { status: 'ok', issuerKeys: { issuers: 3, ready: 0, stale: 0, unavailable: 0 } } }),
    unavailable('subject_token.key.unavailable', { token: { claims: { iss: 'https://disco.example' } }, fetch: { 'https://disco.example/.well-known/openid-configuration': ['unreachable'] } }),
    get('/healthz', { body: { status: 'ok', issuerKeys: { issuers: 3, ready: 0, stale: 0, unavailable: 1 } } }),
    granted({ token: { claims: { iss: 'https://squatter.example' } }, fetch: { 'https://disco.example': [{ headers: { 'cache-control': 'max-age=60' }, body: { $jwks: ['idp-es256'] } }] } }),
    get('/healthz', { body: { issuerKeys: { issuers: 3, ready: 1, stale: 0, unavailable: 1 } } }),
    get('/healthz', { body: { issuerKeys: { ready: 0, stale: 1, unavailable: 1 } } }, { now: NOW + 100 }),
  ])

  const keyless = { issuer: US, keys: [], trustedTokenIssuers: [], applications: [] }
  steps('key-of-the-store', 'Without keys in the configuration the store keeps one; without a store there is none, and the server says so.', keyless, [
    get('/oauth2/jwks', { status: 503, error: 'temporarily_unavailable', headers: { 'retry-after': '1', 'cache-control': 'no-store' } }, { store: 'failed' }),
    get('/healthz', { status: 503, body: { status: 'unavailable' } }, { store: 'failed' }),
    get('/oauth2/jwks', { headers: open }),
    get('/healthz', { body: { status: 'ok' } }),
  ])
  const tenant = { ...keyless, issuer: `${US}/tenant`, keys: [{ $key: 'ours' }] }
  steps('healthz-with-keys-and-no-store', 'Keys in the configuration do not hide that the store is down.', 'standard', [
    get('/healthz', { status: 503, body: { status: 'unavailable' } }, { store: 'failed' }),
  ])
  steps('metadata-without-keys', 'Metadata that would be wrong for as long as it may be cached are not given.', { issuer: 'https://sts.example' }, [
    get('/.well-known/openid-configuration', { status: 503, error: 'temporarily_unavailable', headers: { 'cache-control': 'no-store', 'retry-after': '1' } }, { store: 'failed' }),
  ])
  steps('issuer-with-a-path', 'An issuer with a path is served below it, and its metadata where RFC 8414 section 3.1 says.', tenant, [
    get('/tenant/oauth2/jwks'),
    get('/.well-known/oauth-authorization-server/tenant', { body: { token_endpoint: `${US}/tenant/oauth2/token` } }),
    get('/tenant/.well-known/openid-configuration', { body: { issuer: `${US}/tenant` } }),
  ])
})

function publicOf(name) {
  return { $public: name }
}
