/**
 * Stores that fail under `exchequer serve`: a disk that is full, a file that may not
 * be written, a server that hangs, and a connection that ends between a commit and its
 * answer. Every answer is an OAuth error or a success, nothing that was acknowledged
 * is lost, nothing that was spent works again, and the service recovers by itself.
 */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'

import { freePort } from './support/ports.mjs'
import { noPostgres, postgresServer } from './support/postgres.mjs'
import { noRedis, redisServer } from './support/redis.mjs'
import { serve } from './support/serve.mjs'
import { config, issuer } from './support/tokens.mjs'

const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const SECRET = 'a-secret-of-the-application-0123456789'
/** Longer than any call of a store may take, twice. */
const PATIENCE_MS = 15_000
const now = () => Math.floor(Date.now() / 1000)

const idp = await issuer()
let serial = 0

/** Tokens count once, and there are refresh tokens: every exchange writes. `free` needs no store. */
function document() {
  const { trustedTokenIssuers, applications, ...rest } = config()
  const trusted = { ...trustedTokenIssuers[0], certificate: { jwks: idp.jwks } }
  return {
    ...rest,
    trustedTokenIssuers: [{ ...trusted, replayProtection: 'jti' }],
    applications: [{ ...applications[0], grantTypes: [TOKEN_EXCHANGE, 'refresh_token'] }],
  }
}

const token = () => idp.token({ iat: now() - 10, exp: now() + 600, jti: `fault-${++serial}`, sub: `s-${serial}` })

