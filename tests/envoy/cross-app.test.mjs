/**
 * Cross-app access at a real Envoy: grants of another server (ID-JAG) at an authority, brought by npm
 * `@modelcontextprotocol/client` as it is, and the metadata of the API behind a gateway (RFC 9728).
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import { CrossAppAccessProvider, auth, discoverAndRequestJwtAuthGrant, discoverOAuthProtectedResourceMetadata, exchangeJwtAuthGrant } from '@modelcontextprotocol/client'
import { SignJWT, decodeJwt, exportJWK, generateKeyPair } from 'jose'

import { freePort } from '../node/support/ports.mjs'
import { serve } from '../node/support/serve.mjs'
import { cluster, envoy, listener, noEnvoy } from './support/envoy.mjs'
import { filter, ownKey } from './support/filter.mjs'
import { bearer, send } from './support/http.mjs'
import { upstream } from './support/upstream.mjs'

const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const LOGIN = 'https://login.company.example'
const SECRET = 'odd:+/=%41&chars-0123456789-abcdef'

describe('cross-app access', { skip: noEnvoy }, () => {
  let company, proxy, target, key, chat, mcp, gateway
  before(async () => {
    const [port, edge] = [await freePort(), await freePort()]
    chat = `http://127.0.0.1:${port}`
    gateway = `http://127.0.0.1:${edge}`
    mcp = `${gateway}/mcp`
    const keys = await generateKeyPair('ES256')
    key = keys.privateKey
    const jwks = { keys: [{ ...(await exportJWK(keys.publicKey)), kid: '1', alg: 'ES256' }] }
    company = await serve((issuer) => ({
      issuer,
      trustedTokenIssuers: [{ name: 'Login', issuer: LOGIN, certificate: { jwks } }],
      applications: [
        {
          clientId: 'wiki', clientSecret: SECRET, grantTypes: [TOKEN_EXCHANGE], trustedTokenIssuers: [{ name: 'Login', clientId: 'wiki-at-login' }],
          idJag: { audiences: [{ issuer: chat, clientId: 'wiki-at-chat', resources: [mcp], scopes: ['chat.read'] }] },
        },
      ],
    }))
    // The proxy has no store, so grants may come again while they are good.
    const trusted = (replayProtection) => ({ name: 'Company', issuer: company.url, certificate: { jwksUri: `${company.url}/oauth2/jwks` }, replayProtection })
    const config = {
      issuer: chat,
      keys: [await ownKey()],
      trustedTokenIssuers: [trusted('off')],
      applications: [
        { clientId: 'wiki-at-chat', clientSecret: SECRET, grantTypes: [JWT_BEARER], trustedTokenIssuers: ['Company'], audiences: [mcp], scopes: ['chat.read'] },
        { clientId: 'edge', clientSecret: SECRET, grantTypes: [TOKEN_EXCHANGE], trustedTokenIssuers: ['Company'], resources: [mcp], audiences: ['https://inner.example'], scopes: ['chat.read'] },
      ],
    }
    const clusters = { [company.url]: 'company' }
    target = await upstream()
    proxy = await envoy({
      listeners: [
        listener('authority', port, [filter({ mode: 'authority', config, clusters })], 'upstream'),
        listener('gateway', edge, [filter({ mode: 'gateway', config, clusters, gateway: { clientId: 'edge', scope: 'chat.read' } })], 'upstream'),
      ],
      clusters: [cluster('upstream', target.port), cluster('company', Number(new URL(company.url).port))],
    })
  })
  after(async () => {
    await proxy?.stop()
    await Promise.all([target?.stop(), company?.stop()])
  })

  const idToken = () =>
    new SignJWT({}).setProtectedHeader({ alg: 'ES256', kid: '1' }).setIssuer(LOGIN).setSubject('ada').setAudience('wiki-at-login').setIssuedAt().setExpirationTime('10m').sign(key)
  const grant = async (more = {}) =>
    (await discoverAndRequestJwtAuthGrant({ idpUrl: company.url, audience: chat, resource: mcp, idToken: await idToken(), clientId: 'wiki', clientSecret: SECRET, scope: 'chat.read', ...more })).jwtAuthGrant
  const use = (jwtAuthGrant) => exchangeJwtAuthGrant({ tokenEndpoint: `${chat}/oauth2/token`, jwtAuthGrant, clientId: 'wiki-at-chat', clientSecret: SECRET })

  it('the gateway tells a client where it gets tokens', async () => {
    const { status, headers } = await send(new URL(gateway).port, '/mcp')
    const url = `${gateway}/.well-known/oauth-protected-resource/mcp`
    assert.deepEqual([status, headers['www-authenticate']], [401, `Bearer realm="gateway", resource_metadata="${url}"`])
    const metadata = await discoverOAuthProtectedResourceMetadata(mcp, { resourceMetadataUrl: url })
    assert.deepEqual([metadata.resource, metadata.authorization_servers, metadata.scopes_supported], [mcp, [chat, company.url], ['chat.read']])
    assert.equal(target.seen.length, 0, 'nothing of it reaches the upstream')
  })

  it('the authority gives an access token for a grant, and the gateway lets it through', async () => {
    const { access_token } = await use(await grant())
    assert.deepEqual([decodeJwt(access_token).aud, decodeJwt(access_token).sub], [mcp, 'ada'])
    const { status } = await send(new URL(gateway).port, '/mcp', { headers: bearer(access_token) })
    assert.equal(status, 200)
  })

  it('the provider of the client goes the whole way', async () => {
    let token
    const provider = new CrossAppAccessProvider({
      clientId: 'wiki-at-chat', clientSecret: SECRET, expectedIssuer: chat,
      assertion: ({ authorizationServerUrl, resourceUrl, scope }) => grant({ audience: authorizationServerUrl, resource: resourceUrl, scope }),
    })
    assert.equal(await auth(provider, { serverUrl: mcp, resourceMetadataUrl: new URL(`${gateway}/.well-known/oauth-protected-resource/mcp`) }), 'AUTHORIZED')
    token = provider.tokens().access_token
    assert.equal((await send(new URL(gateway).port, '/mcp', { headers: bearer(token) })).status, 200)
  })

  it('a grant of another client is refused', async () => {
    const other = await grant()
    const wrong = exchangeJwtAuthGrant({ tokenEndpoint: `${chat}/oauth2/token`, jwtAuthGrant: other, clientId: 'edge', clientSecret: SECRET })
    await assert.rejects(wrong, /unauthorized_client|400/)
  })
})
