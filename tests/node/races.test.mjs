/**
 * Twenty requests at once for what only one may have: a link, a refresh token,
 * a `jti`, a DPoP proof, the first signing key. In memory and in SQLite; with one service,
 * and with two that share the file as two servers do.
 *
 * A gate makes the race certain: none of the twenty goes on before all of them
 * have come to the point from which only one may go on first.
 */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'

import { createExchequer } from 'exchequer'
import { memoryStore } from 'exchequer/stores/memory'
import { postgresStore } from 'exchequer/stores/postgres'
import { redisStore } from 'exchequer/stores/redis'
import { sqliteStore } from 'exchequer/stores/sqlite'
import { SignJWT, decodeJwt, exportJWK, generateKeyPair } from 'jose'

import { noPostgres, postgresServer } from './support/postgres.mjs'
import { noRedis, redisServer } from './support/redis.mjs'
import { noSqld, sqldServer } from './support/sqld.mjs'
import { NOW, STS, config, issuer, jwksFetch } from './support/tokens.mjs'

const MANY = 20
const TOO_LONG_MS = 20_000
const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const JWT = 'urn:ietf:params:oauth:token-type:jwt'

const idp = await issuer()
const directory = mkdtempSync(join(tmpdir(), 'exchequer-races-'))
const servers = []
after(async () => {
  await Promise.all(servers.map((server) => server.stop()))
  rmSync(directory, { recursive: true, force: true })
})

/** Opens the stores of the services that take part; two stores are two connections. Or why it cannot. */
const SETUPS = {
  'in memory': { open: async () => [memoryStore()] },
  'in SQLite': { open: async () => [await sqliteStore(file())] },
  'in two services on one SQLite file': { open: async () => two(sqliteStore, file()) },
  'in two services on one libSQL server': {
    skip: noSqld,
    open: async () => two(sqliteStore, (await started(sqldServer)).url),
  },
  'in two services on one PostgreSQL server': {
    skip: noPostgres,
    open: async () => two(postgresStore, await database()),
  },
  'in two services on one Redis server': {
    skip: noRedis,
    open: async () => two(redisStore, (await started(redisServer)).url),
  },
}

const two = (open, url) => Promise.all([open(url), open(url)])

/** A server, empty, which is stopped when the tests are done. */
async function started(start) {
  const server = await start()
  servers.push(server)
  return server
}

/** An empty database of the one server, which takes longest of all to make. */
async function database() {
  databases.server ??= started(postgresServer)
  return (await databases.server).database(`race${++databases.made}`)
}
const databases = { made: 0, server: undefined }

let files = 0
const file = () => `file:${join(directory, `${++files}.sqlite`)}`

function document() {
  const document = config({
    users: [
      { id: 'u-ada', username: 'ada', claims: { email: 'ada@example.com' } },
      { id: 'u-bob', userStore: 'LDAP', username: 'bob', claims: { email: 'bob@example.com' } },
    ],
  })
  const [application] = document.applications
  const [trusted] = document.trustedTokenIssuers
  application.grantTypes.push('refresh_token')
  application.subject = { useMappedLocalSubject: true, mappedLocalSubjectMandatory: true }
  trusted.implicitAssociation = { isEnabled: true, lookupAttribute: ['email'] }
  return document
}

/** A gate in front of one call for one kind of records; it opens for good when `MANY` have come. */
class Gate {
  #come = 0
  #open = {}
  #opened = new Promise((resolve, reject) => Object.assign(this.#open, { resolve, reject }))

  constructor(call, prefix) {
    Object.assign(this, { call, prefix })
    this.#opened.catch(() => undefined)
  }

  get isOpen() {
    return this.#come >= MANY
  }

  /** The store behind this gate. What was read before it opened is what is answered. */
  before(store) {
    return {
      read: async (keys, now) => {
        const records = await store.read(keys, now)
        await this.#pass('read', keys)
        return records
      },
      list: (...rest) => store.list(...rest),
      commit: async (batch, now) => {
        await this.#pass('commit', batch.map(({ key }) => key))
        return store.commit(batch, now)
      },
      close: () => store.close?.(),
    }
  }

