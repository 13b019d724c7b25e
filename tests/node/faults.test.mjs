/** Faults around `exchequer serve`, as an operator starts it, and traps in the engine of the npm package. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'

import { createClient } from '@libsql/client'

import { Issuer } from '../envoy/support/issuer.mjs'
import { freePort } from './support/ports.mjs'
import { serve } from './support/serve.mjs'
import { TRAP, trapping } from './support/trapping.mjs'

const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const STS = 'https://sts.example.com'
const SECRET = 'a-secret-of-the-application-0123456789'
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
/** More than the longest body, and more than the longest document of an issuer, in bytes. */
const LONG = 70_000
const LONG_DOCUMENT = 600_000
/** As long as `Retry-After` says, and a little. */
const RETRY_MS = 1_100
const PATIENCE_MS = 30_000

const document = (idp, readTimeoutMs = 1000) => ({
  issuer: STS,
  trustedTokenIssuers: [{
    ...idp.trusted('IdP'), readTimeoutMs,
    implicitAssociation: { isEnabled: true, lookupAttribute: ['email'] },
  }],
  applications: [{
    clientId: 'app', clientSecret: SECRET, grantTypes: [TOKEN_EXCHANGE, 'refresh_token'], trustedTokenIssuers: ['IdP'],
    subject: { useMappedLocalSubject: true, mappedLocalSubjectMandatory: true },
  }],
  users: [{ id: 'u-ada', username: 'ada', claims: { email: 'ada@example.com' } }],
})

const exchangeOf = (subject_token) => ({
  grant_type: TOKEN_EXCHANGE, subject_token, subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
})
const refreshOf = (refresh_token) => ({ grant_type: 'refresh_token', refresh_token })

const formOf = (form) => String(new URLSearchParams({ ...form, client_id: 'app', client_secret: SECRET }))

async function post({ url }, form) {
  const body = typeof form === 'string' ? form : formOf(form)
  const response = await fetch(`${url}/oauth2/token`, { method: 'POST', body, headers: FORM })
  return { ...(await response.json()), status: response.status }
}

const assertUnavailable = ({ status, error, access_token }) =>
  assert.deepEqual([status, error, access_token], [503, 'temporarily_unavailable', undefined])

async function until(holds, what) {
  for (const late = Date.now() + PATIENCE_MS; !(await holds()); await setTimeout(20)) {
    if (Date.now() > late) assert.fail(what)
  }
}

/** Clients that ask and go away before they are answered; says when all of them have gone. */
async function leave(server, idp, clients) {
  const before = idp.fetches
  const gone = []
  for (let index = 0; index < clients; index++) {
    const client = request(`${server.url}/oauth2/token`, { method: 'POST', headers: FORM })
    client.end(formOf(exchangeOf(await idp.token({ sub: `gone-${index}` }))))
    // The server gets what was written, however late it reads.
    await once(client, 'finish')
    gone.push(client)
  }
  await until(() => idp.fetches > before, 'nobody waits for the issuer')
  await Promise.all(gone.map((client) => assert.rejects(once(client.destroy(), 'close'), { message: 'socket hang up' })))
}

