/**
 * Several `exchequer serve` on one store are one service: they sign with one
 * key, and what one has spent, rotated or linked, all have.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import { decodeJwt } from 'jose'

import { noPostgres, postgresServer } from './support/postgres.mjs'
import { noRedis, redisServer } from './support/redis.mjs'
import { serve } from './support/serve.mjs'
import { config, issuer } from './support/tokens.mjs'

const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const SECRET = 'a-secret-of-the-application-0123456789'
const now = () => Math.floor(Date.now() / 1000)

/** A service whose issuer's tokens count once, and whose subjects are linked to `ada` by their e-mail address. */
function document(idp) {
  const { trustedTokenIssuers, applications, ...rest } = config()
  const [trusted, application] = [trustedTokenIssuers[0], applications[0]]
  return {
    ...rest,
    trustedTokenIssuers: [
      {
        ...trusted,
        certificate: { jwks: idp.jwks },
        replayProtection: 'jti',
        claims: [{ from: 'email', to: 'email' }],
        implicitAssociation: { isEnabled: true, lookupAttribute: ['email'] },
      },
    ],
    applications: [
      {
        ...application,
        grantTypes: [TOKEN_EXCHANGE, 'refresh_token'],
        subject: { useMappedLocalSubject: true, mappedLocalSubjectMandatory: false },
      },
    ],
    users: [{ id: 'u-1', username: 'ada', claims: { email: 'ada@example.com' } }],
  }
}

