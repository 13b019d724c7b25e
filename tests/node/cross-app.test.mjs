/**
 * Cross-app access with npm `@modelcontextprotocol/client`, as it is: the example, and what that client
 * sends and needs, against `exchequer serve`. What a row of the requirements asks for stands in brackets.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { once } from 'node:events'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import {
  CrossAppAccessProvider, auth, discoverAndRequestJwtAuthGrant, discoverAuthorizationServerMetadata, exchangeJwtAuthGrant, requestJwtAuthorizationGrant,
} from '@modelcontextprotocol/client'
import { SignJWT, decodeJwt, exportJWK, generateKeyPair } from 'jose'

import { freePort } from './support/ports.mjs'
import { serve } from './support/serve.mjs'

const EXAMPLE = new URL('../../examples/cross-app/', import.meta.url)
const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const LOGIN = 'https://login.company.example'
// Both are other ones when they are form-encoded, or decoded once too often (EMA-07).
const CLIENT = 'wiki+1@chat.example'
const SECRET = 'odd:+/=%41&chars-0123456789-abcdef'
const RESOURCE = 'https://chat.example/mcp'

it('examples/cross-app: a user reaches an MCP server of another domain, as its README says', { timeout: 120_000 }, async () => {
  const ports = [await freePort(), await freePort(), await freePort()]
  const script = fileURLToPath(new URL('start.mjs', EXAMPLE))
  const { stdout } = await promisify(execFile)(process.execPath, [script, '--ports', ports.join()])
  const [, shown] = /^```text\n(.*?)^```$/ms.exec(readFileSync(new URL('README.md', EXAMPLE), 'utf8'))
  const here = ports.reduce((text, port, index) => text.replaceAll(`http://127.0.0.1:944${4 + index}`, `http://127.0.0.1:${port}`), shown)
  assert.equal(stdout, here)
})

describe('the client of MCP', () => {
  let company, chat, api, key, answered
  before(async () => {
    const keys = await generateKeyPair('ES256')
    key = keys.privateKey
    const jwks = { keys: [{ ...(await exportJWK(keys.publicKey)), kid: '1', alg: 'ES256' }] }
    const port = await freePort()
    const audiences = [{ issuer: `http://127.0.0.1:${port}`, clientId: CLIENT, resources: [RESOURCE], scopes: ['chat.read'] }]
    company = await serve((issuer) => ({
      issuer,
      trustedTokenIssuers: [{ name: 'Login', issuer: LOGIN, certificate: { jwks } }],
      applications: [
        { clientId: 'wiki', clientSecret: SECRET, grantTypes: [TOKEN_EXCHANGE], trustedTokenIssuers: [{ name: 'Login', clientId: 'wiki-at-login' }], idJag: { audiences } },
      ],
    }))
    const document = (issuer) => ({
      issuer,
      trustedTokenIssuers: [{ name: 'Company', issuer: company.url, certificate: { jwksUri: `${company.url}/oauth2/jwks` } }],
      applications: [
        { clientId: CLIENT, clientSecret: SECRET, grantTypes: [JWT_BEARER], trustedTokenIssuers: ['Company'], audiences: [RESOURCE], scopes: ['chat.read'] },
        { clientId: 'chat', clientSecret: SECRET, grantTypes: ['client_credentials'], resources: [RESOURCE] },
      ],
    })
    chat = await serve(document, { port })
    // The host of the API: its metadata are those that chat publishes.
    api = createServer(async (request, response) => {
      const found = await fetch(`${chat.url}/.well-known/oauth-protected-resource/mcp`)
      answered = await found.json()
      response.writeHead(found.status, { 'content-type': 'application/json' }).end(JSON.stringify({ ...answered, resource: `${urlOf(api)}/mcp` }))
    }).listen(0, '127.0.0.1')
    await once(api, 'listening')
  })
  after(async () => {
    api?.close()
    api?.closeAllConnections()
    await Promise.all([company?.stop(), chat?.stop()])
  })

  const urlOf = (server) => `http://127.0.0.1:${server.address().port}`
  const idToken = (claims = {}) =>
    new SignJWT({ ...claims }).setProtectedHeader({ alg: 'ES256', kid: '1' }).setIssuer(LOGIN).setSubject('ada').setAudience('wiki-at-login').setIssuedAt().setExpirationTime('10m').sign(key)
  const asked = async (more = {}) => ({ idpUrl: company.url, audience: chat.url, resource: RESOURCE, idToken: await idToken(), clientId: 'wiki', clientSecret: SECRET, scope: 'chat.read', ...more })

  it('reads the metadata of both servers, by each path that it tries (EMA-03, EMA-04, EMA-05)', async () => {
    for (const { url } of [company, chat]) {
      const metadata = await discoverAuthorizationServerMetadata(url)
      assert.equal(metadata.issuer, url)
      assert.equal(metadata.authorization_endpoint, `${url}/oauth2/authorize`)
      const only = async (input, init) => (String(input).includes('oauth-authorization-server') ? new Response(null, { status: 404 }) : fetch(input, init))
      const openid = await discoverAuthorizationServerMetadata(url, { fetchFn: only })
      assert.equal(openid.jwks_uri, `${url}/oauth2/jwks`)
    }
    const refused = await fetch(`${chat.url}/oauth2/authorize?response_type=code`, { redirect: 'manual' })
    assert.deepEqual([refused.status, (await refused.json()).error], [400, 'unsupported_response_type'])
  })

  it('gets a grant with its secret in the body (EMA-01, EMA-02)', async () => {
    const { jwtAuthGrant, expiresIn, scope } = await discoverAndRequestJwtAuthGrant(await asked())
    assert.deepEqual([expiresIn, scope], [300, 'chat.read'])
    const { iss, aud, client_id, resource } = decodeJwt(jwtAuthGrant)
    assert.deepEqual({ iss, aud, client_id, resource }, { iss: company.url, aud: chat.url, client_id: CLIENT, resource: RESOURCE })
    const tokenEndpoint = `${company.url}/oauth2/token`
    await assert.rejects(asked({ clientSecret: undefined }).then((one) => requestJwtAuthorizationGrant({ ...one, tokenEndpoint })), /invalid_client|401/)
    await assert.rejects(asked({ audience: 'https://other.example' }).then((one) => requestJwtAuthorizationGrant({ ...one, tokenEndpoint })), /invalid_target|400/)
  })

  it('gets an access token for the grant, in each way of authenticating, once (EMA-07, EMA-13)', async () => {
    for (const authMethod of ['client_secret_basic', 'client_secret_post']) {
      const { jwtAuthGrant } = await discoverAndRequestJwtAuthGrant(await asked())
      const use = () => exchangeJwtAuthGrant({ tokenEndpoint: `${chat.url}/oauth2/token`, jwtAuthGrant, clientId: CLIENT, clientSecret: SECRET, authMethod })
      const { access_token, token_type, refresh_token } = await use()
      assert.deepEqual([token_type, refresh_token], ['Bearer', undefined])
      assert.equal(decodeJwt(access_token).aud, RESOURCE)
      await assert.rejects(use(), /invalid_grant|400/)
    }
  })

  it('finds its way from the metadata of the API, and asks for every scope there (EMA-06, EMA-08)', async () => {
    const seen = {}
    const provider = new CrossAppAccessProvider({
      clientId: CLIENT,
      clientSecret: SECRET,
      expectedIssuer: chat.url,
      assertion: async (found) => {
        Object.assign(seen, found)
        return (await discoverAndRequestJwtAuthGrant(await asked({ audience: found.authorizationServerUrl, scope: found.scope }))).jwtAuthGrant
      },
    })
    // The resource of the grant is that of chat; the one that this host names is not among it.
    await assert.rejects(auth(provider, { serverUrl: `${urlOf(api)}/mcp` }), /target|resource/i)
    assert.equal(seen.authorizationServerUrl.replace(/\/$/, ''), chat.url)
    assert.deepEqual(answered, {
      resource: RESOURCE,
      authorization_servers: [chat.url],
      scopes_supported: ['chat.read'],
      bearer_methods_supported: ['header'],
      dpop_signing_alg_values_supported: answered.dpop_signing_alg_values_supported,
    })
    assert.equal(seen.scope, 'chat.read')
  })

  it('is not locked out by the one time that it tries again (EMA-09)', async () => {
    const { jwtAuthGrant } = await discoverAndRequestJwtAuthGrant(await asked())
    const use = (clientSecret) => exchangeJwtAuthGrant({ tokenEndpoint: `${chat.url}/oauth2/token`, jwtAuthGrant, clientId: CLIENT, clientSecret })
    await assert.rejects(use('a wrong secret of the client'), /invalid_client|401/)
    await assert.rejects(use('a wrong secret of the client'), /invalid_client|401/)
    assert.equal((await use(SECRET)).token_type, 'Bearer')
  })
})