async function post({ url }, form) {
  const response = await fetch(`${url}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({ client_id: 'app', client_secret: SECRET, ...form }),
    signal: AbortSignal.timeout(PATIENCE_MS),
  })
  return { status: response.status, retryAfter: response.headers.get('retry-after'), ...(await response.json()) }
}
const exchange = (server, subject_token) =>
  post(server, { grant_type: TOKEN_EXCHANGE, subject_token, subject_token_type: 'urn:ietf:params:oauth:token-type:jwt' })
const refresh = (server, refresh_token) => post(server, { grant_type: 'refresh_token', refresh_token })
const health = async ({ url }) => (await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(PATIENCE_MS) })).status

function assertUnavailable(reply) {
  assert.deepEqual([reply.status, reply.error, reply.access_token], [503, 'temporarily_unavailable', undefined], JSON.stringify(reply))
  assert.match(reply.retryAfter, /^\d+$/)
}

async function until(holds, what) {
  for (const late = Date.now() + PATIENCE_MS; !(await holds()); await setTimeout(50)) {
    if (Date.now() > late) assert.fail(what)
  }
}

/** What holds before, while and after a store does not write: `fail` and `mend` are the fault. */
async function survives(server, fail, mend) {
  const spent = await token()
  const first = await exchange(server, spent)
  assert.equal(first.status, 200, JSON.stringify(first))
  await fail()
  const waiting = await token()
  for (let tries = 0; tries < 3; tries++) {
    assertUnavailable(await exchange(server, waiting))
    assertUnavailable(await refresh(server, first.refresh_token))
  }
  await mend()
  await until(async () => (await health(server)) === 200, 'it does not recover')
  assert.equal((await exchange(server, spent)).error, 'invalid_request', 'what was spent counts again')
  const second = await refresh(server, first.refresh_token)
  assert.equal(second.status, 200, `what was acknowledged is lost: ${JSON.stringify(second)}`)
  // Either the refused attempt was done after all, or the token still counts: never twice.
  const replies = [await exchange(server, waiting), await exchange(server, waiting)]
  assert.ok(replies.filter(({ status }) => status === 200).length <= 1)
  assert.equal((await exchange(server, await token())).status, 200)
}

const isRoot = process.getuid?.() === 0
const noMount = (() => {
  if (process.platform !== 'linux' || !isRoot) return 'only root on Linux may mount a small disk'
  const directory = mkdtempSync(join(tmpdir(), 'exchequer-mount-'))
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', directory])
  if (status === 0) execFileSync('umount', [directory])
  rmSync(directory, { recursive: true, force: true })
  return status === 0 ? false : 'no disk may be mounted here'
})()

describe('a SQLite file', { timeout: 120_000 }, () => {
  let server, directory
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'exchequer-store-faults-'))
  })
  after(() => rmSync(directory, { recursive: true, force: true }))
  const serveIn = (folder) => serve(() => document(), { store: `sqlite:${join(folder, 'store.sqlite')}` })

  it('on a disk that is full loses nothing, and goes on when there is room', { skip: noMount }, async () => {
    const disk = join(directory, 'disk')
    mkdirSync(disk)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk])
    try {
      server = await serveIn(disk)
      const ballast = join(disk, 'ballast')
      const fill = () => {
        // The rest of the disk, in pieces that end below a page of memory.
        spawnSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=64k', 'status=none'])
        spawnSync('sh', ['-c', `dd if=/dev/zero bs=512 status=none >> '${ballast}'`])
      }
      // A log that is there already has room for some batches: it is used up first.
      const used = async () => {
        fill()
        for (let n = 0; n < 200 && (await exchange(server, await token())).status === 200; n++);
      }
      await survives(server, used, () => rmSync(ballast))
    } finally {
      await server?.stop()
      execFileSync('umount', [disk])
    }
  })

  it('that may not grow loses nothing, and goes on when it may', { skip: process.platform !== 'linux' && 'prlimit is of Linux' }, async () => {
    const folder = join(directory, 'limit')
    mkdirSync(folder)
    server = await serveIn(folder)
    const limit = (bytes) => execFileSync('prlimit', ['--pid', String(server.pid), `--fsize=${bytes}:unlimited`])
    try {
      const used = async () => {
        const log = join(folder, 'store.sqlite-wal')
        limit(existsSync(log) ? statSync(log).size : 0)
        for (let n = 0; n < 200 && (await exchange(server, await token())).status === 200; n++);
      }
      await survives(server, used, () => limit('unlimited'))
    } finally {
      await server.stop()
    }
  })

  it('that may not be written is refused at the start, by its name', async () => {
    const folder = join(directory, 'readonly')
    mkdirSync(folder)
    server = await serveIn(folder)
    await server.stop()
    const path = join(folder, 'store.sqlite')
    if (isRoot && noMount) return
    chmodSync(path, 0o444)
    chmodSync(folder, 0o555)
    if (isRoot) execFileSync('mount', ['--bind', '-o', 'ro', folder, folder])
    try {
      await assert.rejects(serveIn(folder), (error) => {
        assert.match(error.message, /store\.sqlite/)
        assert.match(error.message, /read-?only|written/i)
        return true
      })
    } finally {
      if (isRoot) execFileSync('umount', [folder])
      chmodSync(folder, 0o755)
    }
  })
})

/**
 * A proxy that can end a connection whose client has sent a commit. The store gets the
 * commit nevertheless, so many milliseconds later.
 */
async function wire(port, lateMs) {
  let cutting = false
  let cuts = 0
  const server = createServer((client) => {
    const store = connect(port, '127.0.0.1')
    store.pipe(client)
    client.on('data', (data) => {
      // Reads pass; what changes something is carried out, and its answer is lost.
      if (!cutting || !/commitBatch|EVALSHA|exchequer_commit/.test(data.toString('latin1'))) return void store.write(data)
      cuts++
      if (lateMs === 0) store.write(data)
      else globalThis.setTimeout(() => store.write(data), lateMs)
      client.destroy()
      // The store has the bytes by then: it carries them out.
      globalThis.setTimeout(() => store.destroy(), lateMs + 500)
    })
    client.on('error', () => store.destroy()).on('close', () => cutting || store.end())
    store.on('error', () => client.destroy()).on('close', () => client.end())
  })
  server.listen(await freePort(), '127.0.0.1')
  await once(server, 'listening')
  return {
    port: server.address().port,
    cut: (on) => (cutting = on),
    get cuts() {
      return cuts
    },
    stop: () => server.close(),
  }
}

/** Redis does not tell what it was sent and has not read: there the commit is not late. */
const SERVERS = {
  redis: { skip: noRedis, start: redisServer, lateMs: 0, at: (behind, port) => `redis://127.0.0.1:${port}` },
  postgres: {
    skip: noPostgres,
    start: () => postgresServer(),
    lateMs: 200,
    at({ url }, port) {
      const through = new URL(url)
      through.port = String(port)
      return through.href
    },
  },
}

for (const [name, { skip, start, lateMs, at }] of Object.entries(SERVERS)) {
  describe(`a store on ${name}`, { skip, timeout: 180_000 }, () => {
    let behind, between, server
    before(async () => {
      behind = await start()
      between = await wire(Number(new URL(behind.url).port), lateMs)
      server = await serve(() => document(), { store: at(behind, between.port) })
    })
    after(async () => {
      behind?.resume()
      await server?.stop()
      between?.stop()
      await behind?.stop()
    })

    it('that hangs is given up within seconds, and used again when it answers', async () => {
      await survives(server, () => behind.pause(), () => behind.resume())
    })

    it('that is killed and started again', async () => {
      await survives(server, () => behind.kill(), () => behind.restart())
    })

    // The answer of the store is lost, and the one of the server is not: it looks.
    it('whose answers to commits are lost spends a token once, and says so', async () => {
      for (let n = 1; n <= 8; n++) {
        const subject = await token()
        between.cut(true)
        const issued = await exchange(server, subject)
        between.cut(false)
        assert.equal(between.cuts, n)
        assert.equal(issued.status, 200, JSON.stringify(issued))
        assert.equal((await exchange(server, subject)).error, 'invalid_request', 'it counts twice')
        assert.equal((await refresh(server, issued.refresh_token)).status, 200)
      }
    })

    it('whose answers to refreshes are lost makes no thief of the client', async () => {
      let { refresh_token } = await exchange(server, await token())
      for (let n = 0; n < 5; n++) {
        between.cut(true)
        const issued = await refresh(server, refresh_token)
        between.cut(false)
        assert.equal(issued.status, 200, JSON.stringify(issued))
        refresh_token = issued.refresh_token
      }
      assert.equal((await refresh(server, refresh_token)).status, 200)
    })
  })
}
