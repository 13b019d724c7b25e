/**
 * The administration API over HTTP, of servers as users start them: what one of
 * several changes holds for all of them within five seconds, a lost answer does
 * no harm, the admin token stays a secret, and the paths answer as HTTP has it.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { createExchequer } from 'exchequer'
import { memoryStore } from 'exchequer/stores/memory'
import { decodeJwt } from 'jose'

import { ADMIN_TOKEN, APPLICATIONS, ISSUERS, LOCKED, USERS, admin, set } from './support/admin.mjs'
import { noRedis, redisServer } from './support/redis.mjs'
import { serve } from './support/serve.mjs'
import { ISSUER, STS, issuer } from './support/tokens.mjs'

const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
/** A write on one server holds on every other within this time. */
const PROPAGATION_MS = 5000
/** What the asking itself may take. */
const SLACK_MS = 1000
const now = () => Math.floor(Date.now() / 1000)

const idp = await issuer()
const token = (claims) => idp.token({ iat: now() - 10, exp: now() + 600, ...claims })

const trusted = (name, iss) => ({ name, issuer: iss, certificate: { jwks: idp.jwks }, algorithms: ['ES256'] })
const application = (name, issuers) => ({
  name,
  trustedTokenIssuers: issuers,
  grantTypes: [TOKEN_EXCHANGE],
  accessToken: { type: 'jwt' },
  subject: { useMappedLocalSubject: true, mappedLocalSubjectMandatory: false },
})
const user = (userName) => ({ schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName })

const STORES = {
  redis: {
    skip: noRedis,
    async start() {
      const { url, stop } = await redisServer()
      return { store: url, stop }
    },
  },
  'a SQLite file': {
    async start() {
      const directory = mkdtempSync(join(tmpdir(), 'exchequer-administration-'))
      const stop = () => rmSync(directory, { recursive: true, force: true })
      return { store: `sqlite:${join(directory, 'shared.sqlite')}`, stop }
    },
  },
}

