/**
 * Clients that take their time, over real sockets: they are cut off, and others are
 * served meanwhile. And the end of a server: what was begun is finished.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { afterEach, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import { listen } from 'exchequer/node'

import { serve } from './support/serve.mjs'
import { ISSUER, config, issuer } from './support/tokens.mjs'

const HEAD = 'POST /oauth2/token HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\n'
/** More than the buffers of both ends hold. */
const LARGE = 64 * 1024 * 1024

describe('a slow client', { timeout: 120_000 }, () => {
  let server
  const sockets = []
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy()
    await server.close()
  })

  /** A server whose service answers at once, with so many bytes. */
  async function open(options, handle = () => replyOf(2)) {
    server = await listen({ handle }, { port: 0, clientTimeoutMs: 600, graceMs: 600, ...options })
  }

  // Made beforehand: a process that is busy with it takes others for slow clients.
  const large = Buffer.alloc(LARGE, 32)
  const replyOf = (bytes) => ({ status: 200, headers: ['content-type', 'application/json'], body: large.subarray(0, bytes) })

  function client() {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    sockets.push(socket)
    const heard = { socket, text: '', bytes: 0, closed: false }
    heard.gone = new Promise((resolve) => socket.on('close', () => resolve((heard.closed = true))))
    socket.on('error', () => undefined)
    return heard
  }

  const listening = (heard) => {
    heard.socket.on('data', (data) => {
      heard.bytes += data.length
      if (heard.bytes < 10_000) heard.text += data
    })
    return heard
  }

  /** Sends byte by byte, as long as it can. */
  async function trickle({ socket }, text) {
    for (const byte of text) {
      if (socket.destroyed) return
      socket.write(byte)
      await sleep(30)
    }
  }

  const served = async () => assert.equal((await fetch(`${server.url}/healthz`)).status, 200)

  it('that sends nothing is cut off', async () => {
    await open()
    const heard = listening(client())
    await heard.gone
    await served()
  })

  it('that sends its head byte by byte is cut off', async () => {
    await open()
    const heard = listening(client())
    await Promise.race([trickle(heard, HEAD.repeat(50)), heard.gone])
    await heard.gone
    assert.match(heard.text, /^HTTP\/1\.1 408 /)
    await served()
  })

  it('is cut off sooner at its head than at its body', async () => {
    await open({ clientTimeoutMs: 6000 })
    const [head, body] = [listening(client()), listening(client())]
    head.socket.write(HEAD)
    body.socket.write(`${HEAD}content-length: 4\r\n\r\nab`)
    await head.gone
    assert.equal(body.closed, false)
    await body.gone
  })

  it('does not get a head of more than 32 KiB in', async () => {
    await open()
    const get = (bytes) => fetch(`${server.url}/healthz`, { headers: { 'x-long': 'a'.repeat(bytes) } })
    assert.equal((await get(31 * 1024)).status, 200)
    assert.equal((await get(33 * 1024)).status, 431)
  })

  it('that reads its reply in time is left alone afterwards', async () => {
    const REPLY = 16 * 1024 * 1024
    await open({ clientTimeoutMs: 4000 }, () => replyOf(REPLY))
    const heard = listening(client())
    for (const times of [1, 2]) {
      heard.socket.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n')
      while (heard.bytes < times * REPLY && !heard.closed) await sleep(10)
      assert.ok(heard.bytes >= times * REPLY, `${heard.bytes} bytes`)
      await sleep(times === 1 ? 5000 : 0)
      assert.equal(heard.closed, false)
    }
  })

  it('that sends its body byte by byte is cut off', async () => {
    let handled = 0
    await open({}, () => (handled++, replyOf(2)))
    const heard = listening(client())
    heard.socket.write(`${HEAD}content-length: 1000\r\n\r\n`)
    await Promise.race([trickle(heard, 'a'.repeat(999)), heard.gone])
    await heard.gone
    assert.match(heard.text, /^HTTP\/1\.1 408 /)
    assert.equal(handled, 0, 'half a request is none')
    await served()
  })

  it('that goes on with a body that is too long is cut off before its time is over', async () => {
    await open({ clientTimeoutMs: 600_000 })
    const heard = listening(client())
    heard.socket.write(`${HEAD}transfer-encoding: chunked\r\n\r\n`)
    const more = setInterval(() => heard.socket.write(`ffff\r\n${'x'.repeat(0xffff)}\r\n`), 20)
    await heard.gone
    clearInterval(more)
    assert.match(heard.text, /^HTTP\/1\.1 200 [^]*\r\nconnection: close/i)
    await served()
  })

  it('that sends a second head byte by byte is cut off, too', async () => {
    await open()
    const heard = listening(client())
    heard.socket.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n')
    while (!heard.text.includes('200 OK')) await sleep(10)
    await Promise.race([trickle(heard, HEAD.repeat(50)), heard.gone])
    await heard.gone
    assert.match(heard.text, /HTTP\/1\.1 408 /)
  })

  it('that never reads its reply is cut off', async () => {
    await open({}, ({ target }) => replyOf(target === '/large' ? LARGE : 2))
    const heard = client()
    heard.socket.pause()
    heard.socket.write('GET /large HTTP/1.1\r\nhost: x\r\n\r\n')
    // Others are served while this one holds its reply up.
    await served()
    await sleep(1500)
    listening(heard).socket.resume()
    await heard.gone
    assert.ok(heard.bytes > 0 && heard.bytes < LARGE, `${heard.bytes} bytes`)
  })

  it('that reads a little now and then is cut off', async () => {
    await open({}, () => replyOf(LARGE))
    const heard = client()
    heard.socket.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n')
    heard.socket.pause()
    let bytes = 0
    for (let i = 0; i < 500 && !heard.closed; i++) {
      bytes += heard.socket.read(1)?.length ?? 0
      if (i === 60) listening(heard).socket.resume()
      await sleep(30)
    }
    await heard.gone
    assert.ok(heard.bytes < LARGE, `${bytes} and ${heard.bytes} bytes`)
  })

  it('that pipelines and never reads is cut off', async () => {
    let handled = 0
    await open({}, () => (handled++, replyOf(64 * 1024)))
    const heard = client()
    heard.socket.pause()
    const sent = 100_000
    heard.socket.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(sent))
    await sleep(1500)
    // What came in one piece is begun, and no more is read while replies wait.
    assert.ok(handled < sent / 10, `${handled} requests were begun`)
    listening(heard).socket.resume()
    await heard.gone
    await served()
  })

  it('that is idle is left alone until the idle timeout', async () => {
    await open({ idleTimeoutMs: 300 })
    const heard = listening(client())
    heard.socket.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n')
    await heard.gone
    assert.match(heard.text, /^HTTP\/1\.1 200 OK/)
  })

  it('does not keep a closing server from finishing what it began', async () => {
    let finish
    // Nobody waits for the grace: it is longer than the test may take.
    await open({ clientTimeoutMs: 60_000, graceMs: 600_000 }, () => new Promise((resolve) => (finish = () => resolve(replyOf(2)))))
    const [answered, half, begun, idle, silent] = Array.from({ length: 5 }, () => listening(client()))
    answered.socket.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n')
    while (finish === undefined) await sleep(10)
    const first = finish
    finish = undefined
    // One that had its reply, and one on which nothing was ever sent.
    idle.socket.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n')
    while (finish === undefined) await sleep(10)
    finish()
    while (idle.bytes === 0) await sleep(10)
    finish = undefined
    half.socket.write(`${HEAD}content-length: 4\r\n\r\nab`)
    begun.socket.write('GET /healthz HTTP/1.1\r\nhost:')
    await sleep(50)
    const closing = server.close()
    await assert.rejects(fetch(`${server.url}/healthz`), 'no new connections')
    // A request that is still coming is taken to its end.
    half.socket.write('cd')
    while (finish === undefined) await sleep(10)
    finish()
    first()
    // So is one whose head is still coming, and it is the last one of its connection.
    finish = undefined
    begun.socket.write(' x\r\n\r\n')
    while (finish === undefined) await sleep(10)
    finish()
    await Promise.all([answered.gone, half.gone, begun.gone, idle.gone, silent.gone, closing])
    for (const { text } of [answered, half, begun]) {
      assert.match(text, /^HTTP\/1\.1 200 OK/)
      assert.match(text, /connection: close/i)
    }
  })

  it('does not hold a closing server up for longer than its grace', async () => {
    let begun
    const handled = new Promise((resolve) => (begun = resolve))
    // A reply that never comes. One that nobody reads Node would not wait for.
    await open({ clientTimeoutMs: 60_000 }, () => (begun(), new Promise(() => undefined)))
    const heard = listening(client())
    heard.socket.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n')
    await handled
    await server.close()
    await heard.gone
    assert.equal(heard.bytes, 0)
  })
})