  async #pass(call, keys) {
    if (call !== this.call || !keys.some((key) => key.startsWith(this.prefix))) return
    if (++this.#come === MANY) this.#open.resolve()
    const late = setTimeout(() => this.#open.reject(new Error(`only ${this.#come} came to the gate`)), TOO_LONG_MS)
    await this.#opened.finally(() => clearTimeout(late))
  }
}

/** Services that take part in turn, behind a gate if there is one. */
async function start(open, gate, more = {}) {
  const stores = await open()
  const options = { fetch: jwksFetch(idp.jwks), now: () => NOW }
  const services = await Promise.all(
    stores.map((store) => createExchequer({ ...document(), ...more }, { ...options, store: gate?.before(store) ?? store })),
  )
  return {
    services,
    store: stores[0],
    gate,
    post: ({ dpop, ...form }, turn = 0) => post(services[turn % services.length], form, dpop),
    close: () => Promise.all(services.map((service) => service.close())),
  }
}

async function post(service, form, dpop) {
  const authorization = `Basic ${btoa('app:a-secret-of-the-application-0123456789')}`
  const request = new Request(`${STS}/oauth2/token`, {
    method: 'POST',
    headers: { authorization, ...(dpop !== undefined && { dpop }) },
    body: new URLSearchParams(form),
  })
  const response = await service.fetch(request)
  return { status: response.status, ...(await response.json()) }
}

const exchangeOf = async (claims) => ({
  grant_type: TOKEN_EXCHANGE,
  // Its issuer vouches for the address.
  subject_token: await idp.token({ email_verified: true, ...claims }),
  subject_token_type: JWT,
})

/** A DPoP proof for the token endpoint. */
async function proof() {
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  return new SignJWT({ jti: randomUUID(), htm: 'POST', htu: `${STS}/oauth2/token` })
    .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk: await exportJWK(publicKey) })
    .setIssuedAt(NOW)
    .sign(privateKey)
}

/** Sends all at once: the forms, one for each turn. */
async function race(sts, form) {
  const forms = await Promise.all(Array.from({ length: MANY }, (_, turn) => form(turn)))
  const replies = await Promise.all(forms.map((form, turn) => sts.post(form, turn)))
  assert.notEqual(sts.gate?.isOpen, false, 'there was no race')
  return replies
}

/** Who won, after it was made sure that the others were refused for the same reason. */
function winners(replies, error) {
  const lost = replies.filter(({ status }) => status !== 200)
  assert.ok(lost.every((reply) => reply.status === 400 && reply.error === error), JSON.stringify(lost))
  return replies.filter(({ status }) => status === 200)
}

const recordsOf = async (store, prefix) => store.list(prefix, undefined, 100, NOW)

