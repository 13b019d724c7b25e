/**
 * Two and five `exchequer serve` on one store never accept what counts once twice, however often
 * they are sent it at the same time: some hundred races on each store. `ONCE_RACES=10000` is the
 * long form, whose result stands in SECURITY.md.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'

import { RACES, TIMEOUT_MS, contest, race, replyOf } from './support/once-races.mjs'
import { noPostgres, postgresServer } from './support/postgres.mjs'
import { noRedis, redisServer } from './support/redis.mjs'
import { serve } from './support/serve.mjs'

const REPLICAS = 5

const STORES = {
  'a SQLite file': {
    async start() {
      const directory = mkdtempSync(join(tmpdir(), 'exchequer-once-'))
      return { store: `sqlite:${join(directory, 'shared.sqlite')}`, stop: () => rmSync(directory, { recursive: true, force: true }) }
    },
  },
  'a Redis server': {
    skip: noRedis,
    async start() {
      const { url, stop } = await redisServer()
      return { store: url, stop }
    },
  },
  'a PostgreSQL server': {
    skip: noPostgres,
    async start() {
      const { url, stop } = await postgresServer()
      return { store: url, stop }
    },
  },
}

for (const [name, { skip = false, start }] of Object.entries(STORES)) {
  describe(`two and five replicas on ${name}`, { skip, timeout: TIMEOUT_MS }, () => {
    it(`accept what counts once no more than once in ${RACES} races`, async () => {
      const { config, ...rest } = await contest()
      const behind = await start()
      const servers = []
      try {
        const started = await Promise.allSettled(Array.from({ length: REPLICAS }, () => serve(() => config, behind)))
        servers.push(...started.filter(({ status }) => status === 'fulfilled').map(({ value }) => value))
        assert.equal(servers.length, REPLICAS, started.map(({ reason }) => reason).join('\n'))
        const sending = ({ url }) => async ({ form, headers }) => replyOf(await fetch(`${url}/oauth2/token`, { method: 'POST', headers, body: new URLSearchParams(form) }))
        await race(rest, servers.map(sending))
      } finally {
        await Promise.all(servers.map((server) => server.stop()))
        await behind.stop()
      }
    })
  })
}
