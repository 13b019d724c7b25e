/** `exchequer serve --workers`: several processes that are one server. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { createServer } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'

import { ADMIN_TOKEN } from './support/admin.mjs'
import { run } from './support/command.mjs'
import { serve } from './support/serve.mjs'
import { config, issuer } from './support/tokens.mjs'

const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const SECRET = 'a-secret-of-the-application-0123456789'
const READY_MS = 60_000
const now = () => Math.floor(Date.now() / 1000)

/** Conditions, which the audit line names one by one: enough for more than a pipe takes in one piece. */
const conditions = Array.from({ length: 100 }, (_, index) => ({ claim: 'sub', like: `ad*${'*'.repeat(index % 3)}` }))
const PIPE_BUF = 4096

function document(certificate) {
  const { trustedTokenIssuers, ...rest } = config()
  return { ...rest, trustedTokenIssuers: [{ ...trustedTokenIssuers[0], certificate, conditions, replayProtection: 'jti' }] }
}

/** Sends a form or nothing, on a connection that nobody else uses: each goes to the next worker. */
function send(url, path, { form, headers = {} } = {}) {
  const body = form && new URLSearchParams({ client_id: 'app', client_secret: SECRET, ...form }).toString()
  return new Promise((resolve, reject) => {
    const sent = request(`${url}${path}`, {
      agent: new Agent(),
      method: body ? 'POST' : 'GET',
      headers: { connection: 'close', ...(body && { 'content-type': 'application/x-www-form-urlencoded' }), ...headers },
    })
    sent.on('error', reject).on('response', async (response) => {
      let text = ''
      for await (const chunk of response) text += chunk
      resolve({ status: response.statusCode, text })
    })
    sent.end(body)
  })
}

const exchange = (url, subject_token) =>
  send(url, '/oauth2/token', {
    form: { grant_type: TOKEN_EXCHANGE, subject_token, subject_token_type: 'urn:ietf:params:oauth:token-type:jwt' },
  })

async function metrics(url) {
  const { status, text } = await send(url, '/metrics', { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } })
  assert.equal(status, 200)
  return text
}

/** How many exchanges each worker has granted. */
async function granted(url) {
  const samples = (await metrics(url)).matchAll(/^exchequer_decisions_total\{[^}]*outcome="granted"[^}]*worker="(\d)"\} (\d+)$/gm)
  return Object.fromEntries([...samples].map(([, worker, count]) => [worker, Number(count)]))
}