async function post(server, form) {
  const response = await fetch(`${server.url}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({ client_id: 'app', client_secret: SECRET, ...form }),
    signal: AbortSignal.timeout(30_000),
  })
  return { status: response.status, ...(await response.json()) }
}

const refresh = (server, refresh_token) => post(server, { grant_type: 'refresh_token', refresh_token })
const exchange = (server, subject_token) =>
  post(server, { grant_type: TOKEN_EXCHANGE, subject_token, subject_token_type: 'urn:ietf:params:oauth:token-type:jwt' })
const statuses = (replies) => replies.map(({ status }) => status).toSorted()

/** What they share, and how many they are. */
const STORES = {
  postgres: {
    count: 5,
    skip: noPostgres,
    async start() {
      const { url, stop } = await postgresServer()
      return { store: url, stop }
    },
  },
  redis: {
    skip: noRedis,
    async start() {
      const { url, stop } = await redisServer()
      return { store: url, stop }
    },
  },
  'a SQLite file': {
    async start() {
      const directory = mkdtempSync(join(tmpdir(), 'exchequer-replicas-'))
      const stop = () => rmSync(directory, { recursive: true, force: true })
      return { store: `sqlite:${join(directory, 'shared.sqlite')}`, stop }
    },
  },
}

for (const [name, { skip = false, count = 2, start }] of Object.entries(STORES)) {
  describe(`${count} servers on ${name}`, { skip, timeout: 180_000 }, () => {
    let idp, behind, servers, one, other
    before(async () => {
      idp = await issuer()
      behind = await start()
      const started = await Promise.allSettled(Array.from({ length: count }, () => serve(() => document(idp), behind)))
      servers = started.filter(({ status }) => status === 'fulfilled').map(({ value }) => value)
      assert.deepEqual(started.filter(({ status }) => status === 'rejected').map(({ reason }) => reason), [])
      ;[one, other] = servers
    })
    after(async () => {
      for (const server of servers ?? []) await server.stop()
      await behind?.stop()
    })

    let tokens = 0
    const token = (claims) => idp.token({ iat: now() - 10, exp: now() + 600, jti: `t-${++tokens}`, sub: `s-${tokens}`, ...claims })
    const family = async () => (await exchange(one, await token())).refresh_token

    it('sign with one key, whoever was asked first', async () => {
      const jwks = async ({ url }) => (await fetch(`${url}/oauth2/jwks`)).text()
      // The key is made when it is first needed: here, by both at once.
      const [mine, others] = await Promise.all([jwks(one), jwks(other)])
      assert.equal(JSON.parse(mine).keys.length, 1)
      assert.equal(mine, others)
    })

    it('rotate a refresh token in turn', async () => {
      let refresh_token = await family()
      for (let i = 0; i < 6; i++) {
        const issued = await refresh(servers[i % 2], refresh_token)
        assert.equal(issued.status, 200, issued.error_description)
        assert.notEqual(issued.refresh_token, refresh_token)
        refresh_token = issued.refresh_token
      }
    })

    it('rotate a refresh token once when both are asked at once', async () => {
      for (let i = 0; i < 10; i++) {
        const refresh_token = await family()
        const replies = await Promise.all(servers.flatMap((server) => [refresh(server, refresh_token), refresh(server, refresh_token)]))
        const issued = replies.filter(({ status }) => status === 200)
        assert.ok(issued.length <= 1, JSON.stringify(statuses(replies)))
        assert.ok(replies.every(({ status, error }) => status === 200 || error === 'invalid_grant'), JSON.stringify(replies))
      }
    })

    it('revoke the family when the one sees again what the other has rotated', async () => {
      const spent = await family()
      const { refresh_token } = await refresh(one, spent)
      assert.equal((await refresh(other, spent)).error, 'invalid_grant')
      assert.equal((await refresh(one, refresh_token)).error, 'invalid_grant')
    })

    it('take a token once between them', async () => {
      for (let i = 0; i < 10; i++) {
        const subject = await token()
        const replies = await Promise.all(servers.flatMap((server) => [exchange(server, subject), exchange(server, subject)]))
        assert.deepEqual(statuses(replies), [200, ...Array(2 * count - 1).fill(400)])
      }
      const spent = await token()
      assert.equal((await exchange(one, spent)).status, 200)
      assert.match((await exchange(other, spent)).error_description, /before|already|once/)
    })

    it('know a link that the other has made', async () => {
      const sub = 'linked'
      const subject = async (server, claims) => decodeJwt((await exchange(server, await token({ sub, ...claims }))).access_token).sub
      assert.equal(await subject(other), sub)
      assert.equal(await subject(one, { email: 'ada@example.com', email_verified: true }), 'u-1')
      // No e-mail address to be found by: it is the link that counts.
      assert.equal(await subject(other), 'u-1')
    })

    it('go on when one is killed under load, and nothing is spent twice', async () => {
      const [killed, left] = servers
      const subjects = await Promise.all(Array.from({ length: 300 }, () => token()))
      const outcomes = { issued: new Map(), lost: 0, wrong: [] }
      const ask = async (server, subject) => {
        const reply = await exchange(server, subject).catch(() => undefined)
        if (reply === undefined && server === killed) outcomes.lost++
        else if (reply?.status === 200) outcomes.issued.set(subject, (outcomes.issued.get(subject) ?? 0) + 1)
        else if (reply?.error !== 'invalid_request' || reply.status !== 400) outcomes.wrong.push(reply ?? 'no answer')
      }
      const queue = [...subjects]
      const worker = async () => {
        for (let subject; (subject = queue.pop()) !== undefined; ) {
          if (queue.length === 200) void killed.kill()
          await Promise.all(servers.map((server) => ask(server, subject)))
        }
      }
      await Promise.all(Array.from({ length: 8 }, worker))
      assert.deepEqual(outcomes.wrong, [])
      assert.deepEqual([...outcomes.issued.values()].filter((times) => times > 1), [])
      assert.ok(outcomes.lost >= 190, `${outcomes.lost} requests were lost`)
      // Where the killed one may have spent a token, its answer was lost with it.
      assert.ok(subjects.length - outcomes.issued.size <= outcomes.lost)
      assert.ok(outcomes.issued.size >= 280, `${outcomes.issued.size} of ${subjects.length} were exchanged`)
      assert.equal((await exchange(left, await token())).status, 200)
    })
  })
}
