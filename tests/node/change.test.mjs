/** Another configuration without a restart: `reconfigure`, SIGHUP and `--watch`. */
import assert from 'node:assert/strict'
import { renameSync, writeFileSync } from 'node:fs'
import { Agent, createServer, request } from 'node:http'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'

import { ConfigurationError, createExchequer } from 'exchequer'

import { ADMIN_TOKEN } from './support/admin.mjs'
import { serve } from './support/serve.mjs'
import { JWKS_URI, NOW, config, issuer, jwksFetch } from './support/tokens.mjs'

const SECRET = 'a-secret-of-the-application-0123456789'
const NEXT_SECRET = 'another-secret-of-the-application-0123'
const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const JWT = 'urn:ietf:params:oauth:token-type:jwt'
const GIVE_UP_MS = 60_000
/** The short form. The long one is a command in CONTRIBUTING.md. */
const REQUESTS = Number(process.env.CHANGE_REQUESTS ?? 600)
const CHANGES = Number(process.env.CHANGE_CHANGES ?? 6)

const BROKEN = { ...config(), isuer: 'x' }
const now = () => Math.floor(Date.now() / 1000)

async function until(what) {
  for (const end = Date.now() + GIVE_UP_MS; ; ) {
    const value = await what()
    if (value) return value
    assert.ok(Date.now() < end, `never happened: ${what}`)
    await setTimeout(20)
  }
}

describe('reconfigure', () => {
  let idp, fetch, sts
  const exchange = async (scope) =>
    sts.exchange({ clientId: 'app', subjectToken: await idp.token(), subjectTokenType: JWT, scope })

  before(async () => {
    idp = await issuer()
    fetch = jwksFetch(idp.jwks)
    sts = await createExchequer(config(), { fetch, now: () => NOW, adminToken: ADMIN_TOKEN })
  })
  after(() => sts.close())

  it('takes over another document, and keeps the keys that were fetched', async () => {
    assert.equal((await exchange('read')).scope, 'read')
    const { applications, ...rest } = config()
    await sts.reconfigure({ ...rest, applications: [{ ...applications[0], scopes: ['list'] }] })
    await assert.rejects(exchange('read'), { code: 'invalid_scope' })
    assert.equal((await exchange('list')).scope, 'list')
    assert.deepEqual(fetch.calls, [JWKS_URI])
  })

  it('goes on with the one before when the document is wrong', async () => {
    await assert.rejects(sts.reconfigure(BROKEN), (error) => {
      assert.ok(error instanceof ConfigurationError)
      assert.deepEqual(error.problems.map(({ path }) => path), ['isuer'])
      return true
    })
    await assert.rejects(sts.reconfigure('{'), ConfigurationError)
    assert.equal((await exchange('list')).scope, 'list')
    await sts.reconfigure(JSON.stringify(config()))
    assert.equal((await exchange('read')).scope, 'read')
  })

  it('keeps supplied keys, the administrator and the warnings of the document in use', async () => {
    const other = await issuer()
    await sts.supplyKeys('https://idp.example.com', { keys: [{ ...other.jwk, kid: 'other' }] })
    await sts.reconfigure({ ...config(), trustedTokenIssuers: [{ ...config().trustedTokenIssuers[0], maxTokenAgeSeconds: 100 }] })
    await assert.rejects(exchange('read'), { reason: 'subject_token.key.not_found' })
    const said = await sts.fetch(new Request('https://sts.example.com/api/server/v1/keys', { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } }))
    assert.equal(said.status, 200)
    const aboutIssuer = () => sts.warnings.some(({ path }) => path.startsWith('trustedTokenIssuers'))
    assert.ok(!aboutIssuer())
    await sts.reconfigure({ ...config(), applications: [] })
    assert.ok(aboutIssuer(), 'an issuer that nobody may use is worth a warning')
    await sts.reconfigure(config())
  })

  it('lets a request that is under way end with the key that it began with', async () => {
    const [old, next] = [await issuer(), await issuer()]
    const keyed = async ({ privateKey }) => {
      const { exportJWK } = await import('jose')
      // The same name for another key: nothing may find a key by its name alone.
      return { ...config(), keys: [{ ...(await exportJWK(privateKey)), kid: 'signing', alg: 'ES256' }] }
    }
    let release, asked
    const waits = new Promise((resolve) => (asked = resolve))
    const slow = async () => {
      asked()
      await new Promise((resolve) => (release = resolve))
      return new Response(JSON.stringify(idp.jwks))
    }
    const sts = await createExchequer(await keyed(old), { fetch: slow, now: () => NOW })
    const token = { clientId: 'app', subjectToken: await idp.token(), subjectTokenType: JWT }
    const first = sts.exchange(token)
    await waits
    await sts.reconfigure(await keyed(next))
    release()
    const { importJWK, jwtVerify } = await import('jose')
    const verified = async ({ access_token }, { jwk }) =>
      jwtVerify(access_token, await importJWK(jwk), { currentDate: new Date(NOW * 1000) })
    await verified(await first, old)
    for (let i = 0; i < 3; i++) await verified(await sts.exchange(token), next)
    await sts.close()
  })
})

