/**
 * Clocks that are wrong: one that jumps ahead and comes back, one that jumps back, and
 * replicas whose clocks differ by a minute. Nothing that was spent counts again, nothing
 * that was revoked comes back, and afterwards everything goes on.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import { createExchequer } from 'exchequer'
import { memoryStore } from 'exchequer/stores/memory'
import { postgresStore } from 'exchequer/stores/postgres'
import { redisStore } from 'exchequer/stores/redis'
import { sqliteStore } from 'exchequer/stores/sqlite'

import { noPostgres, postgresServer } from './support/postgres.mjs'
import { noRedis, redisServer } from './support/redis.mjs'
import { NOW, STS, config, issuer, jwksFetch } from './support/tokens.mjs'

const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const SECRET = 'a-secret-of-the-application-0123456789'
const [MINUTE, HOUR] = [60, 3600]

const idp = await issuer()
const directory = mkdtempSync(join(tmpdir(), 'exchequer-clocks-'))
after(() => rmSync(directory, { recursive: true, force: true }))

/** How a store is opened, twice for two replicas; in memory there is one. */
const STORES = {
  memory: { open: async () => [memoryStore()] },
  sqlite: { open: async () => both(() => sqliteStore(`file:${join(directory, 'clocks.sqlite')}`)) },
  redis: { skip: noRedis, behind: redisServer, open: ({ url }) => both(() => redisStore(url)) },
  postgres: { skip: noPostgres, behind: () => postgresServer(), open: ({ url }) => both(() => postgresStore(url)) },
}
const both = async (open) => [await open(), await open()]

/** Tokens count once; issued are JWTs that can be revoked, and refresh tokens. */
function document() {
  const { trustedTokenIssuers, applications, ...rest } = config()
  return {
    ...rest,
    trustedTokenIssuers: [{ ...trustedTokenIssuers[0], replayProtection: 'jti' }],
    applications: [{ ...applications[0], grantTypes: [TOKEN_EXCHANGE, 'refresh_token'] }],
  }
}

async function service(store, clock) {
  const sts = await createExchequer(document(), { store, fetch: jwksFetch(idp.jwks), now: () => clock.now, onError() {} })
  const post = async (path, form) => {
    const body = new URLSearchParams({ client_id: 'app', client_secret: SECRET, ...form })
    const response = await sts.fetch(new Request(`${STS}${path}`, { method: 'POST', body }))
    const text = await response.text()
    return { status: response.status, ...(text !== '' && JSON.parse(text)) }
  }
  return {
    exchange: (subject_token) =>
      post('/oauth2/token', { grant_type: TOKEN_EXCHANGE, subject_token, subject_token_type: 'urn:ietf:params:oauth:token-type:jwt' }),
    refresh: (refresh_token) => post('/oauth2/token', { grant_type: 'refresh_token', refresh_token }),
    isActive: async (token) => (await post('/oauth2/introspect', { token })).active,
    revoke: (token) => post('/oauth2/revoke', { token }),
    close: () => sts.close(),
  }
}

let serial = 0
const token = (clock, claims) => idp.token({ iat: clock.now - 5, exp: clock.now + 10 * MINUTE, jti: `c-${++serial}`, sub: 's', ...claims })

for (const [name, { skip = false, behind, open }] of Object.entries(STORES)) {
  describe(`clocks around a store in ${name}`, { skip, timeout: 120_000 }, () => {
    let server, stores
    before(async () => {
      server = await behind?.()
      stores = await open(server)
    })
    after(async () => {
      for (const store of stores ?? []) await store.close?.()
      await server?.stop()
    })

    it('a jump ahead and back lets nothing count again', async () => {
      const clock = { now: NOW }
      const sts = await service(stores[0], clock)
      const spent = await token(clock)
      const first = await sts.exchange(spent)
      const second = await sts.refresh(first.refresh_token)
      assert.equal(second.status, 200)
      const revoked = (await sts.exchange(await token(clock))).access_token
      await sts.revoke(revoked)
      for (const ahead of [2 * HOUR, 3 * HOUR, 24 * 40 * HOUR, 24 * 41 * HOUR]) {
        clock.now = NOW + ahead
        // Whatever it writes and sweeps meanwhile.
        for (let n = 0; n < 3; n++) assert.equal((await sts.exchange(await token(clock))).status, 200)
        clock.now += 2 * MINUTE
        await sts.exchange(await token(clock))
        assert.notEqual((await sts.exchange(spent)).status, 200)
      }
      clock.now = NOW + MINUTE
      assert.equal((await sts.exchange(spent)).error, 'invalid_request', 'a spent token counts again')
      assert.equal(await sts.isActive(revoked), false, 'a revoked token is active again')
      assert.equal((await sts.refresh(first.refresh_token)).error, 'invalid_grant', 'a spent refresh token counts again')
      assert.equal((await sts.exchange(await token(clock))).status, 200)
    })

    it('a jump back stops nothing and revives nothing', async () => {
      const clock = { now: NOW + 100 * HOUR }
      const sts = await service(stores[0], clock)
      const spent = await token(clock)
      assert.equal((await sts.exchange(spent)).status, 200)
      const old = await token(clock, { exp: clock.now - HOUR })
      assert.notEqual((await sts.exchange(old)).status, 200)
      clock.now -= 30 * MINUTE
      assert.notEqual((await sts.exchange(spent)).status, 200)
      assert.equal((await sts.exchange(await token(clock))).status, 200)
      const issued = await sts.exchange(await token(clock))
      assert.equal((await sts.refresh(issued.refresh_token)).status, 200)
      clock.now += 31 * MINUTE
      assert.notEqual((await sts.exchange(spent)).status, 200)
    })

    it('a replica that is a minute wrong spends nothing twice', async () => {
      const begin = NOW + 200 * HOUR
      const clocks = [{ now: begin }, { now: begin + MINUTE }]
      const replicas = await Promise.all(clocks.map((clock, n) => service(stores[n % stores.length], clock)))
      for (const [one, other] of [[0, 1], [1, 0]]) {
        const [here, there] = [replicas[one], replicas[other]]
        const subject = await token(clocks[0], { exp: begin + 2 * MINUTE })
        const issued = await here.exchange(subject)
        assert.equal(issued.status, 200, JSON.stringify(issued))
        assert.equal((await there.exchange(subject)).error, 'invalid_request')
        assert.equal(await there.isActive(issued.access_token), true, 'one does not know the token of the other')
        const next = await there.refresh(issued.refresh_token)
        assert.equal(next.status, 200, JSON.stringify(next))
        assert.equal((await here.refresh(issued.refresh_token)).error, 'invalid_grant')
        await here.revoke(issued.access_token)
        assert.equal(await there.isActive(issued.access_token), false)
      }
      // The one that is ahead sweeps; the one that is behind still needs it.
      const late = await token(clocks[0], { exp: begin + 3 * MINUTE })
      assert.equal((await replicas[0].exchange(late)).status, 200)
      clocks[1].now = begin + 4 * MINUTE
      for (let n = 0; n < 3; n++) await replicas[1].exchange(await token(clocks[1]))
      clocks[0].now = begin + 2 * MINUTE + 50
      assert.equal((await replicas[0].exchange(late)).error, 'invalid_request')
    })
  })
}