for (const [name, { skip = false, start }] of Object.entries(STORES)) {
  describe(`what one of two servers on ${name} changes`, { skip, timeout: 120_000, concurrency: true }, () => {
    let behind, servers, one, other
    before(async () => {
      behind = await start()
      const options = { store: behind.store, adminToken: ADMIN_TOKEN }
      const started = await Promise.allSettled([1, 2].map(() => serve(() => ({ issuer: STS }), options)))
      servers = started.filter(({ status }) => status === 'fulfilled').map(({ value }) => value)
      assert.deepEqual(started.filter(({ status }) => status === 'rejected').map(({ reason }) => reason), [])
      ;[one, other] = servers
    })
    after(async () => {
      for (const server of servers ?? []) await server.stop()
      await behind?.stop()
    })

    /** Makes something on the first server. */
    async function make(path, body) {
      const made = await admin(one.url, 'POST', path, body)
      assert.equal(made.status, 201, JSON.stringify(made.body))
      return made.body
    }
    const change = async (method, path, body) => {
      const { status, body: problem } = await admin(one.url, method, path, body)
      assert.ok(status === 200 || status === 204, JSON.stringify(problem))
    }

    /** An issuer, an application, a user and the link between `sub` and them. */
    let parties = 0
    async function setUp() {
      const n = ++parties
      const iss = `${ISSUER}/${n}`
      const { id: issuerId } = await make(ISSUERS, trusted(`Issuer ${n}`, iss))
      const { id: applicationId, clientId, clientSecret } = await make(APPLICATIONS, application(`Application ${n}`, [`Issuer ${n}`]))
      const { id: userId } = await make(USERS, user(`user-${n}`))
      await make(`/api/users/v1/${userId}/federated-associations`, { idp: `Issuer ${n}`, federatedUserId: 'ada' })
      const exchange = async ({ url }) => {
        const response = await fetch(`${url}/oauth2/token`, {
          method: 'POST',
          headers: { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
          body: new URLSearchParams({
            grant_type: TOKEN_EXCHANGE,
            subject_token: await token({ iss, sub: 'ada' }),
            subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
          }),
          signal: AbortSignal.timeout(30_000),
        })
        const { access_token, error, error_description } = await response.json()
        return access_token === undefined ? `${error}: ${error_description}` : decodeJwt(access_token).sub
      }
      // Both have seen all of it: what they remember is what has to give way.
      for (const server of servers) assert.equal(await eventually(() => exchange(server), userId), userId)
      return { n, iss, issuerId, applicationId, userId, clientId, exchange }
    }

    /** Asks until the answer is this, or has had its time. */
    async function eventually(ask, wanted, since = performance.now()) {
      const matches = (answer) => (wanted instanceof RegExp ? wanted.test(answer) : answer === wanted)
      for (;;) {
        const answer = await ask()
        if (matches(answer) || performance.now() > since + PROPAGATION_MS + SLACK_MS) return answer
        await setTimeout(50)
      }
    }

    /** Changes something on the first server, and the other one follows. The first one does at once. */
    async function follows(party, method, path, body, wanted) {
      await change(method, path, body)
      const since = performance.now()
      assert.match(await party.exchange(one), wanted)
      assert.match(await eventually(() => party.exchange(other), wanted, since), wanted)
    }

    it('an issuer, disabled and enabled again', async () => {
      const party = await setUp()
      const enable = (value) => [{ operation: 'REPLACE', path: '/isEnabled', value }]
      await follows(party, 'PATCH', `${ISSUERS}/${party.issuerId}`, enable(false), /^invalid_request: .*disabled/)
      await follows(party, 'PATCH', `${ISSUERS}/${party.issuerId}`, enable(true), new RegExp(`^${party.userId}$`))
    })

    it('an issuer, deleted', async () => {
      const party = await setUp()
      await follows(party, 'DELETE', `${ISSUERS}/${party.issuerId}`, undefined, /^invalid_request: /)
    })

    it('an application, deleted and made again', async () => {
      const party = await setUp()
      await follows(party, 'DELETE', `${APPLICATIONS}/${party.applicationId}`, undefined, /^invalid_client: /)
      const again = { ...application(`Application ${party.n}`, [`Issuer ${party.n}`]), clientId: party.clientId, clientSecret: 'another-secret-0123456789-0123456789' }
      await make(APPLICATIONS, again)
      const exchange = async ({ url }) => {
        const form = {
          grant_type: TOKEN_EXCHANGE,
          subject_token: await token({ iss: party.iss, sub: 'ada' }),
          subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
          client_id: again.clientId,
          client_secret: again.clientSecret,
        }
        const response = await fetch(`${url}/oauth2/token`, { method: 'POST', body: new URLSearchParams(form) })
        return String(response.status)
      }
      assert.equal(await eventually(() => exchange(other), '200'), '200')
    })

    it('a user, locked and unlocked', async () => {
      const party = await setUp()
      await follows(party, 'PATCH', `${USERS}/${party.userId}`, set(LOCKED, true), /^access_denied: .*locked/)
      await follows(party, 'PATCH', `${USERS}/${party.userId}`, set(LOCKED, false), new RegExp(`^${party.userId}$`))
    })

    it('a link, removed', async () => {
      const party = await setUp()
      await follows(party, 'DELETE', `/api/users/v1/${party.userId}/federated-associations`, undefined, /^ada$/)
    })

    it('a name, which only one of two gets that ask both at once', async () => {
      const bodies = { [ISSUERS]: (n) => trusted(`Wanted ${n}`, `https://wanted-${n}.example.com`), [APPLICATIONS]: (n) => ({ name: `Wanted ${n}`, grantTypes: [TOKEN_EXCHANGE] }), [USERS]: (n) => user(`wanted-${n}`) }
      for (const [path, body] of Object.entries(bodies)) {
        for (let n = 0; n < 5; n++) {
          const replies = await Promise.all([one, other, one, other].map(({ url }) => admin(url, 'POST', path, body(n))))
          assert.deepEqual(replies.map(({ status }) => status).toSorted(), [201, 409, 409, 409], path)
        }
      }
    })
  })
}

describe('an administrative write whose answer is lost', () => {
  /** A service whose store does what it is told, and then goes wrong as it is told. */
  async function start() {
    const kept = memoryStore()
    const goes = { wrong: undefined }
    const store = {
      read: (...ask) => kept.read(...ask),
      list: (...ask) => kept.list(...ask),
      commit(...ask) {
        const done = kept.commit(...ask)
        return goes.wrong === undefined ? done : goes.wrong(done, () => kept.commit(...ask))
      },
    }
    const sts = await createExchequer({ issuer: STS }, { store, adminToken: ADMIN_TOKEN, onError() {} })
    return { goes, call: (method, path, body) => admin(STS, method, path, body, sts.fetch), close: () => sts.close() }
  }

  const OBJECTS = {
    'an issuer': [ISSUERS, trusted('Lost', 'https://lost.example.com'), [{ operation: 'REPLACE', path: '/alias', value: 'us' }]],
    'an application': [APPLICATIONS, { name: 'Lost', grantTypes: [TOKEN_EXCHANGE] }, { description: 'found' }],
    'a user': [USERS, user('lost'), set('displayName', 'found')],
  }
  for (const [name, [path, body, patch]] of Object.entries(OBJECTS)) {
    const lose = () => {
      throw new Error('the connection broke')
    }
    const count = async (call) => {
      const { totalResults, Resources, identityProviders, applications } = (await call('GET', path)).body
      assert.equal((Resources ?? identityProviders ?? applications ?? []).length, totalResults)
      return totalResults
    }

    it(`is looked for, and answered as done: ${name}`, async () => {
      const { goes, call, close } = await start()
      goes.wrong = lose
      const lost = await call('POST', path, body)
      assert.equal(lost.status, 201)
      goes.wrong = undefined
      assert.equal(await count(call), 1)
      assert.equal((await call('POST', path, body)).status, 409)
      assert.equal(await count(call), 1)

      const list = (await call('GET', path)).body
      const [{ id }] = list.Resources ?? list.identityProviders ?? list.applications
      for (const [method, change, done, again] of [['PATCH', patch, 200, 200], ['DELETE', undefined, 204, 404]]) {
        goes.wrong = lose
        assert.equal((await call(method, `${path}/${id}`, change)).status, done, method)
        goes.wrong = undefined
        assert.equal((await call(method, `${path}/${id}`, change)).status, again, method)
      }
      assert.equal(await count(call), 0)
      assert.equal((await call('POST', path, body)).status, 201)
      await close()
    })

    it(`is not refused when the store has repeated it: ${name}`, async () => {
      const { goes, call, close } = await start()
      goes.wrong = (_, again) => again()
      const made = await call('POST', path, body)
      assert.equal(made.status, 201, JSON.stringify(made.body))
      goes.wrong = undefined
      assert.equal(await count(call), 1)
      if (path !== USERS) {
        goes.wrong = (_, again) => again()
        const one = `${path}/${made.body.id}`
        assert.equal((await call('PATCH', one, patch)).status, 200)
        assert.equal((await call('DELETE', one)).status, 204)
        goes.wrong = undefined
        assert.equal(await count(call), 0)
      }
      await close()
    })
  }
})

describe('the admin token', { timeout: 60_000 }, () => {
  it('is nowhere but in the hands of who has it', async () => {
    // Says, in the server's process, what a process that it starts is given.
    const preload = `--import=${new URL('support/environment.mjs', import.meta.url)}`
    const server = await serve((issuer) => ({ issuer }), { adminToken: ADMIN_TOKEN, env: { NODE_OPTIONS: preload, A_WITNESS: 'is-seen' } })
    try {
      assert.equal((await admin(server.url, 'POST', ISSUERS, trusted('A', 'https://a.example.com'))).status, 201)
      assert.equal((await admin(server.url, 'POST', ISSUERS, { name: ADMIN_TOKEN })).status, 400)
      const wrong = await fetch(`${server.url}${ISSUERS}`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}x` } })
      assert.equal(wrong.status, 401)
      await fetch(`${server.url}/oauth2/token`, { method: 'POST', body: new URLSearchParams({ client_id: 'nobody', grant_type: 'x' }) })
      process.kill(server.pid, 'SIGUSR2')
      const late = performance.now() + 20_000
      while (!server.said().includes('A_WITNESS=is-seen') && performance.now() < late) await setTimeout(20)
      assert.match(server.said(), /A_WITNESS=is-seen/)
      assert.match(server.said(), /"event":"administration"/)
    } finally {
      await server.stop()
    }
    assert.ok(!server.said().includes(ADMIN_TOKEN), server.said())
  })

  it('is asked for, and nobody administers where there is none', async () => {
    const server = await serve((issuer) => ({ issuer }))
    try {
      for (const path of [ISSUERS, APPLICATIONS, USERS]) {
        const { status, body } = await admin(server.url, 'GET', path)
        assert.equal(status, 403)
        assert.match(JSON.stringify(body), /EXCHEQUER_ADMIN_TOKEN/)
        assert.equal((await fetch(`${server.url}${path}`)).status, 403)
      }
    } finally {
      await server.stop()
    }
  })
})

describe('the paths of the administration API', { timeout: 60_000 }, () => {
  let server
  before(async () => {
    server = await serve((issuer) => ({ issuer }), { adminToken: ADMIN_TOKEN })
  })
  after(() => server?.stop())

  const call = (method, path, body) => admin(server.url, method, path, body)

  it('answer HEAD as GET, without a body', async () => {
    const { id } = (await call('POST', ISSUERS, trusted('Head', 'https://head.example.com'))).body
    for (const path of [ISSUERS, `${ISSUERS}/${id}`, APPLICATIONS, USERS]) {
      const [head, get] = [await call('HEAD', path), await call('GET', path)]
      assert.equal(head.status, 200, path)
      assert.equal(head.body, undefined, path)
      assert.equal(head.headers.get('content-type'), get.headers.get('content-type'), path)
    }
    assert.equal((await call('HEAD', `${ISSUERS}/unknown`)).status, 404)
  })

  it('say which methods they take', async () => {
    for (const [path, methods] of [
      [ISSUERS, ['PUT', 'PATCH', 'DELETE']],
      [`${ISSUERS}/x`, ['PUT', 'POST']],
      ['/api/server/v1/identity-providers/x/implicit-association', ['POST', 'DELETE']],
      [APPLICATIONS, ['PUT', 'PATCH', 'DELETE']],
      [`${USERS}/x`, ['POST']],
    ]) {
      for (const method of methods) {
        const { status, headers } = await call(method, path, {})
        assert.equal(status, 405, `${method} ${path}`)
        const allowed = headers.get('allow')?.split(/, */) ?? []
        assert.ok(allowed.length > 0 && !allowed.includes(method), `${method} ${path} allows ${allowed}`)
      }
    }
  })

  it('end in 404 where there is none', async () => {
    for (const path of ['/api/server/v1/', '/api/server/v1/nothing', `${ISSUERS}/x/y`, '/api/users/v1/x', '/scim2/', '/scim2/Nothing', `${USERS}/x`, `${ISSUERS}/x`, `${APPLICATIONS}/x`, `${APPLICATIONS}/x/y/z`]) {
      const { status, headers } = await call('GET', path)
      assert.equal(status, 404, path)
      assert.match(headers.get('content-type'), /json/, path)
    }
  })

  it('do not say what there is to who may not know', async () => {
    for (const path of [ISSUERS, `${ISSUERS}/x`, '/api/server/v1/nothing', USERS, `${USERS}/x`, '/scim2/Nothing', '/api/users/v1/x/federated-associations']) {
      for (const method of ['GET', 'DELETE', 'OPTIONS']) {
        const response = await fetch(`${server.url}${path}`, { method })
        assert.equal(response.status, 401, `${method} ${path}`)
        assert.match(response.headers.get('www-authenticate'), /^Bearer /)
      }
    }
  })
})