describe('around exchequer serve', () => {
  let idp, server, database
  before(async () => {
    idp = new Issuer(await freePort())
    await idp.rotate()
    server = await serve(() => document(idp, PATIENCE_MS))
    database = createClient({ url: `file:${join(server.directory, 'store.sqlite')}` })
  })
  after(async () => {
    database?.close()
    await server?.stop()
    await idp?.stop()
  })

  const exchange = async (sub) => post(server, exchangeOf(await idp.token({ sub })))
  const keys = async (prefix) => {
    const { rows } = await database.execute('SELECT key FROM records')
    return rows.filter(({ key }) => key.startsWith(prefix)).length
  }

  it('goes on when an issuer that was down, or said too much, is well', async () => {
    assertUnavailable(await exchange('patient'))
    await idp.start()
    idp.padding = ' '.repeat(LONG_DOCUMENT)
    await setTimeout(RETRY_MS)
    assertUnavailable(await exchange('patient'))
    assert.equal(idp.fetches, 1)
    idp.padding = ''
    await setTimeout(RETRY_MS)
    assert.equal((await exchange('patient')).status, 200)
  })

  it('finishes what clients began who went away, and makes no half of a link', async () => {
    await idp.rotate('ES256', { replace: true })
    let release
    idp.held = new Promise((resolve) => (release = resolve))
    const [links, refreshes] = [await keys('link/'), await keys('refresh/')]
    const clients = 6
    await leave(server, idp, clients)
    release()
    await until(async () => (await keys('refresh/')) === refreshes + clients, 'what was begun is not finished')
    assert.equal(await keys('link/'), links + clients)
    assert.equal(await keys('user-link/'), await keys('link/'))
    assert.equal((await exchange('patient')).status, 200, 'the key that was rotated is known')
  })

  it('loses nothing to a store that fails, and forgets nothing', async () => {
    const { refresh_token } = await exchange('patient')
    const links = await keys('link/')
    await database.execute('ALTER TABLE records RENAME TO broken')
    assertUnavailable(await post(server, refreshOf(refresh_token)))
    assertUnavailable(await exchange('new'))
    assert.equal((await fetch(`${server.url}/healthz`)).status, 503)
    await database.execute('ALTER TABLE broken RENAME TO records')
    assert.equal(await keys('link/'), links, 'a link that nobody was told of')
    assert.equal((await post(server, refreshOf(refresh_token))).status, 200, 'it was not spent')
    assert.equal((await post(server, refreshOf(refresh_token))).error, 'invalid_grant', 'now it is')
    assert.equal((await fetch(`${server.url}/healthz`)).status, 200)
  })

  it('refuses a body beyond the limit', async () => {
    const { status, error } = await post(server, `grant_type=${'a'.repeat(LONG)}`)
    assert.deepEqual([status, error], [413, 'invalid_request'])
  })
})

describe('around the engine of the npm package', () => {
  let directory, idp, sts, server
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'exchequer-trap-'))
    const dist = dirname(dirname(fileURLToPath(import.meta.resolve('exchequer'))))
    cpSync(dist, join(directory, 'dist'), { recursive: true, filter: (path) => !/-\w+\.wasm$|component\.wasm$/.test(path) })
    symlinkSync(fileURLToPath(new URL('../../node_modules', import.meta.url)), join(directory, 'node_modules'))
    writeFileSync(join(directory, 'package.json'), '{"type":"module"}')
    const wasm = join(directory, 'dist/exchequer.wasm')
    writeFileSync(wasm, trapping(readFileSync(wasm)))
    const { createExchequer, listen } = await import(pathToFileURL(join(directory, 'dist/node/index.js')).href)
    idp = await new Issuer(await freePort()).start()
    sts = await createExchequer(document(idp, PATIENCE_MS), { onError() {} })
    server = await listen(sts, { port: 0 })
  })
  after(async () => {
    await server?.close()
    await sts?.close()
    await idp?.stop()
    rmSync(directory, { recursive: true, force: true })
  })

  it('answers a trap 500, an error to those who embed it, and the next request works', async () => {
    for (let times = 0; times < 3; times++) {
      assert.deepEqual(await post(server, 'a'.repeat(TRAP)), { error: 'server_error', status: 500 })
      const request = new Request(`${STS}/oauth2/token`, { method: 'POST', body: 'a'.repeat(TRAP) })
      await assert.rejects(sts.fetch(request), WebAssembly.RuntimeError)
      assert.equal((await post(server, exchangeOf(await idp.token()))).status, 200)
    }
    assert.equal(sts.waiting, 0)
  })

  it('takes a body that breaks off for no request', async () => {
    const body = new ReadableStream({ pull: (controller) => controller.error(new Error('the client has gone')) })
    const request = new Request(`${STS}/oauth2/token`, { method: 'POST', body, duplex: 'half' })
    await assert.rejects(sts.fetch(request), /the client has gone/)
    assert.equal((await post(server, exchangeOf(await idp.token()))).status, 200)
    assert.equal(sts.waiting, 0)
  })

  it('goes on with those who waited while it trapped', async () => {
    await idp.rotate('ES256', { replace: true })
    let release
    idp.held = new Promise((resolve) => (release = resolve))
    const waiting = post(server, exchangeOf(await idp.token()))
    await until(() => sts.waiting === 1, 'it does not wait')
    assert.equal((await post(server, 'a'.repeat(TRAP))).status, 500)
    release()
    assert.equal((await waiting).status, 200)
    assert.equal(sts.waiting, 0)
  })
})
