/**
 * Thousands of requests that carry secrets, each with a mark of its own: tokens, secrets
 * of clients, assertions, passwords, keys. They are sent where they belong and where
 * they do not. Then everything that the server wrote, and everything that it tells
 * administrators, is searched for each of them.
 */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'

import { SignJWT, exportJWK, generateKeyPair } from 'jose'

import { ADMIN_TOKEN, APPLICATIONS, ISSUERS, USERS, set } from './support/admin.mjs'
import { serve } from './support/serve.mjs'
import { ISSUER, config, issuer } from './support/tokens.mjs'

const ROUNDS = 30
/** The last requests of a round: those of administrators. */
const ADMINISTERED = 8
const API = '/api/server/v1'
const TYPE = 'urn:ietf:params:oauth:token-type:'
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** Each secret that was sent or handed out, and what it was. */
const secrets = new Map()

/** Notes a secret in every form in which it could be written. */
function secret(what, text) {
  const forms = [text, encodeURIComponent(text), Buffer.from(text).toString('base64'), Buffer.from(text).toString('base64url')]
  for (const form of forms) secrets.set(form, what)
  return text
}

/** A new one. */
const marked = (what) => secret(what, `mark-${randomBytes(16).toString('hex')}`)

/** A token is a secret as a whole, and so is its signature. */
function token(what, text) {
  const signature = text.split('.')[2]
  if (signature?.length > 20) secrets.set(signature, `signature of ${what}`)
  return secret(what, text)
}

