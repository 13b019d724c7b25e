/**
 * Cross-app access at Workers: one issues grants (ID-JAG), one takes them; npm
 * `@modelcontextprotocol/client`, as it is, goes from one to the other.
 */
import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'

import { CrossAppAccessProvider, auth, discoverAndRequestJwtAuthGrant, exchangeJwtAuthGrant } from '@modelcontextprotocol/client'
import { SignJWT, decodeJwt, exportJWK, generateKeyPair } from 'jose'

import { project } from './support/project.mjs'
import { SECRET, WORKER } from './support/service.mjs'
import { STORES, start } from './support/worker.mjs'

const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const [LOGIN, COMPANY, CHAT] = ['https://login.company.example', 'https://company.example', 'https://chat.example']
const MCP = `${CHAT}/mcp`

const { directory } = project()

describe('cross-app access at Workers', () => {
  let key, fetchFn
  before(async () => {
    const keys = await generateKeyPair('ES256')
    key = keys.privateKey
    const jwks = { keys: [{ ...(await exportJWK(keys.publicKey)), kid: '1', alg: 'ES256' }] }
    const options = (config, more) => ({ ...STORES['a Durable Object'], bindings: { EXCHEQUER_CONFIG: JSON.stringify(config), APP_SECRET: SECRET }, ...more })
    const secret = { clientSecret: { env: 'APP_SECRET' } }
    const company = await start(directory, WORKER, options({
      issuer: COMPANY,
      trustedTokenIssuers: [{ name: 'Login', issuer: LOGIN, certificate: { jwks } }],
      applications: [{
        ...secret, clientId: 'wiki', grantTypes: [TOKEN_EXCHANGE], trustedTokenIssuers: [{ name: 'Login', clientId: 'wiki-at-login' }],
        idJag: { audiences: [{ issuer: CHAT, clientId: 'wiki-at-chat', resources: [MCP], scopes: ['chat.read'] }] },
      }],
    }))
    const outboundService = (request) => company.miniflare.dispatchFetch(request.url, { method: request.method, headers: request.headers })
    const chat = await start(directory, WORKER, options({
      issuer: CHAT,
      trustedTokenIssuers: [{ name: 'Company', issuer: COMPANY, certificate: { jwksUri: `${COMPANY}/oauth2/jwks` } }],
      applications: [
        { ...secret, clientId: 'wiki-at-chat', grantTypes: [JWT_BEARER], trustedTokenIssuers: ['Company'], audiences: [MCP], scopes: ['chat.read'] },
        { ...secret, clientId: 'chat', grantTypes: ['client_credentials'], resources: [MCP] },
      ],
    }, { outboundService }))
    fetchFn = (url, init) => (new URL(url).origin === COMPANY ? company : chat).miniflare.dispatchFetch(String(url), init)
  })

  const grant = async ({ audience = CHAT, resource = MCP, scope = 'chat.read' } = {}) => {
    const idToken = await new SignJWT({}).setProtectedHeader({ alg: 'ES256', kid: '1' }).setIssuer(LOGIN).setSubject('ada').setAudience('wiki-at-login').setIssuedAt().setExpirationTime('10m').sign(key)
    return (await discoverAndRequestJwtAuthGrant({ idpUrl: COMPANY, audience, resource, idToken, clientId: 'wiki', clientSecret: SECRET, scope, fetchFn })).jwtAuthGrant
  }

  it('the provider of the client finds its way, and gets an access token', async () => {
    const provider = new CrossAppAccessProvider({
      clientId: 'wiki-at-chat', clientSecret: SECRET, expectedIssuer: CHAT, fetchFn,
      assertion: ({ authorizationServerUrl, resourceUrl, scope }) => grant({ audience: authorizationServerUrl, resource: resourceUrl, scope }),
    })
    assert.equal(await auth(provider, { serverUrl: MCP, fetchFn }), 'AUTHORIZED')
    const { iss, aud, sub, scope } = decodeJwt(provider.tokens().access_token)
    assert.deepEqual({ iss, aud, sub, scope }, { iss: CHAT, aud: MCP, sub: 'ada', scope: 'chat.read' })
  })

  it('a grant counts once, of many requests at the same time', async () => {
    const jwtAuthGrant = await grant()
    const use = () => exchangeJwtAuthGrant({ tokenEndpoint: `${CHAT}/oauth2/token`, jwtAuthGrant, clientId: 'wiki-at-chat', clientSecret: SECRET, fetchFn })
    const results = await Promise.allSettled(Array.from({ length: 20 }, use))
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
    for (const { reason } of results.filter(({ status }) => status === 'rejected')) assert.match(String(reason), /invalid_grant|400/)
  })
})
