/** What is fetched for the engine, against real HTTP servers that misbehave. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'

import { authority } from './support/authority.mjs'

const { Fetcher } = await import(new URL('../fetch.js', import.meta.resolve('exchequer')))

const { causeOf, isLost } = await import(new URL('../cause.js', import.meta.resolve('exchequer')))

const directory = mkdtempSync(join(tmpdir(), 'exchequer-fetch-'))
after(() => rmSync(directory, { recursive: true, force: true }))
const servers = []
after(() => servers.forEach((server) => server.close().closeAllConnections()))

async function serve(handler) {
  const server = createServer(handler)
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${server.address().port}/jwks`
}

const get = (url, limits = {}, fetcher = new Fetcher(fetch)) =>
  fetcher.fetch({ ask: 'fetch', url, timeoutMs: 1000, maxBytes: 1000, ...limits })

describe('fetch', () => {
  it('says what the server said', async () => {
    const url = await serve((_, response) => {
      response.writeHead(404, { 'cache-control': 'max-age=60' }).end('no such thing')
    })
    assert.deepEqual(await get(url), {
      answer: 'fetched',
      status: 404,
      cacheControl: 'max-age=60',
      location: null,
      body: Buffer.from('no such thing').toString('base64url'),
    })
  })

  it('sends a form once for each who asks, and tells what came back', async () => {
    const seen = []
    const url = await serve(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      seen.push([request.method, request.headers['content-type'], body])
      response.writeHead(400).end('{}')
    })
    const fetcher = new Fetcher(fetch)
    const ask = { ask: 'submit', url, body: 'code=a%26b', timeoutMs: 5000, maxBytes: 1000 }
    const answers = await Promise.all([fetcher.submit(ask), fetcher.submit(ask)])
    assert.deepEqual(answers.map(({ status }) => status), [400, 400])
    assert.deepEqual(seen, Array(2).fill(['POST', 'application/x-www-form-urlencoded', 'code=a%26b']))
  })

  it('follows no redirect', async () => {
    let requests = 0
    const url = await serve((_, response) => {
      requests++
      response.writeHead(302, { location: '/elsewhere' }).end()
    })
    const answer = await get(url)
    assert.equal(answer.status, 302)
    assert.equal(answer.location, '/elsewhere')
    assert.equal(requests, 1)
  })

  it('reads up to the limit and not one byte further', async () => {
    const url = await serve((request, response) => response.end('x'.repeat(1000)))
    assert.equal((await get(url, { maxBytes: 1000 })).answer, 'fetched')
    assert.deepEqual(await get(url, { maxBytes: 999 }), { answer: 'failed', failed: 'tooLarge' })
  })

  it('stops reading a body that does not end', async () => {
    let closed
    const gone = new Promise((resolve) => (closed = resolve))
    const url = await serve((_, response) => {
      const pump = setInterval(() => response.write('x'.repeat(400)), 5)
      response.on('close', () => {
        clearInterval(pump)
        closed()
      })
    })
    assert.deepEqual(await get(url), { answer: 'failed', failed: 'tooLarge' })
    await gone
  })

  it('gives up on a server that says nothing', async () => {
    const url = await serve(() => undefined)
    assert.deepEqual(await get(url, { timeoutMs: 50 }), { answer: 'failed', failed: 'timedOut' })
  })

  it('gives up on a fetch function that heeds no signal, and asks again', async () => {
    const alive = setInterval(() => undefined, 10)
    const fetcher = new Fetcher(() => new Promise(() => undefined))
    const ask = { ask: 'fetch', url: 'https://a.example/', timeoutMs: 20, maxBytes: 10 }
    for (let n = 0; n < 2; n++) assert.deepEqual(await fetcher.fetch(ask), { answer: 'failed', failed: 'timedOut' })
    clearInterval(alive)
  })

  it('gives up on a body that trickles', async () => {
    const url = await serve((_, response) => {
      const trickle = setInterval(() => response.write('x'), 10)
      response.on('close', () => clearInterval(trickle))
    })
    assert.deepEqual(await get(url, { timeoutMs: 100 }), { answer: 'failed', failed: 'timedOut' })
  })

  it('says that nobody is there', async () => {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${server.address().port}/`
    server.close()
    await once(server, 'close')
    assert.deepEqual(await get(url), { answer: 'failed', failed: 'unreachable' })
    assert.deepEqual(await get('no url'), { answer: 'failed', failed: 'unreachable' })
  })

  it('says what kind of cause it was', async () => {
    assert.deepEqual(await get('https://nobody.invalid/jwks', { timeoutMs: 20_000 }), { answer: 'failed', failed: 'unresolved' })
    const { tls } = authority(directory, 'idp.example.com')
    const server = createTlsServer(tls, (_, response) => response.end('{}'))
    servers.push(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    assert.deepEqual(await get(`https://127.0.0.1:${server.address().port}/`), { answer: 'failed', failed: 'untrusted' })
  })

  it('knows the causes of other runtimes by their codes and words', () => {
    for (const [error, cause] of [
      [{ cause: { code: 'ENOTFOUND' } }, 'unresolved'],
      [{ cause: { errors: [{ code: 'ECONNREFUSED' }, { code: 'ECONNREFUSED' }] } }, 'unreachable'],
      [{ cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' } }, 'untrusted'],
      [{ cause: { code: 'CERT_HAS_EXPIRED' } }, 'untrusted'],
      [{ cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' } }, 'untrusted'],
      [{ code: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY' }, 'untrusted'],
      [{ code: 'ConnectionRefused' }, 'unreachable'],
      [new TypeError('client error (Connect): dns error: failed to lookup address information'), 'unresolved'],
      [new TypeError('client error (Connect): invalid peer certificate: UnknownIssuer'), 'untrusted'],
      [{ code: 'ERR_PROXY' }, 'proxy'],
      ['a text', 'unreachable'],
      [undefined, 'unreachable'],
    ]) {
      assert.equal(causeOf(error), cause, JSON.stringify(error))
    }
    for (const [error, lost] of [
      [{ cause: { code: 'UND_ERR_SOCKET' } }, true],
      [{ cause: { errors: [{ code: 'ETIMEDOUT' }, { code: 'ECONNRESET' }] } }, true],
      [new Error('Network connection lost.'), true],
      [{ cause: { code: 'ECONNREFUSED' } }, false],
      [new TypeError('fetch failed'), false],
      [undefined, false],
    ]) {
      assert.equal(isLost(error), lost, JSON.stringify(error))
    }
    const endless = {}
    endless.cause = endless
    assert.equal(causeOf(endless), 'unreachable')
  })

  it('says so when a connection breaks in the middle', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '500' }).write('x')
      setTimeout(() => response.destroy(), 10)
    })
    assert.deepEqual(await get(url), { answer: 'failed', failed: 'unreachable' })
  })

  it('sends a GET once more whose connection the server closed as it was used, and a form never', async () => {
    let losing = 0
    const url = await serve(({ socket }, response) => {
      if (losing === 0) return response.end('{}')
      losing--
      // As a server closes it, and as a load balancer does.
      return losing % 2 === 0 ? socket.destroy() : socket.resetAndDestroy()
    })
    const fetcher = new Fetcher(fetch)
    assert.equal((await get(url, {}, fetcher)).answer, 'fetched')
    losing = 1
    assert.equal((await get(url, {}, fetcher)).answer, 'fetched')
    assert.equal(losing, 0)
    losing = 2
    const form = { ask: 'submit', url, body: 'a=b', timeoutMs: 5000, maxBytes: 1000 }
    assert.deepEqual(await fetcher.submit(form), { answer: 'failed', failed: 'unreachable' })
    assert.equal(losing, 1)
  })

  it('sends a GET once more a single time, and never to a server that has not answered', async () => {
    let requests = 0
    let isWell = false
    const url = await serve(({ socket }, response) => {
      requests++
      return isWell ? response.end('{}') : socket.destroy()
    })
    const fetcher = new Fetcher(fetch)
    const asked = async () => {
      requests = 0
      const { answer } = await get(url, {}, fetcher)
      return [answer, requests]
    }
    assert.deepEqual(await asked(), ['failed', 1])
    isWell = true
    assert.deepEqual(await asked(), ['fetched', 1])
    isWell = false
    assert.deepEqual(await asked(), ['failed', 2])
    assert.deepEqual(await asked(), ['failed', 1])
  })

  it('asks a server once for all who wait, and again for those who come later', async () => {
    let requests = 0
    const url = await serve((_, response) => {
      requests++
      setTimeout(() => response.end('{}'), 20)
    })
    const fetcher = new Fetcher(fetch)
    const answers = await Promise.all(Array.from({ length: 10 }, () => get(url, {}, fetcher)))
    assert.ok(answers.every(({ answer }) => answer === 'fetched'))
    assert.equal(requests, 1)
    await get(url, {}, fetcher)
    assert.equal(requests, 2)
  })

  it('asks a server again for one who waits with other limits', async () => {
    let requests = 0
    const url = await serve((_, response) => {
      requests++
      setTimeout(() => response.end('x'.repeat(800)), 20)
    })
    const fetcher = new Fetcher(fetch)
    const limits = [{ maxBytes: 500 }, { maxBytes: 1000 }, { maxBytes: 1000, timeoutMs: 2000 }, { maxBytes: 500 }]
    const answers = await Promise.all(limits.map((limits) => get(url, limits, fetcher)))
    assert.deepEqual(answers.map(({ answer }) => answer), ['failed', 'fetched', 'fetched', 'failed'])
    assert.equal(requests, 3)
  })
})