describe('secrets that were sent', { timeout: 240_000 }, () => {
  const now = () => Math.floor(Date.now() / 1000)
  let idp, server, clientKey, app
  before(async () => {
    idp = await issuer()
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
    const clientJwk = { ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256' }
    clientKey = privateKey
    app = marked('secret of the application')
    server = await serve((url) => {
      const document = config({ audit: { activity: { enabled: true, subject: 'shown' }, privateClaims: ['private'] } })
      document.trustedTokenIssuers[0].certificate = { jwks: idp.jwks }
      document.trustedTokenIssuers[0].conditions = [{ claim: 'private', like: 'mark-*' }]
      Object.assign(document.applications[0], { clientSecret: app, grantTypes: [EXCHANGE, BEARER, 'refresh_token'] })
      document.applications.push({
        ...document.applications[0],
        name: 'Keyed',
        clientId: 'keyed',
        clientSecret: undefined,
        jwks: { keys: [clientJwk] },
      })
      // Most of these requests fail on purpose.
      return { ...document, issuer: url, limits: 'off' }
    }, { adminToken: ADMIN_TOKEN, env: { NODE_ENV: 'test' } })
  })
  after(() => server?.stop())

  const post = (path, form, headers = {}) =>
    fetch(server.url + path, { method: 'POST', body: new URLSearchParams(form), headers })
  const administer = (method, path, body) =>
    fetch(server.url + path, {
      method,
      headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': path.startsWith('/scim2') ? 'application/scim+json' : 'application/json' },
      body: body && JSON.stringify(body),
    })
  const basic = (id, password) => ({ authorization: `Basic ${Buffer.from(`${id}:${password}`).toString('base64')}` })
  const subject = async (claims = {}) =>
    token('subject token', await idp.token({ aud: server.url, iat: now() - 5, exp: now() + 600, private: marked('private claim'), jti: randomBytes(8).toString('hex'), ...claims }))
  const assertion = async (claims = {}, key = clientKey) =>
    token(
      'client assertion',
      await new SignJWT({ iss: 'keyed', sub: 'keyed', aud: server.url, iat: now(), exp: now() + 60, jti: randomBytes(8).toString('hex'), ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: 'k' })
        .sign(key),
    )
  const exchange = (subjectToken, more = {}) => ({
    grant_type: EXCHANGE,
    client_id: 'app',
    client_secret: app,
    subject_token: subjectToken,
    subject_token_type: `${TYPE}jwt`,
    ...more,
  })

  /** Notes what an answer hands out; an answer that is an error hands out nothing. */
  async function answered(response) {
    const text = await response.text()
    if (response.status >= 400) return { status: response.status, text }
    let said = {}
    try {
      said = JSON.parse(text)
    } catch {
      // It is text.
    }
    for (const name of ['access_token', 'refresh_token', 'clientSecret']) {
      if (typeof said[name] === 'string') token(`issued ${name}`, said[name])
    }
    return { status: response.status, said }
  }

  /** One of each; says how many were granted and refused. */
  async function round() {
    const good = await subject()
    const [header, claims, signature] = good.split('.')
    const granted = await answered(await post('/oauth2/token', exchange(good, { audience: 'https://api.example.com' })))
    const { access_token: access, refresh_token: refresh } = granted.said
    const requests = [
      // Tokens that are wrong.
      ...[
        `${header}.${claims}.${signature.slice(0, -4)}AAAA`,
        `${header}.${claims}.`,
        `"${good}"`,
        `Bearer ${good}`,
        `${good}\n`,
        `${good}.${signature}.${signature}`,
        marked('opaque token'),
        await subject({ aud: 'https://other.example.com' }),
        await subject({ exp: now() - 4000 }),
        await subject({ iss: `${ISSUER}/` }),
        await subject({ private: 7 }),
      ].map((wrong) => post('/oauth2/token', exchange(token('wrong token', wrong)))),
      // Secrets and tokens in the wrong place.
      post('/oauth2/token', exchange(good, { client_secret: marked('wrong secret') })),
      post('/oauth2/token', exchange(good, { client_id: marked('secret as client_id') })),
      post('/oauth2/token', exchange(good, { audience: await subject() })),
      post('/oauth2/token', exchange(good, { scope: await subject() })),
      post('/oauth2/token', exchange(good, { resource: marked('secret as resource') })),
      post('/oauth2/token', exchange(good, { requested_token_type: await subject() })),
      post('/oauth2/token', exchange(good, { subject_token_type: await subject() })),
      post('/oauth2/token', exchange(good, { actor_token: await subject() })),
      post('/oauth2/token', { grant_type: await subject(), client_id: 'app', client_secret: app }),
      post('/oauth2/token', { [marked('secret as a name')]: 'x', client_id: 'app', client_secret: app }),
      post('/oauth2/token', { grant_type: BEARER, assertion: await subject() }, basic('app', app)),
      post('/oauth2/token', { grant_type: BEARER, assertion: marked('assertion') }, basic('app', marked('wrong secret'))),
      post('/oauth2/token', {}, basic(marked('secret as a user'), marked('wrong secret'))),
      post('/oauth2/token', exchange(good, { client_secret: '' }), { authorization: `Basic ${marked('no Basic')}` }),
      post('/oauth2/token', { ...exchange(good), client_id: 'keyed', client_secret: '', client_assertion_type: ASSERTION, client_assertion: await assertion() }),
      post('/oauth2/token', { grant_type: EXCHANGE, subject_token: good, subject_token_type: `${TYPE}jwt`, client_assertion_type: ASSERTION, client_assertion: await assertion() }),
      post('/oauth2/token', { grant_type: EXCHANGE, client_assertion_type: ASSERTION, client_assertion: await assertion({ aud: 'https://other.example.com' }) }),
      post('/oauth2/token', { grant_type: EXCHANGE, client_assertion_type: ASSERTION, client_assertion: await assertion({}, idp.privateKey) }),
      post('/oauth2/token', { grant_type: EXCHANGE, client_assertion_type: await subject(), client_assertion: marked('assertion') }),
      post('/oauth2/token', { grant_type: 'refresh_token', refresh_token: marked('refresh token') }, basic('app', app)),
      post('/oauth2/introspect', { token: access }, basic('app', app)),
      post('/oauth2/introspect', { token: marked('unknown token') }, basic('app', marked('wrong secret'))),
      post('/oauth2/revoke', { token: marked('unknown token'), token_type_hint: await subject() }, basic('app', app)),
      fetch(`${server.url}/oauth2/token?access_token=${access}&client_secret=${app}`, { method: 'POST' }),
      fetch(`${server.url}/me/federated-associations?access_token=${access}`),
      fetch(`${server.url}/${encodeURIComponent(marked('secret as a path'))}`),
      fetch(`${server.url}${API}/applications/${encodeURIComponent(good)}`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } }),
      fetch(`${server.url}/me/federated-associations`, { headers: { authorization: `Bearer ${access}` } }),
      fetch(`${server.url}/me/federated-associations`, { headers: { authorization: `Bearer ${good}`, cookie: `session=${marked('cookie')}` } }),
      fetch(`${server.url}${API}/applications`, { headers: { authorization: `Bearer ${marked('wrong admin token')}` } }),
      fetch(`${server.url}${API}/applications`, { headers: { authorization: marked('authorization without a scheme') } }),
      fetch(`${server.url}/healthz`, { headers: { dpop: await subject(), 'x-api-key': marked('header'), origin: `https://${marked('origin').slice(5, 20)}.example` } }),
      // What administrators send.
      post('/oauth2/explain', exchange(await subject({ aud: 'x' })), { authorization: `Bearer ${ADMIN_TOKEN}` }),
      administer('POST', ISSUERS, { name: 'Other', issuer: `https://${randomBytes(6).toString('hex')}.example.com`, certificate: { jwks: { keys: [await withSecret()] } } }),
      administer('POST', APPLICATIONS, { name: `app ${randomBytes(6).toString('hex')}`, grantTypes: [EXCHANGE] }),
      administer('POST', APPLICATIONS, { name: 'x', clientSecret: marked('secret in a body'), grantTypes: [marked('secret as a grant')] }),
      administer('POST', USERS, { userName: randomBytes(6).toString('hex'), password: marked('password') }),
      administer('POST', `${API}/configuration/diff`, { issuer: server.url, applications: [{ clientId: 'other', clientSecret: marked('secret in a document'), grantTypes: [EXCHANGE] }] }),
      administer('POST', `${API}/configuration/import?dryRun=true`, { issuer: server.url, keys: [await withSecret()] }),
    ]
    const answers = await Promise.all(requests.map(async (request) => answered(await request)))
    // An administrator is told which value of theirs is wrong.
    for (const answer of answers.slice(-ADMINISTERED)) delete answer.text
    const used = await answered(await post('/oauth2/token', { grant_type: 'refresh_token', refresh_token: refresh }, basic('app', app)))
    await answered(await post('/oauth2/token', { grant_type: 'refresh_token', refresh_token: refresh }, basic('app', app)))
    if (used.said?.access_token) await answered(await post('/oauth2/revoke', { token: used.said.access_token }, basic('app', app)))
    return [granted, ...answers]
  }

  /** A private key where a public one is meant. */
  async function withSecret() {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true })
    const jwk = await exportJWK(privateKey)
    secret('private key', jwk.d)
    return { ...jwk, kid: 'k' }
  }

  it('are nowhere afterwards', async () => {
    const answers = []
    for (let nth = 0; nth < ROUNDS; nth++) answers.push(...(await round()))
    const count = (test) => answers.filter(({ status }) => test(status)).length
    assert.ok(count((status) => status === 200) >= ROUNDS * 4, 'too little was granted')
    assert.ok(count((status) => status >= 400) >= ROUNDS * 20, 'too little was refused')
    assert.equal(count((status) => status >= 500), 0)

    const { applications } = await (await administer('GET', APPLICATIONS)).json()
    const { id } = applications.find((one) => one.clientId === 'app')
    const places = { 'standard output and standard error': server.said() }
    for (const path of ['/metrics', `${API}/refusals`, `${API}/audit/changes?limit=100`, `${API}/audit/activity?limit=100`, `${API}/audit/activity/counts?bucket=60&from=${now() - 600}`, `${API}/configuration`, `${API}/keys`, `${API}/grants?applicationId=${id}`, ISSUERS, APPLICATIONS, USERS]) {
      const response = await administer('GET', path)
      places[path] = await response.text()
      assert.equal(response.status, 200, `${path}: ${places[path]}`)
    }
    const { activity } = JSON.parse(places[`${API}/audit/activity?limit=100`])
    assert.ok(activity.length > 20)
    for (const { traceId } of activity) {
      const one = await administer('GET', `${API}/audit/activity/${traceId}`)
      places[`decision ${traceId}`] = await one.text()
    }
    places['errors that clients were told'] = answers.map(({ text }) => text ?? '').join('\n')
    secrets.set(ADMIN_TOKEN, 'admin token')
    for (const file of ['cmdline', 'comm', 'environ'].map((name) => `/proc/${server.pid}/${name}`)) {
      // A process is started with its environment; the admin token is one of it.
      if (existsSync(file)) places[file] = readFileSync(file, 'utf8').replace(`EXCHEQUER_ADMIN_TOKEN=${ADMIN_TOKEN}`, '')
    }

    assert.ok(secrets.size > 40 * ROUNDS, `only ${secrets.size} secrets`)
    const found = new Set()
    for (const [place, text] of Object.entries(places)) {
      for (const [form, what] of secrets) if (form !== '' && text.includes(form)) found.add(`${what} in ${place.replace(/^decision .*/, 'a stored decision')}`)
    }
    assert.deepEqual([...found], [])
  })
})
