/** `limits` of several servers on one store: they count together. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { request as send } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'

import { noPostgres, postgresServer } from './support/postgres.mjs'
import { noRedis, redisServer } from './support/redis.mjs'
import { serve } from './support/serve.mjs'
import { config } from './support/tokens.mjs'

const SECRET = 'a-secret-of-the-application-0123456789'
const FAILURES = 6
/** Seconds after which one more failure is let through. */
const INTERVAL = 60 / FAILURES
const REQUESTS = 10

/** A token request; `from` is one of this machine's addresses. The application may authenticate, and no more. */
function status({ url }, secret, from) {
  const headers = { authorization: `Basic ${btoa(`app:${secret}`)}`, 'content-type': 'application/x-www-form-urlencoded' }
  return new Promise((resolve, reject) => {
    const sent = send(`${url}/oauth2/token`, { method: 'POST', localAddress: from, headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode))
    })
    sent.on('error', reject).end('grant_type=client_credentials')
  })
}

/** What they share, and how many they are. */
const STORES = {
  'a SQLite file': {
    count: 3,
    async start() {
      const directory = mkdtempSync(join(tmpdir(), 'exchequer-limits-'))
      const stop = () => rmSync(directory, { recursive: true, force: true })
      return { store: `sqlite:${join(directory, 'shared.sqlite')}`, stop }
    },
  },
  redis: {
    count: 2,
    skip: noRedis,
    async start() {
      const { url, stop } = await redisServer()
      return { store: url, stop }
    },
  },
  postgres: {
    count: 3,
    skip: noPostgres,
    async start() {
      const { url, stop } = await postgresServer()
      return { store: url, stop }
    },
  },
}

for (const [name, { skip = false, count, start }] of Object.entries(STORES)) {
  describe(`${count} servers on ${name}`, { skip, timeout: 180_000 }, () => {
    let behind, servers
    before(async () => {
      behind = await start()
      const document = (url) => ({ ...config({ limits: { failuresPerMinute: FAILURES, requestsPerSecond: REQUESTS } }), issuer: url })
      servers = await Promise.all(Array.from({ length: count }, () => serve(document, behind)))
    })
    after(async () => {
      for (const server of servers ?? []) await server.stop()
      await behind?.stop()
    })

    it('let as many attempts fail as one does, and each of the others one more', async () => {
      const began = Date.now()
      let failed = 0
      for (let attempt = 0; attempt < 20 * count; attempt++) {
        if ((await status(servers[attempt % count], 'wrong')) === 401) failed++
      }
      const since = Math.ceil((Date.now() - began) / 1000 / INTERVAL)
      assert.ok(failed >= FAILURES && failed <= FAILURES + count - 1 + since, `${failed} failed`)
      const turnedAway = await Promise.all(servers.map((server) => status(server, SECRET)))
      assert.deepEqual(turnedAway, Array(count).fill(429))
      // Nobody else is.
      for (const server of servers) assert.equal(await status(server, SECRET, '127.0.0.2'), 400)
    })

    it('serve a client as many requests in a second as one does', async () => {
      const ask = () => Promise.all(servers.map((server) => status(server, SECRET, '127.0.0.3')))
      let served = 0
      // From the beginning of a second on, as all of them see it.
      await setTimeout(1000 - (Date.now() % 1000))
      const began = Date.now()
      while (Date.now() - began < 3900) {
        served += (await ask()).filter((one) => one !== 429).length
        // Ten times as many as are allowed are enough.
        await setTimeout(1000 / REQUESTS / 10)
      }
      const seconds = Math.ceil((Date.now() - began) / 1000)
      // Those that were under way at once may be more.
      assert.ok(served >= REQUESTS * (seconds - 1) && served <= (REQUESTS + count) * seconds, `${served} in ${seconds} s`)
    })
  })
}
