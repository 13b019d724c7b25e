/** A gateway, an authority and an API that Envoy's own `jwt_authn` protects, all in one Envoy. */
import { freePort } from '../../node/support/ports.mjs'
import { cluster, envoy, listener, type } from './envoy.mjs'
import { API, SECRET, clustersOf, filter, ownKey, service } from './filter.mjs'
import { Issuer, STS } from './issuer.mjs'
import { upstream } from './upstream.mjs'

const GATEWAY = {
  clientId: 'edge',
  audience: [API],
  scope: 'read',
  claimHeaders: [{ claim: 'sub', header: 'x-user' }, { claim: 'email', header: 'x-email' }],
  stripHeaders: ['x-internal'],
  rules: [
    { pathPrefix: '/public/', token: 'off' },
    { pathPrefix: '/maybe/', token: 'optional', forwardSubjectToken: true },
    { pathPrefix: '/admin/', audience: ['https://admin.example.com'], scope: 'write' },
    { pathPrefix: '/denied/', scope: 'delete' },
  ],
}

export async function start() {
  const names = ['gateway', 'authority', 'api', 'elsewhere']
  const ports = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await freePort()])))
  const issuer = async (options) => new Issuer(await freePort(), options)
  const issuers = { idp: await issuer(), late: await issuer(), slow: await issuer({ discovery: true }), rotating: await issuer() }
  for (const name of ['idp', 'slow', 'rotating']) await issuers[name].start()
  const target = await upstream()
  const config = { ...service(await ownKey(), issuers), caches: { verifiedTokens: {}, issuedTokens: {} } }
  const clusters = clustersOf(issuers)
  const remote = { cluster: 'authority', clientId: 'edge', clientSecret: { env: 'EDGE_SECRET' } }
  const proxy = await envoy({
    listeners: [
      listener('gateway', ports.gateway, [filter({ mode: 'gateway', config, clusters, gateway: GATEWAY })], 'upstream'),
      listener('authority', ports.authority, [filter({ mode: 'authority', config, clusters })], 'upstream'),
      listener('elsewhere', ports.elsewhere, [filter({ mode: 'gateway', config, clusters, gateway: { ...GATEWAY, remote } })], 'upstream'),
      listener('api', ports.api, [jwtAuthn()], 'upstream'),
    ],
    clusters: [
      cluster('upstream', target.port),
      cluster('authority', ports.authority),
      ...Object.entries(issuers).map(([name, { url }]) => cluster(name, Number(new URL(url).port))),
    ],
  })
  return {
    ...ports,
    issuers,
    upstream: target,
    proxy,
    secret: SECRET,
    async stop() {
      await proxy.stop()
      await Promise.all([target.stop(), ...Object.values(issuers).map((one) => one.stop())])
    },
  }
}

/** Envoy's own check of our tokens, with our JWK set through the authority. */
function jwtAuthn() {
  const uri = { uri: `${STS}/oauth2/jwks`, cluster: 'authority', timeout: '2s' }
  const provider = { issuer: STS, audiences: [API], remote_jwks: { http_uri: uri, cache_duration: '60s' } }
  return {
    name: 'jwt',
    typed_config: {
      '@type': type('http.jwt_authn.v3.JwtAuthentication'),
      providers: { sts: provider },
      rules: [{ match: { prefix: '/' }, requires: { provider_name: 'sts' } }],
    },
  }
}