for (const [name, { open, skip = false }] of Object.entries(SETUPS)) {
  describe(`${MANY} at once ${name}`, { skip, timeout: 4 * TOO_LONG_MS }, () => {
    it('link a new subject once, and are all about the same local user', async () => {
      // Two say an address of somebody else each: whoever comes first decides for all.
      for (const emails of [['ada@example.com'], ['ada@example.com', 'bob@example.com']]) {
        const sts = await start(open, new Gate('read', 'link/'))
        const replies = await race(sts, (turn) => exchangeOf({ sub: 'x-1', email: emails[turn % emails.length] }))
        assert.deepEqual(new Set(replies.map(({ status }) => status)), new Set([200]))

        const links = await recordsOf(sts.store, 'link/')
        assert.equal(links.length, 1)
        const { userId, sub } = JSON.parse(Buffer.from(links[0].value).toString())
        assert.equal(sub, 'x-1')
        const subjects = replies.map(({ access_token }) => decodeJwt(access_token))
        assert.deepEqual(new Set(subjects.map(({ sub, idp }) => `${sub} ${idp}`)), new Set([`${userId} undefined`]))
        assert.equal((await recordsOf(sts.store, 'user-link/')).length, 1)
        await sts.close()
      }
    })

    it('refresh with one refresh token, and exactly one wins', async () => {
      const sts = await start(open, new Gate('read', 'refresh/'))
      const { refresh_token } = await sts.post(await exchangeOf({ email: 'ada@example.com' }))
      const refresh = { grant_type: 'refresh_token', refresh_token }
      const won = winners(await race(sts, () => refresh), 'invalid_grant')
      assert.equal(won.length, 1)
      assert.equal((await recordsOf(sts.store, 'refresh/')).length, 1)

      // Those who came at the same time stole nothing: the winner may go on.
      const next = await sts.post({ ...refresh, refresh_token: won[0].refresh_token })
      assert.equal(next.status, 200)
      // Whoever comes later with the spent one ends it for everybody.
      assert.equal((await sts.post(refresh)).error, 'invalid_grant')
      assert.equal((await sts.post({ ...refresh, refresh_token: next.refresh_token })).error, 'invalid_grant')
      await sts.close()
    })

    it('bring one token that counts once, and exactly one wins', async () => {
      const [trusted] = document().trustedTokenIssuers
      const once = { trustedTokenIssuers: [{ ...trusted, replayProtection: 'jti' }] }
      const sts = await start(open, new Gate('commit', 'spent/'), once)
      const form = await exchangeOf({ email: 'ada@example.com', jti: 'only-once' })
      const won = winners(await race(sts, () => form), 'invalid_request')
      assert.equal(won.length, 1)
      assert.equal((await recordsOf(sts.store, 'refresh/')).length, 1)
      await sts.close()
    })

    it('bring one DPoP proof, and exactly one wins', async () => {
      const sts = await start(open, new Gate('commit', 'spent/'))
      const dpop = await proof()
      // Different tokens of different subjects: only the proof is the same.
      const forms = async (turn) => ({ ...(await exchangeOf({ sub: `x-${turn}`, email: 'ada@example.com' })), dpop })
      const won = winners(await race(sts, forms), 'invalid_dpop_proof')
      assert.equal(won.length, 1)
      assert.equal(won[0].token_type, 'DPoP')
      assert.equal((await recordsOf(sts.store, 'refresh/')).length, 1)
      await sts.close()
    })

    it('refresh with one refresh token and proofs of their own, and exactly one wins', async () => {
      const sts = await start(open, new Gate('read', 'refresh/'))
      const { refresh_token } = await sts.post({ ...(await exchangeOf({ email: 'ada@example.com' })), dpop: await proof() })
      const won = winners(await race(sts, async () => ({ grant_type: 'refresh_token', refresh_token, dpop: await proof() })), 'invalid_grant')
      assert.equal(won.length, 1)
      await sts.close()
    })

    it('are all signed with the one key that is made at first start', async () => {
      const sts = await start(open)
      const replies = await race(sts, (turn) => exchangeOf({ sub: `x-${turn}`, email: 'ada@example.com' }))
      const kids = replies.map(({ access_token }) => JSON.parse(atob(access_token.split('.')[0])).kid)
      const published = await Promise.all(
        sts.services.map(async (service) => (await service.fetch(new Request(`${STS}/oauth2/jwks`))).json()),
      )
      for (const { keys } of published) assert.deepEqual(keys.map(({ kid }) => kid), [...new Set(kids)])
      await sts.close()
    })

    it('race without a gate as well: no more than one wins', async () => {
      const sts = await start(open)
      const { refresh_token } = await sts.post(await exchangeOf({ email: 'ada@example.com' }))
      const won = winners(await race(sts, () => ({ grant_type: 'refresh_token', refresh_token })), 'invalid_grant')
      assert.equal(won.length, 1)
      await sts.close()
    })
  })
}
