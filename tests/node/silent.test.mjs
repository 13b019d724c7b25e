/** Servers that take a connection and never answer: the start, requests and the end wait for them no longer than they may. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import { createExchequer } from 'exchequer'
import { memoryStore } from 'exchequer/stores/memory'
import { sqliteStore } from 'exchequer/stores/sqlite'

import { run } from './support/command.mjs'
import { NOW } from './support/conformance.mjs'
import { serve } from './support/serve.mjs'
import { noSqld, sqldServer } from './support/sqld.mjs'

const never = () => new Promise(() => undefined)
const put = (key) => ({ key, value: Buffer.from('x'), expect: 'any', expiresAt: undefined })

/** A server that takes connections and says nothing. */
async function silent() {
  const sockets = new Set()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket)).resume()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: server.address().port,
    stop() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

// Without a limit each of these would wait until the test is given up.
describe('a libSQL server that does not answer', { timeout: 60_000 }, () => {
  let server
  before(async () => (server = await silent()))
  after(() => server?.stop())

  it('is not opened', async () => {
    await assert.rejects(sqliteStore(`http://127.0.0.1:${server.port}`), /did not answer|timeout|aborted/i)
    await assert.rejects(sqliteStore(`ws://127.0.0.1:${server.port}`), /did not answer/)
  })

  it('is said to be why a server does not start', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'exchequer-silent-'))
    writeFileSync(join(directory, 'exchequer.json'), JSON.stringify({ issuer: 'http://127.0.0.1:1' }))
    const store = `libsql://127.0.0.1:${server.port}?tls=0&authToken=a-secret-of-the-store`
    const { code, out, err } = await run(['serve', '--config', 'exchequer.json', '--port', '0', '--store', store], { cwd: directory })
    rmSync(directory, { recursive: true, force: true })
    assert.equal(code, 1, err)
    assert.match(err, /the store `libsql:\/\/127\.0\.0\.1:\d+\?…` cannot be opened: .*(did not answer|timeout|aborted)/i)
    assert.doesNotMatch(out + err, /a-secret/)
  })
})

describe('a libSQL server that falls silent', { skip: noSqld, timeout: 120_000 }, () => {
  let server
  before(async () => (server = await sqldServer()))
  after(() => server?.stop())

  it('fails every call, and takes them again when it goes on', async (t) => {
    t.after(() => server.resume())
    const store = await sqliteStore(server.url)
    assert.equal(await store.commit([put('before')], NOW), true)
    server.pause()
    const asked = Array.from({ length: 20 }, (_, i) => (i % 2 ? store.commit([put(`silent/${i}`)], NOW) : store.read(['before'], NOW)))
    const outcomes = await Promise.allSettled(asked)
    assert.deepEqual(outcomes.map(({ status }) => status), asked.map(() => 'rejected'))
    server.resume()
    for (let tries = 0; ; tries++) {
      const done = await store.commit([put('after')], NOW).catch(() => false)
      if (done) break
      assert.ok(tries < 20)
    }
    assert.ok((await store.read(['after'], NOW))[0])
    store.close()
  })

  it('keeps no server from answering, and from its end', async (t) => {
    const sts = await serve((url) => ({ issuer: url }), { store: server.url.replace('http:', 'libsql:') + '?tls=0', args: ['--grace', '1'] })
    t.after(() => sts.kill())
    assert.equal((await fetch(`${sts.url}/healthz`)).status, 200)
    t.after(() => server.resume())
    server.pause()
    assert.equal((await fetch(`${sts.url}/healthz`)).status, 503)
    assert.equal(await sts.stop(), 0)
  })
})

describe('the end of a service', { timeout: 60_000 }, () => {
  it('does not wait for ever for a store that never answers', async () => {
    const kept = memoryStore()
    let isSilent = false
    const store = {
      read: (...ask) => (isSilent ? never() : kept.read(...ask)),
      list: (...ask) => (isSilent ? never() : kept.list(...ask)),
      commit: (...ask) => (isSilent ? never() : kept.commit(...ask)),
      close: never,
    }
    const sts = await createExchequer({ issuer: 'https://sts.example.com' }, { store })
    isSilent = true
    void sts.handle({ method: 'GET', target: '/healthz' })
    await sts.close({ graceMs: 50 })
  })

  it('gives up what a collector was sent before, and did not answer', async () => {
    const signals = []
    const sts = await createExchequer(
      { issuer: 'https://sts.example.com', telemetry: { otlp: 'http://127.0.0.1:4318' } },
      {
        fetch: (_, { signal }) => {
          signals.push(signal)
          return never()
        },
        // Then each span is sent at once.
        background: () => undefined,
      },
    )
    await sts.handle({ method: 'POST', target: '/oauth2/token', headers: ['content-type', 'application/x-www-form-urlencoded'], body: 'grant_type=x' })
    assert.deepEqual(signals.map(({ aborted }) => aborted), [false])
    await sts.close()
    assert.deepEqual(signals.map(({ aborted }) => aborted), [true])
  })

  it('closes the store before it sends its last telemetry, and does not wait for ever for the collector', async () => {
    const kept = memoryStore()
    const sent = []
    let isClosed = false
    const sts = await createExchequer(
      { issuer: 'https://sts.example.com', telemetry: { otlp: 'http://127.0.0.1:4318' } },
      {
        store: {
          read: (...ask) => kept.read(...ask),
          list: (...ask) => kept.list(...ask),
          commit: (...ask) => kept.commit(...ask),
          close: () => void (isClosed = true),
        },
        fetch: () => {
          sent.push(isClosed)
          return never()
        },
      },
    )
    await sts.handle({ method: 'POST', target: '/oauth2/token', headers: ['content-type', 'application/x-www-form-urlencoded'], body: 'grant_type=x' })
    await sts.close()
    assert.ok(sent.length > 0 && sent.every(Boolean), JSON.stringify(sent))
  })
})