async function until(what) {
  for (const end = Date.now() + READY_MS; ; ) {
    const value = await what()
    if (value) return value
    assert.ok(Date.now() < end, `never happened: ${what}`)
    await setTimeout(50)
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe('exchequer serve --workers', { timeout: 300_000 }, () => {
  let idp, sts, ids
  const token = (claims = {}) => idp.token({ iat: now(), exp: now() + 600, jti: `t-${++ids}`, ...claims })
  const audited = () => sts.written.filter(({ event }) => event === 'token')
  const workers = () => sts.written.find(({ event }) => event === 'listening').workers
  before(async () => {
    ids = 0
    idp = await issuer()
    sts = await serve(() => document({ jwks: idp.jwks }), { adminToken: ADMIN_TOKEN, args: ['--workers', '2'] })
  })
  after(() => sts?.stop())

  it('answers by every worker, and counts for all of them', async () => {
    for (let round = 0; round < 8; round++) assert.equal((await exchange(sts.url, await token())).status, 200)
    assert.deepEqual(await granted(sts.url), { 1: 4, 2: 4 })
    // Whichever worker is asked.
    assert.deepEqual(await granted(sts.url), { 1: 4, 2: 4 })
    const text = await metrics(sts.url)
    assert.match(text, /^exchequer_worker_up\{worker="1"\} 1\nexchequer_worker_up\{worker="2"\} 1$/m)
    assert.equal(text.match(/^# TYPE exchequer_decisions_total counter$/gm).length, 1)
    assert.match(text, /^exchequer_issuer_keys\{state="fresh",worker="2"\} \d$/m)
  })

  it('tells its metrics to administrators alone', async () => {
    for (let round = 0; round < 2; round++) {
      const { status, text } = await send(sts.url, '/metrics', { headers: { authorization: 'Bearer somebody-else-0123456789' } })
      assert.equal(status, 401)
      assert.doesNotMatch(text, /exchequer_/)
    }
  })

  it('spends a token once, whichever workers it is brought to', async () => {
    for (let round = 0; round < 10; round++) {
      const once = await token()
      const replies = await Promise.all(Array.from({ length: 6 }, () => exchange(sts.url, once)))
      assert.deepEqual(replies.map(({ status }) => status).toSorted(), [200, 400, 400, 400, 400, 400])
    }
  })

  it('writes audit lines whole, however long', async () => {
    const replies = await Promise.all(Array.from({ length: 60 }, async () => exchange(sts.url, await token({ sub: 'adele' }))))
    assert.ok(replies.every(({ status }) => status === 200))
    // A line that is not whole is no JSON, and fails where it is read.
    const lines = await until(() => {
      const ofAdele = audited().map((line) => JSON.stringify(line)).filter((line) => line.includes('adele'))
      return ofAdele.length === 60 && ofAdele
    })
    assert.ok(lines.every((line) => line.length > PIPE_BUF))
  })

  it('replaces a worker that is killed, and says so', async () => {
    const [{ worker, pid }] = workers()
    process.kill(pid, 'SIGKILL')
    const ended = await until(() => sts.written.find(({ event }) => event === 'workerEnded'))
    assert.deepEqual([ended.worker, ended.pid, ended.why], [worker, pid, 'SIGKILL'])
    const started = await until(() => sts.written.find(({ event }) => event === 'workerStarted'))
    assert.equal(started.worker, worker)
    assert.notEqual(started.pid, pid)
    assert.match(sts.said(), /worker 1 \(process \d+\) ended: SIGKILL; another one starts/)
    for (let round = 0; round < 8; round++) assert.equal((await exchange(sts.url, await token())).status, 200)
    assert.equal((await granted(sts.url))[worker], 4, 'the new one begins to count anew')
    // The one that ends again soon is waited with.
    process.kill(started.pid, 'SIGKILL')
    const again = await until(() => sts.written.find(({ event, pid }) => event === 'workerEnded' && pid === started.pid))
    assert.ok(again.replacedInMs >= 1000, JSON.stringify(again))
    await until(() => sts.written.find(({ event, pid }) => event === 'workerStarted' && pid !== started.pid))
  })

  it('lets no worker outlive it', async () => {
    const other = await serve(() => document({ jwks: idp.jwks }), { args: ['--workers', '2'] })
    const { workers } = other.written.find(({ event }) => event === 'listening')
    await other.kill()
    await until(() => workers.every(({ pid }) => !isAlive(pid)))
  })

  it('finishes what it has begun when it is stopped', async () => {
    // Keys that come when this test lets them.
    const held = []
    const keys = createServer((socket) => held.push(socket)).listen(0, '127.0.0.1')
    await once(keys, 'listening')
    const jwksUri = `http://127.0.0.1:${keys.address().port}/jwks`
    const server = await serve(
      () => {
        const { trustedTokenIssuers, ...rest } = document({ jwksUri })
        return { ...rest, trustedTokenIssuers: [{ ...trustedTokenIssuers[0], readTimeoutMs: 9000 }] }
      },
      { args: ['--workers', '2'] },
    )
    const { workers } = server.written.find(({ event }) => event === 'listening')
    const replies = await Promise.all([token(), token()]).then((tokens) => tokens.map((one) => exchange(server.url, one)))
    await until(() => held.length === 2)
    const stopped = server.stop()
    await until(() => server.said().includes('stopping'))
    const body = JSON.stringify(idp.jwks)
    for (const socket of held) {
      socket.end(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`)
    }
    assert.deepEqual((await Promise.all(replies)).map(({ status }) => status), [200, 200])
    await stopped
    assert.equal(server.written.filter(({ event, status }) => event === 'token' && status === 200).length, 2)
    assert.ok(workers.every(({ pid }) => !isAlive(pid)))
    keys.close()
  })

  it('answers requests under way when SIGTERM reaches the whole group of processes', async () => {
    const server = await serve(() => document({ jwks: idp.jwks }), { args: ['--workers', '2'], ownGroup: true })
    const subject_token_type = 'urn:ietf:params:oauth:token-type:jwt'
    const form = { client_id: 'app', client_secret: SECRET, grant_type: TOKEN_EXCHANGE, subject_token: await token(), subject_token_type }
    const body = new URLSearchParams(form).toString()
    const sent = request(`${server.url}/oauth2/token`, {
      agent: new Agent(),
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length, expect: '100-continue' },
    })
    const answered = once(sent, 'response')
    sent.flushHeaders()
    // A worker has the head by then.
    await once(sent, 'continue')
    process.kill(-server.pid, 'SIGTERM')
    await until(() => server.said().includes('stopping'))
    // Until the worker has the signal twice.
    await setTimeout(300)
    sent.end(body)
    const [response] = await answered
    response.resume()
    assert.equal(response.statusCode, 200)
    assert.equal(await server.ended, 0)
    await server.stop()
  })

  it('says what keeps it from starting, once', async () => {
    const { port } = new URL(sts.url)
    const { code, err } = await run(['serve', '--config', `${sts.directory}/exchequer.json`, '--workers', '3', '--port', port], { cwd: sts.directory })
    assert.equal(code, 1)
    assert.equal(err.match(/cannot listen on/g).length, 1)
    const broken = await run(['serve', '--config', 'none.json', '--workers', '3'], { cwd: sts.directory })
    assert.equal(broken.code, 2)
    assert.equal(broken.err.match(/there is no such file/g).length, 1)
  })

  it('refuses a store that processes cannot share, and what is no number', async () => {
    for (const store of ['memory:', 'sqlite::memory:']) {
      const { code, err } = await run(['serve', '--config', `${sts.directory}/exchequer.json`, '--workers', '2', '--store', store])
      assert.equal(code, 2)
      assert.match(err, /2 workers cannot share a store in memory: use sqlite:FILE, or the URL of a PostgreSQL, Redis or libSQL server/)
    }
    for (const workers of ['0', '-1', 'many', '257']) {
      const { code, err } = await run(['serve', '--config', `${sts.directory}/exchequer.json`, `--workers=${workers}`])
      assert.equal(code, 2)
      assert.match(err, /is no number of workers/)
    }
  })
})