describe('exchequer serve', { timeout: 120_000 }, () => {
  it('finishes the exchange that is under way at SIGTERM, and then ends', async () => {
    const idp = await issuer()
    let asked
    const fetching = new Promise((resolve) => (asked = resolve))
    let answer
    const keys = createServer((_, response) => {
      answer = () => response.setHeader('content-type', 'application/json').end(JSON.stringify(idp.jwks))
      asked()
    })
    keys.listen(0, '127.0.0.1')
    await once(keys, 'listening')
    const jwksUri = `http://127.0.0.1:${keys.address().port}/jwks`
    const running = await serve((url) => {
      const document = config()
      document.issuer = url
      document.trustedTokenIssuers[0].certificate = { jwksUri }
      document.trustedTokenIssuers[0].readTimeoutMs = 10_000
      return document
    }, { args: ['--grace', '30', '--client-timeout', '5', '--idle-timeout', '30'] })
    try {
      const now = Math.floor(Date.now() / 1000)
      const form = new URLSearchParams({
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token: await idp.token({ iss: ISSUER, aud: running.url, iat: now, exp: now + 300 }),
        subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      })
      const authorization = `Basic ${btoa('app:a-secret-of-the-application-0123456789')}`
      const exchanged = fetch(`${running.url}/oauth2/token`, { method: 'POST', body: form, headers: { authorization } })
      await fetching
      process.kill(running.pid, 'SIGTERM')
      while (!running.said().includes('stopping')) await sleep(10)
      await assert.rejects(fetch(`${running.url}/healthz`))
      answer()
      const response = await exchanged
      const said = await response.json()
      assert.equal(response.status, 200, JSON.stringify(said))
      assert.ok(said.access_token)
      await running.stop()
      assert.ok(running.written.some(({ event, status }) => event === 'token' && status === 200), 'the audit log has it')
    } finally {
      await running.stop()
      keys.closeAllConnections()
      keys.close()
    }
  })
})
