/** What is lost on the way: the answer to a commit that happened, and views of memory that has grown. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import { createExchequer } from 'exchequer'
import { memoryStore } from 'exchequer/stores/memory'
import { SignJWT, createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify } from 'jose'

import { ADMIN_TOKEN, ISSUERS, USERS, admin } from './support/admin.mjs'
import { NOW, STS, config, issuer, jwksFetch } from './support/tokens.mjs'

const { nodeCrypto } = await import(new URL('../crypto/node.js', import.meta.resolve('exchequer')))
const { nodePlatform } = await import(new URL('../node/platform.js', import.meta.resolve('exchequer')))

const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const JWT = 'urn:ietf:params:oauth:token-type:jwt'
const SECRET = 'a-secret-of-the-application-0123456789'

const idp = await issuer()

describe('a commit whose answer is lost', () => {
  const idOf = ({ headers }) => headers.get('location').split('/').at(-1)
  let sts, losing, lost, jtis, clientKey
  before(async () => {
    ;[losing, lost, jtis] = [false, 0, 0]
    clientKey = await generateKeyPair('ES256')
    const document = config({ users: [{ id: 'u-ada', username: 'ada', claims: { email: 'ada@example.com' } }] })
    const [application] = document.applications
    document.trustedTokenIssuers[0].replayProtection = 'jti'
    application.grantTypes.push('refresh_token')
    document.applications.push({ ...application, name: 'Keyed', clientId: 'keyed', jwks: { keys: [await exportJWK(clientKey.publicKey)] } })
    delete document.applications[1].clientSecret
    const kept = memoryStore()
    const store = {
      read: (...ask) => kept.read(...ask),
      list: (...ask) => kept.list(...ask),
      async commit(...ask) {
        const done = await kept.commit(...ask)
        if (!losing) return done
        lost++
        throw new Error('the connection broke')
      },
    }
    const options = { store, fetch: jwksFetch(idp.jwks), now: () => NOW, onError() {}, adminToken: ADMIN_TOKEN }
    sts = await createExchequer(document, options)
  })
  after(() => sts.close())

  /** Does this while answers are lost, and says how many were. */
  async function losingAnswers(work) {
    ;[losing, lost] = [true, 0]
    try {
      return await work()
    } finally {
      losing = false
      assert.ok(lost > 0, 'nothing was committed')
    }
  }
  const post = async (form, headers = {}) => {
    const body = new URLSearchParams({ client_id: 'app', client_secret: SECRET, ...form })
    const response = await sts.fetch(new Request(`${STS}/oauth2/token`, { method: 'POST', body, headers }))
    return { status: response.status, ...(await response.json()) }
  }
  const exchange = (subject_token, headers) =>
    post({ grant_type: TOKEN_EXCHANGE, subject_token, subject_token_type: JWT }, headers)
  const token = () => idp.token({ jti: `lost-${++jtis}` })
  const call = (method, path, body) => admin(STS, method, path, body, (request) => sts.fetch(request))

  it('does not make a thief of the client that refreshes', async () => {
    const first = await exchange(await token())
    const second = await losingAnswers(() => post({ grant_type: 'refresh_token', refresh_token: first.refresh_token }))
    assert.equal(second.status, 200)
    assert.equal((await post({ grant_type: 'refresh_token', refresh_token: second.refresh_token })).status, 200)
  })

  it('is found again when it spent a token that counts once', async () => {
    const subject = await token()
    assert.equal((await losingAnswers(() => exchange(subject))).status, 200)
    assert.equal((await exchange(subject)).error, 'invalid_request')
    // Another request's write is not taken for its own.
    assert.notEqual((await losingAnswers(() => exchange(subject))).status, 200)
  })

  it('is found again when it spent a proof', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256')
    const dpop = await new SignJWT({ jti: 'p-1', htm: 'POST', htu: `${STS}/oauth2/token` })
      .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk: await exportJWK(publicKey) })
      .setIssuedAt(NOW)
      .sign(privateKey)
    const subject = await token()
    assert.equal((await losingAnswers(() => exchange(subject, { dpop }))).token_type, 'DPoP')
    assert.equal((await exchange(await token(), { dpop })).error, 'invalid_dpop_proof')
  })

  it('is found again when it spent a client assertion', async () => {
    const client_assertion = await new SignJWT({ iss: 'keyed', sub: 'keyed', aud: STS, jti: 'c-1', iat: NOW, exp: NOW + 60 })
      .setProtectedHeader({ alg: 'ES256' })
      .sign(clientKey.privateKey)
    const proven = async () => {
      const body = new URLSearchParams({
        grant_type: TOKEN_EXCHANGE, subject_token: await token(), subject_token_type: JWT, client_assertion,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      })
      return (await sts.fetch(new Request(`${STS}/oauth2/token`, { method: 'POST', body }))).status
    }
    assert.equal(await losingAnswers(proven), 200)
    assert.equal(await proven(), 401)
  })

  it('is found again when an administrator wrote', async () => {
    const issuer = { name: 'Late', issuer: 'https://late.example.com', certificate: { jwks: idp.jwks } }
    const created = await losingAnswers(() => call('POST', ISSUERS, issuer))
    assert.equal(created.status, 201, JSON.stringify(created.body))
    const path = `${ISSUERS}/${idOf(created)}`
    const off = [{ operation: 'REPLACE', path: '/isEnabled', value: false }]
    assert.equal((await losingAnswers(() => call('PATCH', path, off))).status, 200)
    assert.equal((await call('GET', path)).body.isEnabled, false)
    assert.equal((await losingAnswers(() => call('DELETE', path))).status, 204)
    assert.equal((await call('GET', path)).status, 404)
  })

  it('is found again when an administrator linked an account', async () => {
    const user = await losingAnswers(() => call('POST', USERS, { userName: 'bob', schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'] }))
    assert.equal(user.status, 201, JSON.stringify(user.body))
  })
})

describe('memory that grows while a key is parsed', () => {
  it('takes nothing from the message that is verified or signed', async () => {
    const grow = (work) => (...ask) => {
      nodePlatform.memory().grow(1)
      return work(...ask)
    }
    const crypto = { ...nodeCrypto, publicKey: grow(nodeCrypto.publicKey), privateKey: grow(nodeCrypto.privateKey) }
    const sts = await createExchequer(config(), { crypto, fetch: jwksFetch(idp.jwks), now: () => NOW })
    const { access_token } = await sts.exchange({ clientId: 'app', subjectToken: await idp.token(), subjectTokenType: 'jwt' })
    const jwks = await (await sts.fetch(new Request(`${STS}/oauth2/jwks`))).json()
    await jwtVerify(access_token, createLocalJWKSet(jwks), { currentDate: new Date(NOW * 1000) })
    await sts.close()
  })
})
