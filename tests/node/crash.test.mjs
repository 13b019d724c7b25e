/**
 * Killed in the middle of it, again and again: while administrators write and
 * clients rotate refresh tokens, the server is killed, or Redis is. What was
 * acknowledged is there afterwards, names are unique, lists agree with their
 * totals, and what was spent stays spent. What was under way happened or did
 * not happen, as a whole.
 *
 * When it happens is drawn from a seed, which a failure names;
 * EXCHEQUER_CRASH_SEED sets it.
 */
import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'

import { ADMIN_TOKEN, APPLICATIONS, ISSUERS, LOCKED, USERS, admin, set } from './support/admin.mjs'
import { noPostgres, postgresServer } from './support/postgres.mjs'
import { noRedis, redisServer } from './support/redis.mjs'
import { serve } from './support/serve.mjs'
import { ISSUER, STS, issuer } from './support/tokens.mjs'

const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const READY_MS = 60_000
const SEED = Number(process.env.EXCHEQUER_CRASH_SEED ?? randomInt(2 ** 31))
const now = () => Math.floor(Date.now() / 1000)
const idp = await issuer()

/** Numbers from 0 to 1 that a seed determines (mulberry32). */
function draws(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
const draw = draws(SEED)

/** A kind of object: how it is made, switched off, and found. */
const KINDS = [
  {
    path: ISSUERS,
    body: (name) => ({ name, issuer: `https://${name}.example.com`, certificate: { jwks: idp.jwks } }),
    off: [{ operation: 'REPLACE', path: '/isEnabled', value: false }],
    state: ({ name, isEnabled }) => `${name} ${isEnabled ? 'on' : 'off'}`,
    list: ({ identityProviders }) => identityProviders,
    pages: (page) => `?limit=100&offset=${page * 100}`,
    nameOf: ({ name }) => name,
  },
  {
    path: APPLICATIONS,
    body: (name) => ({ name, grantTypes: [TOKEN_EXCHANGE], description: 'on' }),
    off: { description: 'off' },
    state: ({ name, description }) => `${name} ${description}`,
    list: ({ applications }) => applications,
    pages: (page) => `?limit=100&offset=${page * 100}`,
    nameOf: ({ name }) => name,
  },
  {
    path: USERS,
    body: (userName) => ({ schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName, emails: [{ value: `${userName}@example.com` }] }),
    off: set(LOCKED, true),
    state: ({ userName, 'urn:scim:wso2:schema': { accountLocked = false } = {} }) => `${userName} ${accountLocked ? 'off' : 'on'}`,
    list: ({ Resources = [] }) => Resources,
    pages: (page) => `?count=100&startIndex=${page * 100 + 1}`,
    nameOf: ({ userName }) => userName,
  },
]

/** One administrator, who knows what was acknowledged, and what they do not know. */
class Administrator {
  /** By id, what the object may say of itself now; `undefined` is that it may be gone. */
  #objects = new Map()
  /** Names that may have been taken by nobody one knows. */
  #inDoubt = []
  /** Names that are free again. */
  #free = []
  #count = 0
  acknowledged = 0

  constructor(kind, prefix) {
    Object.assign(this, { kind, prefix })
  }

  /** Writes until there is no answer. */
  async work(server) {
    try {
      for (;;) await this.#write(server)
    } catch (error) {
      if (!(error instanceof Lost)) throw error
    }
  }

  async #write(server) {
    const { path, body, off } = this.kind
    const name = `${this.prefix}-${++this.#count}`
    this.#inDoubt.push(name)
    const { id } = await this.#call(server, 'POST', path, body(name), 201)
    this.#inDoubt.pop()
    this.#objects.set(id, [`${name} on`])
    if (this.#count % 2 === 0) await this.#change(server, 'PATCH', id, off, 200, `${name} off`)
    if (this.#count % 3 === 0) {
      await this.#change(server, 'DELETE', id, undefined, 204, undefined)
      this.#free.push(name)
    }
  }

  async #change(server, method, id, body, status, becomes) {
    this.#objects.set(id, [...this.#objects.get(id), becomes])
    await this.#call(server, method, `${this.kind.path}/${id}`, body, status)
    this.#objects.set(id, [becomes])
  }

  async #call(server, method, path, body, expected) {
    const reply = await admin(server.url, method, path, body).catch(() => {
      throw new Lost()
    })
    // A server whose store has gone says so, and does not know either.
    if (reply.status === 503) throw new Lost()
    assert.equal(reply.status, expected, `${method} ${path}: ${JSON.stringify(reply.body)}`)
    this.acknowledged++
    return reply.body
  }

  /** Everything that was acknowledged holds, and nothing is there by half. */
  async check(server) {
    const { path, body, list, pages, state, nameOf } = this.kind
    for (const [id, may] of this.#objects) {
      const { status, body: object } = await admin(server.url, 'GET', `${path}/${id}`)
      const is = status === 404 ? undefined : state(object)
      assert.ok(may.includes(is), `${path}/${id} is ${is} and must be ${may.join(' or ')}`)
      this.#objects.set(id, [is])
      if (is !== undefined) {
        const again = await admin(server.url, 'POST', path, body(nameOf(object)))
        assert.equal(again.status, 409, `${nameOf(object)} is taken: ${JSON.stringify(again.body)}`)
      }
    }
    // Whether it happened or not: the name is somebody's, once, or free. That of what was deleted is free.
    const asked = [...this.#inDoubt.splice(0).map((name) => [name, [201, 409]]), ...this.#free.splice(0).map((name) => [name, [201]])]
    for (const [name, expected] of asked) {
      const { status, body: made } = await admin(server.url, 'POST', path, body(name))
      assert.ok(expected.includes(status), `${name}: ${status} ${JSON.stringify(made)}`)
      if (status === 201) this.#objects.set(made.id, [`${name} on`])
    }
    const names = []
    let total
    for (let page = 0; names.length === page * 100; page++) {
      const { body: listed } = await admin(server.url, 'GET', `${path}${pages(page)}`)
      names.push(...list(listed).map(nameOf))
      total = listed.totalResults
    }
    assert.equal(new Set(names).size, names.length, 'a name is there twice')
    assert.equal(total, names.length, `${path} says another total than there are`)
    const known = [...this.#objects.values()].flat().filter((is) => is !== undefined)
    for (const is of known) assert.ok(names.includes(is.split(' ')[0]), `${is} is not in the list`)
    // What was in doubt and had happened is known by now.
    for (const name of names) {
      if (known.some((is) => is.split(' ')[0] === name)) continue
      const found = await findByName(server, this.kind, name)
      this.#objects.set(found.id, [state(found)])
    }
  }
}

async function findByName(server, { path, list, pages, nameOf }, name) {
  for (let page = 0; ; page++) {
    const objects = list((await admin(server.url, 'GET', `${path}${pages(page)}`)).body)
    const found = objects.find((object) => nameOf(object) === name)
    if (found !== undefined) return (await admin(server.url, 'GET', `${path}/${found.id}`)).body
    assert.equal(objects.length, 100, `${name} is in no page`)
  }
}

/** There was no answer. */
class Lost extends Error {}

/** A client that rotates its refresh token. */
class Client {
  #spent = []
  #token
  #inDoubt = false
  acknowledged = 0

  async work(server) {
    try {
      this.#token ??= (await this.#ask(server, await exchangeForm())).refresh_token
      for (;;) await this.#rotate(server)
    } catch (error) {
      if (!(error instanceof Lost)) throw error
    }
  }

  async #rotate(server) {
    this.#inDoubt = true
    const reply = await this.#ask(server, refreshForm(this.#token))
    this.#inDoubt = false
    this.#spent.push(this.#token)
    this.#token = reply.refresh_token
    this.acknowledged++
  }

  async #ask(server, form) {
    const reply = await post(server, form)
    assert.equal(reply.status, 200, JSON.stringify(reply))
    return reply
  }

  /** The token that was acknowledged works, unless it was being spent; those before it do not. */
  async check(server) {
    if (this.#token === undefined) return
    const { status, ...reply } = await post(server, refreshForm(this.#token))
    if (this.#inDoubt) assert.ok(status === 200 || reply.error === 'invalid_grant', JSON.stringify(reply))
    else assert.equal(status, 200, `an acknowledged rotation was lost: ${JSON.stringify(reply)}`)
    // Asking for one that was spent ends the family: which one is drawn.
    if (status === 200) this.#spent.push(this.#token)
    const spent = this.#spent.splice(0)
    for (let asked = 0; asked < 5 && spent.length > 0; asked++) {
      const [token] = spent.splice(Math.floor(draw() * spent.length), 1)
      const again = await post(server, refreshForm(token))
      assert.equal(again.error, 'invalid_grant', `what was spent works again: ${JSON.stringify(again)}`)
    }
    if (reply.refresh_token !== undefined && this.acknowledged > 0) {
      assert.equal((await post(server, refreshForm(reply.refresh_token))).error, 'invalid_grant', 'the family goes on')
    }
    this.#token = undefined
    this.#inDoubt = false
  }
}

const SECRET = 'a-secret-of-the-application-0123456789'
const document = () => ({
  issuer: STS,
  trustedTokenIssuers: [{ name: 'IdP', issuer: ISSUER, certificate: { jwks: idp.jwks }, algorithms: ['ES256'] }],
  applications: [{ clientId: 'app', clientSecret: SECRET, grantTypes: [TOKEN_EXCHANGE, 'refresh_token'], trustedTokenIssuers: ['IdP'] }],
})
const refreshForm = (refresh_token) => ({ grant_type: 'refresh_token', refresh_token })
const exchangeForm = async () => ({
  grant_type: TOKEN_EXCHANGE,
  subject_token: await idp.token({ iat: now() - 10, exp: now() + 600 }),
  subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
})

async function post({ url }, form) {
  const body = new URLSearchParams({ client_id: 'app', client_secret: SECRET, ...form })
  const reply = await fetch(`${url}/oauth2/token`, { method: 'POST', body, signal: AbortSignal.timeout(30_000) })
    .then(async (response) => ({ status: response.status, ...(await response.json()) }))
    .catch(() => {
      throw new Lost()
    })
  if (reply.status === 503) throw new Lost()
  return reply
}

const acknowledgedBy = (everybody) => everybody.reduce((sum, { acknowledged }) => sum + acknowledged, 0)
const start = (store) => serve(document, { store, adminToken: ADMIN_TOKEN })

/** Where records are kept, and what is killed. `strike` kills it and answers a server that serves again. */
const SETUPS = {
  'a server on a SQLite file': {
    rounds: 4,
    async open() {
      const directory = mkdtempSync(join(tmpdir(), 'exchequer-crash-'))
      const close = () => rmSync(directory, { recursive: true, force: true })
      return { store: `sqlite:${join(directory, 'store.sqlite')}`, close, strike: killAndStart }
    },
  },
  'a server on Redis': {
    skip: noRedis,
    rounds: 3,
    async open() {
      const redis = await redisServer()
      return { store: redis.url, close: redis.stop, strike: killAndStart }
    },
  },
  'the Redis behind a server': { skip: noRedis, rounds: 3, open: async () => behind(await redisServer()) },
  'a server on PostgreSQL': {
    skip: noPostgres,
    rounds: 3,
    async open() {
      const postgres = await postgresServer()
      return { store: postgres.url, close: postgres.stop, strike: killAndStart }
    },
  },
  'the PostgreSQL behind a server': { skip: noPostgres, rounds: 3, open: async () => behind(await postgresServer()) },
}

/** What keeps the records is killed, and the server goes on. */
function behind(kept) {
  const strike = async (server) => {
    await kept.kill()
    return async () => {
      await kept.restart()
      await ready(server)
      return server
    }
  }
  return { store: kept.url, close: kept.stop, strike }
}

async function killAndStart(server, store) {
  await server.kill()
  return () => start(store)
}

async function ready({ url }) {
  const late = performance.now() + READY_MS
  for (;;) {
    const reply = await admin(url, 'GET', `${USERS}?count=1`).catch(() => undefined)
    if (reply?.status === 200) return
    if (performance.now() > late) throw new Error('the server does not find its store again')
    await setTimeout(50)
  }
}

for (const [name, { skip = false, rounds, open }] of Object.entries(SETUPS)) {
  describe(`${name}, killed while it writes`, { skip, timeout: 180_000 }, () => {
    let setup, server
    before(async () => {
      setup = await open()
      server = await start(setup.store)
    })
    after(async () => {
      await server?.stop()
      await setup?.close()
    })

    it(`keeps what it acknowledged, ${rounds} times (seed ${SEED})`, async (test) => {
      const administrators = KINDS.map((kind, n) => new Administrator(kind, `n${n}`))
      const clients = [new Client(), new Client()]
      const everybody = [...administrators, ...clients]
      for (let round = 1; round <= rounds; round++) {
        const working = everybody.map((one) => one.work(server))
        const enough = acknowledgedBy(everybody) + 20 + Math.floor(100 * draw())
        const failed = Promise.race(working).then(() => 'nobody ends before the end')
        while (acknowledgedBy(everybody) < enough) {
          const ended = await Promise.race([failed, setTimeout(10 * draw())])
          assert.equal(ended, undefined)
        }
        const revive = await setup.strike(server, setup.store)
        const outcomes = await Promise.allSettled(working)
        server = await revive()
        assert.deepEqual(outcomes.filter(({ status }) => status === 'rejected').map(({ reason }) => reason), [], `round ${round}`)
        for (const one of everybody) await one.check(server)
      }
      test.diagnostic(`acknowledged: ${everybody.map((one) => one.acknowledged).join(', ')}`)
    })
  })
}