/** An identity provider on a socket, and a token that it has issued. */
async function provider() {
  const idp = await issuer()
  const server = createServer((_, response) => response.end(JSON.stringify(idp.jwks)))
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const jwksUri = `http://127.0.0.1:${server.address().port}/jwks`
  return { jwksUri, token: (claims) => idp.token({ iat: now() - 10, exp: now() + 600, ...claims }), stop: () => server.close() }
}

/** A document with this scope; its secret stands in a file. */
const documentOf = (idp, scope) => {
  const { trustedTokenIssuers, applications, ...rest } = config()
  return {
    ...rest,
    trustedTokenIssuers: [{ ...trustedTokenIssuers[0], certificate: { jwksUri: idp.jwksUri } }],
    applications: [{ ...applications[0], scopes: ['read', scope], clientSecret: { file: 'secret' } }],
  }
}

/** A file is there whole or not at all. */
function write(server, name, content) {
  const path = join(server.directory, name)
  writeFileSync(`${path}.next`, typeof content === 'string' ? content : JSON.stringify(content))
  renameSync(`${path}.next`, path)
}

const events = (server, event) => server.written.filter((line) => line.event === event)

function post(url, subject_token, { scope, secret = SECRET, agent = new Agent() }) {
  const form = { grant_type: TOKEN_EXCHANGE, subject_token, subject_token_type: JWT, scope, client_id: 'app', client_secret: secret }
  const body = new URLSearchParams(form).toString()
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length }
    const sent = request(`${url}/oauth2/token`, { agent, method: 'POST', headers })
    sent.on('error', reject).on('response', async (response) => {
      let text = ''
      for await (const chunk of response) text += chunk
      resolve({ status: response.statusCode, body: text === '' ? undefined : JSON.parse(text) })
    })
    sent.end(body)
  })
}

