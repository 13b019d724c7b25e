/**
 * Peers nobody here wrote, with `exchequer serve` between them: tokens of
 * oidc-provider go in through openid-client, oauth4webapi and Google's client,
 * and what comes out is accepted by jose and oauth4webapi.
 */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import { GoogleAuth, IdentityPoolClient } from 'google-auth-library'
import * as dpop from 'dpop'
import { SignJWT, calculateJwkThumbprint, createRemoteJWKSet, decodeJwt, exportJWK, jwtVerify } from 'jose'
import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'

import { API, CLIENT, JWT_BEARER, OTHER_API, SECRET, SIGNERS, TOKEN_EXCHANGE, start } from './support/parties.mjs'

const TYPE = 'urn:ietf:params:oauth:token-type:'
const INSECURE = { [oauth.allowInsecureRequests]: true }

describe('clients and providers of others', () => {
  let op, sts, signers, clientKey, job
  before(async () => {
    ;({ op, sts, signers, clientKey } = await start())
    job = (await op.jobTokens()).access_token
  })
  after(async () => {
    await sts?.stop()
    await op?.stop()
  })

  const discovered = (id, authentication, algorithm = 'oauth2') =>
    openid.discovery(new URL(sts.url), id, undefined, authentication, {
      algorithm,
      execute: [openid.allowInsecureRequests],
    })
  const worker = () => discovered(CLIENT, openid.ClientSecretBasic(SECRET))
  const exchanged = (client, more) =>
    openid.genericGrantRequest(client, TOKEN_EXCHANGE, {
      subject_token: job,
      subject_token_type: `${TYPE}access_token`,
      ...more,
    })
  const verified = async (token, audience = API) => {
    const keys = createRemoteJWKSet(new URL(`${sts.url}/oauth2/jwks`))
    return (await jwtVerify(token, keys, { issuer: sts.url, audience, typ: 'at+jwt' })).payload
  }

  describe('oidc-provider', () => {
    it('issues access tokens that are accepted, whatever it signs with', async () => {
      const client = await worker()
      for (op.alg of ['ES256', 'EdDSA', 'RS256']) {
        const { access_token: subject_token } = await op.jobTokens()
        const issued = await exchanged(client, { subject_token, audience: API, scope: 'read' })
        const claims = await verified(issued.access_token)
        assert.deepEqual([claims.sub, claims.idp, claims.scope], ['job', op.issuer, 'read'])
      }
    })

    it('signs somebody in, whose ID token and access token are accepted', async () => {
      const { id_token, access_token } = await op.signIn('ada')
      const client = await worker()
      for (const [kind, subject_token] of Object.entries({ id_token, access_token })) {
        const issued = await exchanged(client, { subject_token, subject_token_type: TYPE + kind })
        assert.equal((await verified(issued.access_token)).sub, 'ada', kind)
      }
      const issued = await exchanged(client, { subject_token: id_token, subject_token_type: `${TYPE}id_token` })
      assert.equal((await verified(issued.access_token)).email, 'ada@example.com')

      // An ID token is no access token, nor the other way round.
      for (const confused of [
        { subject_token: id_token },
        { subject_token: access_token, subject_token_type: `${TYPE}id_token` },
      ]) {
        await assert.rejects(exchanged(client, confused), { error: 'invalid_request' })
      }
    })
  })

  describe('openid-client', () => {
    it('authenticates in every way it has', async () => {
      for (const [id, authentication] of [
        [CLIENT, openid.ClientSecretBasic(SECRET)],
        [CLIENT, openid.ClientSecretPost(SECRET)],
        ['keyed', openid.PrivateKeyJwt(clientKey.privateKey)],
        ['public', openid.None()],
      ]) {
        for (const algorithm of ['oauth2', 'oidc']) {
          const client = await discovered(id, authentication, algorithm)
          const issued = await exchanged(client, { audience: API })
          assert.equal((await verified(issued.access_token)).client_id, id)
        }
      }
    })

    it('sends several audiences, and an actor', async () => {
      const form = new URLSearchParams({
        subject_token: (await op.signIn('ada')).access_token,
        subject_token_type: `${TYPE}access_token`,
        actor_token: job,
        actor_token_type: `${TYPE}access_token`,
      })
      form.append('audience', API)
      form.append('audience', OTHER_API)
      const issued = await openid.genericGrantRequest(await worker(), TOKEN_EXCHANGE, form)
      const claims = await verified(issued.access_token)
      assert.deepEqual(claims.aud, [API, OTHER_API])
      assert.deepEqual([claims.sub, claims.act.sub], ['ada', 'job'])
    })

    it('uses the JWT bearer grant', async () => {
      const { id_token: assertion } = await op.signIn('ada')
      const issued = await openid.genericGrantRequest(await worker(), JWT_BEARER, { assertion, scope: 'write' })
      assert.equal((await verified(issued.access_token)).scope, 'write')
      // The provider's access tokens say that they are, and are no assertions.
      const refused = openid.genericGrantRequest(await worker(), JWT_BEARER, { assertion: job, scope: 'write' })
      await assert.rejects(refused, { error: 'invalid_grant', error_description: /is an access token/ })
    })

    it('gets a token about itself, and acts for a user with it', async () => {
      for (const [id, authentication] of [[CLIENT, openid.ClientSecretPost(SECRET)], ['keyed', openid.PrivateKeyJwt(clientKey.privateKey)]]) {
        const client = await discovered(id, authentication)
        assert.ok(client.serverMetadata().grant_types_supported.includes('client_credentials'))
        const issued = await openid.clientCredentialsGrant(client, { scope: 'read', resource: API })
        assert.equal(issued.refresh_token, undefined)
        const claims = await verified(issued.access_token)
        assert.deepEqual([claims.sub, claims.client_id, claims.idp, claims.scope], [id, id, undefined, 'read'])
        const actor = { actor_token: issued.access_token, actor_token_type: `${TYPE}access_token` }
        const delegated = await verified((await exchanged(client, actor)).access_token)
        assert.deepEqual(delegated.act, { sub: id, iss: sts.url })
      }
      const nobody = await discovered('public', openid.None())
      await assert.rejects(openid.clientCredentialsGrant(nobody), { error: 'unauthorized_client' })
    })

    it('refreshes, introspects and revokes', async () => {
      for (const id of [CLIENT, 'opaque']) {
        const client = await discovered(id, openid.ClientSecretBasic(SECRET))
        const first = await exchanged(client, { scope: 'read' })
        const second = await openid.refreshTokenGrant(client, first.refresh_token)
        const said = await openid.tokenIntrospection(client, second.access_token)
        assert.deepEqual([said.active, said.sub, said.scope, said.client_id], [true, 'job', 'read', id])
        await openid.tokenRevocation(client, second.access_token)
        assert.deepEqual(await openid.tokenIntrospection(client, second.access_token), { active: false })
        await openid.tokenRevocation(client, second.refresh_token)
        await assert.rejects(openid.refreshTokenGrant(client, second.refresh_token), { error: 'invalid_grant' })
      }
    })

    it('reports refusals', async () => {
      const client = await worker()
      await assert.rejects(exchanged(client, { audience: 'https://elsewhere.example.com' }), { error: 'invalid_target' })
      await assert.rejects(exchanged(client, { scope: 'admin' }), { error: 'invalid_scope' })
      const forged = `${job.slice(0, -8)}AAAAAAAA`
      await assert.rejects(exchanged(client, { subject_token: forged }), { error: 'invalid_request', status: 400 })
      const wrong = await discovered(CLIENT, openid.ClientSecretBasic('wrong'))
      await assert.rejects(exchanged(wrong), (error) => {
        assert.equal(error.status, 401)
        assert.equal(error.cause[0].scheme, 'basic')
        return true
      })
    })
  })

  describe('oauth4webapi', () => {
    it('finds the metadata, exchanges, introspects, revokes, and protects an API', async () => {
      const issuer = new URL(sts.url)
      const client = { client_id: CLIENT }
      const authentication = oauth.ClientSecretBasic(SECRET)
      for (const algorithm of ['oauth2', 'oidc']) {
        const found = await oauth.discoveryRequest(issuer, { algorithm, ...INSECURE })
        const as = await oauth.processDiscoveryResponse(issuer, found)

        const form = { subject_token: job, subject_token_type: `${TYPE}access_token`, audience: API, scope: 'read' }
        const reply = await oauth.genericTokenEndpointRequest(as, client, authentication, TOKEN_EXCHANGE, form, INSECURE)
        const issued = await oauth.processGenericTokenEndpointResponse(as, client, reply)
        assert.deepEqual([issued.token_type, issued.issued_token_type], ['bearer', `${TYPE}access_token`])

        const request = new Request(API, { headers: { authorization: `Bearer ${issued.access_token}` } })
        const claims = await oauth.validateJwtAccessToken(as, request, API, INSECURE)
        assert.deepEqual([claims.sub, claims.client_id], ['job', CLIENT])
        await assert.rejects(oauth.validateJwtAccessToken(as, request, OTHER_API, INSECURE))

        const introspect = async () => {
          const said = await oauth.introspectionRequest(as, client, authentication, issued.access_token, INSECURE)
          return oauth.processIntrospectionResponse(as, client, said)
        }
        assert.equal((await introspect()).active, true)
        const revoked = await oauth.revocationRequest(as, client, authentication, issued.access_token, INSECURE)
        await oauth.processRevocationResponse(revoked)
        assert.equal((await introspect()).active, false)
      }
    })
  })

  describe('DPoP', () => {
    /** What a proof is for; the API is told its origin and not what `Host` says. */
    const origin = 'https://api.example.com'
    const authorized = (request) => new Request(`${origin}/orders`, request)

    it('openid-client gets bound tokens by every grant, and the nonces they need', async () => {
      for (const [id, authentication] of [[CLIENT, openid.ClientSecretBasic(SECRET)], ['bound', openid.ClientSecretBasic(SECRET)], ['public', openid.None()]]) {
        const client = await discovered(id, authentication)
        const keys = await openid.randomDPoPKeyPair()
        const DPoP = openid.getDPoPHandle(client, keys)
        const form = { subject_token: job, subject_token_type: `${TYPE}access_token`, scope: 'read' }
        const issued = await openid.genericGrantRequest(client, TOKEN_EXCHANGE, form, { DPoP })
        assert.equal(issued.token_type, 'dpop')
        const jkt = await calculateJwkThumbprint(await exportJWK(keys.publicKey))
        assert.deepEqual((await verified(issued.access_token, decodeJwt(issued.access_token).aud)).cnf, { jkt })
        const renewed = await openid.refreshTokenGrant(client, issued.refresh_token, undefined, { DPoP })
        assert.deepEqual(decodeJwt(renewed.access_token).cnf, { jkt })
        // A thief has the tokens and not the key.
        const stolen = openid.getDPoPHandle(client, await openid.randomDPoPKeyPair())
        const refused = { error: 'invalid_grant' }
        if (id === 'public') await assert.rejects(openid.refreshTokenGrant(client, renewed.refresh_token, undefined, { DPoP: stolen }), refused)
        if (id !== 'bound') await assert.rejects(openid.refreshTokenGrant(client, renewed.refresh_token), refused)
        if (id === 'public') continue
        const itself = await openid.clientCredentialsGrant(client, {}, { DPoP })
        assert.deepEqual(decodeJwt(itself.access_token).cnf, { jkt })
        const said = await openid.tokenIntrospection(client, itself.access_token)
        assert.deepEqual([said.active, said.token_type, said.cnf], [true, 'DPoP', { jkt }])
        const exchanged = { subject_token: issued.access_token, subject_token_type: `${TYPE}access_token` }
        await assert.rejects(openid.genericGrantRequest(client, TOKEN_EXCHANGE, exchanged, { DPoP: stolen }), refused)
        const again = await openid.genericGrantRequest(client, TOKEN_EXCHANGE, exchanged, { DPoP })
        assert.deepEqual(decodeJwt(again.access_token).cnf, { jkt })
      }
      await assert.rejects(openid.clientCredentialsGrant(await discovered('bound', openid.ClientSecretBasic(SECRET))), { error: 'invalid_dpop_proof' })
    })

    it('oauth4webapi gets a bound token, and validates it and its proof for an API', async () => {
      const as = await oauth.processDiscoveryResponse(new URL(sts.url), await oauth.discoveryRequest(new URL(sts.url), { algorithm: 'oauth2', ...INSECURE }))
      assert.ok(as.dpop_signing_alg_values_supported.includes('ES256'))
      const client = { client_id: 'bound' }
      const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
      const grant = () => oauth.clientCredentialsGrantRequest(as, client, oauth.ClientSecretBasic(SECRET), { resource: API }, { DPoP, ...INSECURE })
      let reply = await grant()
      // The first proof has no nonce; the library keeps the one of the reply.
      await assert.rejects(oauth.processClientCredentialsResponse(as, client, reply), (error) => oauth.isDPoPNonceError(error))
      reply = await grant()
      const issued = await oauth.processClientCredentialsResponse(as, client, reply)
      assert.equal(issued.token_type, 'dpop')
      let sent
      await oauth.protectedResourceRequest(issued.access_token, 'GET', new URL(`${origin}/orders`), undefined, undefined, {
        DPoP,
        [oauth.customFetch]: async (url, { method, headers }) => {
          sent = new Request(url, { method, headers })
          return new Response()
        },
      })
      const claims = await oauth.validateJwtAccessToken(as, sent, API, INSECURE)
      assert.equal(claims.sub, 'bound')
    })

    it('`dpop` makes the proof for an API that `authenticate` protects', async () => {
      const { createExchequer } = await import('exchequer')
      const service = await createExchequer({
        issuer: 'https://sts.example.com',
        applications: [{ clientId: 'job', clientSecret: SECRET, grantTypes: ['client_credentials'], audiences: [origin] }],
      })
      const keys = await dpop.generateKeyPair('ES256')
      const at = (url, method, nonce, token) => dpop.generateProof(keys, url, method, nonce, token)
      const request = { clientId: 'job', grantType: 'client_credentials', dpop: { proof: await at('https://sts.example.com/oauth2/token', 'POST') } }
      const { access_token: token, token_type } = await service.exchange(request)
      assert.equal(token_type, 'DPoP')
      await assert.rejects(service.exchange(request), { code: 'invalid_dpop_proof', reason: 'dpop.replay.seen' })
      const headers = async () => ({ authorization: `DPoP ${token}`, dpop: await at(`${origin}/orders`, 'GET', undefined, token) })
      const good = authorized({ headers: await headers() })
      assert.equal((await service.authenticate(good, { audience: origin, origin })).sub, 'job')
      const kept = (promise) => promise.then(() => assert.fail('it let somebody in'), (error) => error)
      const again = await kept(service.authenticate(good, { origin }))
      assert.deepEqual([again.code, again.reason, again.response.status], ['invalid_dpop_proof', 'replay.seen', 401])
      assert.match(again.response.headers.get('www-authenticate'), /^DPoP .*algs="ES256 /)
      assert.equal((await kept(service.authenticate(authorized({ headers: await headers() })))).code, 'invalid_dpop_proof')
      assert.equal((await kept(service.authenticate(token))).reason, 'binding.no_proof')
      const proof = await at(`${origin}/orders`, 'POST', undefined, token)
      assert.equal((await service.authenticate(token, { dpop: { proof, method: 'POST', url: `${origin}/orders` } })).sub, 'job')
      await service.close()
    })
  })

  describe('jose', () => {
    it('signs with every algorithm', async () => {
      const client = await worker()
      for (const { alg, privateKey } of signers) {
        const subject_token = await new SignJWT({ roles: ['a'] })
          .setProtectedHeader({ alg, kid: alg, typ: 'JWT' })
          .setIssuer(SIGNERS)
          .setSubject('ada')
          .setAudience(sts.url)
          .setIssuedAt()
          .setExpirationTime('5m')
          .sign(privateKey)
        const issued = await exchanged(client, { subject_token, subject_token_type: `${TYPE}jwt` })
        assert.equal((await verified(issued.access_token)).sub, 'ada', alg)
      }
    })
  })

  describe('google-auth-library', () => {
    const account = () => ({
      type: 'external_account',
      audience: API,
      subject_token_type: `${TYPE}jwt`,
      token_url: `${sts.url}/oauth2/token`,
      client_id: CLIENT,
      client_secret: SECRET,
    })

    it('reads its configuration and a token from files', async () => {
      const file = (name, content) => {
        const path = join(sts.directory, name)
        writeFileSync(path, content)
        return path
      }
      const credential_source = { file: file('token.txt', job) }
      const keyFilename = file('account.json', JSON.stringify({ ...account(), credential_source }))
      const auth = new GoogleAuth({ keyFilename, scopes: ['read'] })
      const claims = await verified(await auth.getAccessToken())
      assert.deepEqual([claims.sub, claims.scope, claims.client_id], ['job', 'read', CLIENT])
    })

    it('is given tokens by a program, and reports refusals', async () => {
      const token = async (getSubjectToken, more) => {
        const client = new IdentityPoolClient({ ...account(), subject_token_supplier: { getSubjectToken }, ...more })
        client.scopes = ['read']
        return (await client.getAccessToken()).token
      }
      const supplier = async () => (await op.jobTokens()).access_token
      assert.equal((await verified(await token(supplier))).sub, 'job')
      const asPublic = { client_id: 'public', client_secret: undefined }
      assert.equal((await verified(await token(supplier, asPublic))).client_id, 'public')
      await assert.rejects(token(supplier, { client_secret: 'wrong' }), /invalid_client/)
      await assert.rejects(token(async () => 'nonsense'), /invalid_request/)
    })
  })
})
