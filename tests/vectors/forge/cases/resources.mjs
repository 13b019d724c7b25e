/** Metadata of protected resources (RFC 9728), and of this server (RFC 8414). */
import { suite } from '../case.mjs'
import { US } from '../token.mjs'

const WELL_KNOWN = '/.well-known/oauth-protected-resource'
const open = { 'content-type': 'application/json', 'access-control-allow-origin': '*', 'cache-control': 'public, max-age=300' }
const ask = (target, host) => ({ method: 'GET', target, ...(host === undefined ? {} : { headers: [['Host', host]] }) })

suite('resources', ({ steps }) => {
  const one = (name, about, request, expect, config = 'resources') => steps(name, about, config, [{ request, expect: { status: 200, ...expect } }])
  const unknown = (name, about, request, config) => one(name, about, request, { status: 404, error: 'not_found', headers: { 'cache-control': 'no-store' } }, config)

  one('document', 'The well-known path stands between host and path of the resource (META-01), and the document has the very identifier (META-02), the one server that issues tokens for it, and the scopes that applications may ask for with it, but for that of administration (META-04). Not every application has to send proofs.', ask(`${WELL_KNOWN}/orders`, 'api.example'), {
    headers: open,
    body: { resource: 'https://api.example/orders', authorization_servers: [US], scopes_supported: ['orders:read', 'orders:write'], bearer_methods_supported: ['header'], dpop_bound_access_tokens_required: null },
  })
  one('identical', 'A slash more is another resource (META-02). Nobody may ask for tokens for it, so it has no scopes; empty lists are left out (META-03).', ask(`${WELL_KNOWN}/orders/`, 'api.example'), { body: { resource: 'https://api.example/orders/', scopes_supported: null } })
  one('query', 'A query belongs to the identifier (META-01).', ask(`${WELL_KNOWN}/orders?tenant=7`), { body: { resource: 'https://api.example/orders?tenant=7' } })
  one('port', 'The host, with its port, tells apart what has the same path.', ask(`${WELL_KNOWN}/orders`, 'API.example:8443'), { body: { resource: 'https://api.example:8443/orders' } })
  one('http2', 'HTTP/2 has the host in a field of its own.', { method: 'GET', target: `${WELL_KNOWN}/orders`, headers: [[':authority', 'files.example']] }, { body: { resource: 'https://files.example/orders' } })
  one('one-at-the-path', 'Where there is one resource at a path, it is that one: a proxy may have written another host. Its only application has to send proofs (META-05).', ask(`${WELL_KNOWN}/pets`, 'localhost:9443'), { body: { resource: 'https://whole.example/pets', dpop_bound_access_tokens_required: true } })
  one('this-server', 'The administration of this server is a protected resource, too.', ask(WELL_KNOWN, 'sts.example'), { headers: open, body: { resource: US, authorization_servers: [US], scopes_supported: ['exchequer:admin', 'exchequer:admin:read', 'exchequer:admin:users', 'exchequer:admin:trust', 'exchequer:links'] } })
  one('head', 'HEAD is GET without a body.', { ...ask(`${WELL_KNOWN}/pets`), method: 'HEAD' }, { headers: open })
  one('this-server-with-a-path', 'The path of an issuer stands behind the well-known one.', ask(`${WELL_KNOWN}/tenant`), { body: { resource: `${US}/tenant`, authorization_servers: [`${US}/tenant`] } }, { issuer: `${US}/tenant`, keys: [{ $key: 'ours' }] })
  unknown('several-at-the-path', 'Where there are several, a host that none of them has names none.', ask(`${WELL_KNOWN}/orders`, 'evil.example'))
  unknown('no-host', 'The same without any host.', ask(`${WELL_KNOWN}/orders`))
  unknown('other-path', 'A path that no resource has.', ask(`${WELL_KNOWN}/nobody`, 'api.example'))
  unknown('other-query', 'A query that no resource has (META-02).', ask(`${WELL_KNOWN}/pets?x`, 'whole.example'))
  unknown('encoded', 'An encoding more is another path.', ask(`${WELL_KNOWN}/p%65ts`, 'whole.example'))
  unknown('name-that-begins-alike', 'Another document, whose name begins alike.', ask(`${WELL_KNOWN}s`, 'sts.example'))
  one('post', 'What is read is not posted to.', { method: 'POST', target: `${WELL_KNOWN}/pets` }, { status: 405, error: 'invalid_request', headers: { allow: 'GET, HEAD' } })

  one('server-metadata', 'The metadata of the server name the resources (META-08) and their scopes (META-10).', ask('/.well-known/oauth-authorization-server'), {
    body: {
      protected_resources: ['https://api.example/orders', 'https://api.example/orders/', 'https://api.example/orders?tenant=7', 'https://api.example:8443/orders', 'https://files.example/orders', 'https://whole.example/pets'],
      scopes_supported: ['orders:read', 'orders:write'],
    },
  })
  one('server-metadata-without', 'Without any they are left out (META-03).', ask('/.well-known/oauth-authorization-server'), { body: { protected_resources: null, scopes_supported: null } }, 'standard')
  for (const [name, target] of [['oauth', '/.well-known/oauth-authorization-server/tenant'], ['openid', '/.well-known/openid-configuration/tenant'], ['openid-below', '/tenant/.well-known/openid-configuration']]) {
    one(`issuer-with-a-path-${name}`, 'Clients look for the metadata of an issuer with a path in three places (META-09).', ask(target), { body: { issuer: `${US}/tenant` } }, { issuer: `${US}/tenant`, keys: [{ $key: 'ours' }] })
  }

  const challenge = `resource_metadata="${US}${WELL_KNOWN}"`
  one('challenge-of-explain', 'A challenge says where the metadata are (META-06).', { method: 'POST', target: '/oauth2/explain', headers: [['Authorization', 'DPoP abc'], ['DPoP', 'abc']] }, {
    status: 401,
    headers: { 'www-authenticate': `DPoP realm="administration", error="invalid_dpop_proof", error_description="the DPoP proof: the token is not a JWT: three base64url parts with dots between them", algs="ES256 ES384 ES512 EdDSA PS256 PS384 PS512", ${challenge}` },
  })
})