for (const workers of [1, 3]) {
  describe(`exchequer serve, ${workers} ${workers === 1 ? 'process' : 'workers'}`, { timeout: 20 * GIVE_UP_MS }, () => {
    let idp, server
    /** Makes the server read its document again, and says what became of it. */
    /** The event that tells of what was written last. The file is watched, too, so another may tell of what was written before. */
    const hup = async (event, isIt = () => true) => {
      const before = events(server, event).length
      process.kill(server.pid, 'SIGHUP')
      return until(() => events(server, event).slice(before).find(isIt))
    }
    const granted = async (options) => {
      const { status, body } = await post(server.url, await idp.token(), options)
      return status === 200 ? body.scope : body.error
    }
    /** What each worker answers; connections go to the workers in turn. */
    const everywhere = async (options) => {
      const all = []
      for (let i = 0; i < 2 * workers; i++) all.push(await granted(options))
      return [...new Set(all)]
    }
    /** Waits until every worker answers this. */
    const becomes = (options, answer) => until(async () => (await everywhere(options)).join() === answer)
    /** Waits until every worker has the document with this scope. */
    const inUse = (scope) => becomes({ scope, secret: NEXT_SECRET }, scope)

    before(async () => {
      idp = await provider()
      const args = ['--watch', ...(workers > 1 ? ['--workers', String(workers)] : [])]
      const env = { APP_SECRET: SECRET }
      server = await serve(() => ({ ...documentOf(idp, 'first'), applications: [] }), { args, env, adminToken: ADMIN_TOKEN })
    })
    after(async () => {
      await server?.stop()
      idp?.stop()
    })

    it('reads its document again on SIGHUP', async () => {
      write(server, 'secret', SECRET)
      write(server, 'exchequer.json', documentOf(idp, 'second'))
      const { warnings } = await hup('configurationChanged')
      assert.deepEqual(warnings, [])
      await becomes({ scope: 'second' }, 'second')
    })

    it('reports a document that is wrong, and goes on with the one before', async () => {
      for (const [content, path] of [
        [{ ...documentOf(idp, 'x'), isuer: 'x' }, 'isuer'],
        ['{"issuer": ', 'issuer'],
        [{ ...documentOf(idp, 'x'), applications: [{ ...documentOf(idp, 'x').applications[0], clientSecret: { file: 'none' } }] }, 'applications[0].clientSecret'],
      ]) {
        write(server, 'exchequer.json', content)
        const { problems } = await hup('configurationRefused', ({ problems: [{ path: found }] }) => found === path)
        assert.equal(problems.length, 1)
        assert.ok(problems[0].problem && problems[0].remedy)
      }
      assert.match(server.said(), /the former configuration stays in use/)
      assert.deepEqual(await everywhere({ scope: 'second' }), ['second'])
    })

    it('takes over a changed document, and a changed file of a secret, by itself', async () => {
      write(server, 'exchequer.json', documentOf(idp, 'third'))
      await becomes({ scope: 'third' }, 'third')
      write(server, 'secret', NEXT_SECRET)
      await becomes({ scope: 'third' }, 'invalid_client')
      await inUse('third')
    })

    it('writes no secret into what it says', () => {
      for (const secret of [SECRET, NEXT_SECRET, ADMIN_TOKEN]) assert.ok(!server.said().includes(secret))
    })

    it(`serves ${REQUESTS} requests during ${CHANGES} changes, and none fails`, async () => {
      const token = await idp.token()
      const agent = new Agent({ keepAlive: true, maxSockets: 8 })
      let [sent, changes, isBusy] = [0, 0, true]
      const failures = []
      const client = async () => {
        // It goes on as long as there are changes to come.
        while (sent < REQUESTS || isBusy) {
          sent++
          const answered = post(server.url, token, { scope: 'read', secret: NEXT_SECRET, agent })
          const { status, body } = await answered.catch((error) => ({ status: String(error) }))
          if (status !== 200 || body.scope !== 'read') failures.push({ status, body })
        }
      }
      const change = async () => {
        while (changes < CHANGES) {
          const sentBefore = sent
          const isBroken = changes % 5 === 4
          write(server, 'exchequer.json', isBroken ? BROKEN : documentOf(idp, `scope-${changes}`))
          await hup(isBroken ? 'configurationRefused' : 'configurationChanged')
          changes++
          await until(() => sent >= Math.max(sentBefore + 1, (REQUESTS * changes) / CHANGES - REQUESTS / CHANGES))
        }
        isBusy = false
      }
      await Promise.all([change(), ...Array.from({ length: 8 }, client)])
      agent.destroy()
      assert.deepEqual(failures.slice(0, 3), [])
      assert.ok(sent >= REQUESTS)
    })

    if (workers > 1) {
      it('starts a worker with the document that the others use, also when the file is broken', async () => {
        write(server, 'exchequer.json', documentOf(idp, 'last'))
        await hup('configurationChanged')
        await inUse('last')
        write(server, 'exchequer.json', BROKEN)
        await hup('configurationRefused')
        const [{ workers: processes }] = events(server, 'listening')
        process.kill(processes[1].pid, 'SIGKILL')
        await until(() => events(server, 'workerStarted').length > 0)
        assert.deepEqual(await everywhere({ scope: 'last', secret: NEXT_SECRET }), ['last'])
      })

      it('changes none of its workers while one of them does not say that it can', async () => {
        write(server, 'exchequer.json', documentOf(idp, 'late'))
        const [{ workers: processes }] = events(server, 'listening')
        const changes = events(server, 'configurationChanged').length
        process.kill(processes[2].pid, 'SIGSTOP')
        const isUnsaid = ({ problems }) => /a worker did not say/.test(problems[0].problem)
        await hup('configurationRefused', isUnsaid).finally(() => process.kill(processes[2].pid, 'SIGCONT'))
        assert.equal(events(server, 'configurationChanged').length, changes)
        await hup('configurationChanged')
        await inUse('late')
      })
    }
  })
}
