/** The HTTP server: what a hostile or careless client can do to it. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { after, before, describe, it } from 'node:test'

import { createExchequer, listen, nodeHandler } from 'exchequer/node'
import express from 'express'

import { NOW, config, issuer, jwksFetch } from './support/tokens.mjs'

const ADMIN = 'an-admin-token-of-these-tests-0123456789'
const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'

describe('server', () => {
  let sts, server, idp
  before(async () => {
    idp = await issuer()
    sts = await createExchequer(config(), { fetch: jwksFetch(idp.jwks), now: () => NOW, adminToken: ADMIN })
    server = await listen(sts, { port: 0 })
  })
  after(async () => {
    await server.close()
    await sts.close()
  })

  const post = (body, headers = {}) =>
    fetch(`${server.url}/oauth2/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body,
    })

  /** Sends raw bytes and returns what came back until the connection closed. */
  async function raw(text) {
    const { port } = new URL(server.url)
    const socket = connect(Number(port), '127.0.0.1')
    let received = ''
    socket.on('data', (data) => (received += data)).on('error', () => undefined)
    socket.write(text)
    await once(socket, 'close')
    return received
  }

  it('exchanges a token', async () => {
    const form = new URLSearchParams({
      grant_type: TOKEN_EXCHANGE,
      subject_token: await idp.token(),
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    })
    const authorization = `Basic ${btoa('app:a-secret-of-the-application-0123456789')}`
    const response = await post(form, { authorization })
    assert.equal(response.status, 200)
    assert.equal(response.headers.get('cache-control'), 'no-store')
    assert.equal(response.headers.get('transfer-encoding'), null)
    assert.ok((await response.json()).access_token)
  })

  it('answers for an API whose path ends in `console`, and serves the console beside it', async () => {
    const resource = 'https://api.example.com/tools/console'
    const document = config()
    document.applications[0].resources = [resource]
    const other = await createExchequer(document, { fetch: jwksFetch(idp.jwks), now: () => NOW })
    const host = await listen(other, { port: 0 })
    const response = await fetch(`${host.url}/.well-known/oauth-protected-resource/tools/console`)
    assert.equal(response.status, 200)
    assert.equal((await response.json()).resource, resource)
    assert.equal((await fetch(`${host.url}/tools/console/`)).headers.get('content-type'), 'text/html; charset=utf-8')
    await host.close()
    await other.close()
  })

  it('takes a target in absolute form for its path, whatever host it names (RFC 9112 section 3.2.2)', async () => {
    for (const [target, status] of [
      ['http://sts.example.com/healthz', 200], ['HTTPS://sts.example.com:8443/healthz?a=b', 200], ['http://sts.example.com/console/', 200],
      ['http://sts.example.com/oauth2/nothing', 404], ['http://sts.example.com', 404], ['http://sts.example.com?x', 404],
    ]) {
      const received = await raw(`GET ${target} HTTP/1.1\r\nhost: sts.example.com\r\nconnection: close\r\n\r\n`)
      assert.match(received, new RegExp(`^HTTP/1.1 ${status} `), target)
    }
    const form = `grant_type=${encodeURIComponent(TOKEN_EXCHANGE)}`
    const posted = await raw(`POST http://x/oauth2/token?subject_token=a HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: ${form.length}\r\n\r\n${form}`)
    assert.match(posted, /stands in the URL/)
  })

  it('serves requests one after the other on one connection', async () => {
    const request = 'GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n'
    const last = 'GET /oauth2/jwks HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n'
    const received = await raw(request + request + last)
    assert.equal(received.match(/HTTP\/1\.1 200 OK/g).length, 3)
  })

  it('answers HEAD without a body', async () => {
    const received = await raw('HEAD /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
    assert.match(received, /^HTTP\/1\.1 200 OK/)
    assert.ok(received.endsWith('\r\n\r\n'))
  })

  it('reads a body in chunks', async () => {
    const body = '5\r\ngrant\r\n5\r\n_type\r\n2\r\n=x\r\n0\r\n\r\n'
    const head = 'POST /oauth2/token HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\n'
    const received = await raw(`${head}transfer-encoding: chunked\r\nconnection: close\r\n\r\n${body}`)
    assert.match(received, /"error":"invalid_client"/)
  })

  it('refuses a body that is too long, whether announced or not', async () => {
    const long = 'x'.repeat(200_000)
    const response = await post(long)
    assert.ok([400, 413].includes(response.status))
    assert.equal((await response.json()).error, 'invalid_request')

    const head = 'POST /oauth2/token HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\n'
    const chunk = `${long.length.toString(16)}\r\n${long}\r\n`
    // Never ends: the answer has to come without it.
    const received = await raw(`${head}transfer-encoding: chunked\r\n\r\n${chunk}`)
    assert.match(received, /"error":"invalid_request"/)
    assert.match(received, /connection: close/i)
  })

  it('lost its reply when a body was far too long: the connection was reset under it', async () => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    const failures = []
    let received = ''
    socket.on('error', (error) => failures.push(error.code))
    const length = 32 * 1024 * 1024
    socket.write(`POST /oauth2/token HTTP/1.1\r\nhost: x\r\ncontent-length: ${length}\r\n\r\n`)
    // Sends everything before it listens, as many clients do.
    await new Promise((sent) => socket.write(Buffer.alloc(length, 'x'), sent))
    socket.on('data', (data) => (received += data))
    await once(socket, 'close')
    assert.deepEqual(failures, [])
    assert.match(received, /^HTTP\/1\.1 413 [^]*"error":"invalid_request"/)
  })

  it('reads a configuration document of up to 1 MiB, whether announced or not', async () => {
    const send = async (length, body = ' '.repeat(length)) => {
      const headers = { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json' }
      const response = await fetch(`${server.url}/api/server/v1/configuration/diff`, { method: 'POST', headers, body, duplex: 'half' })
      return [response.status, (await response.json()).code]
    }
    const document = JSON.stringify({ issuer: 'https://sts.example.com', $comment: 'x'.repeat(900_000) })
    assert.deepEqual(await send(0, document), [200, undefined])
    assert.deepEqual(await send(0, new Blob([document]).stream()), [200, undefined])
    assert.deepEqual(await send(1024 * 1024), [400, 'EXQ-40002'])
    assert.deepEqual(await send(1024 * 1024 + 1), [413, 'EXQ-41300'])
  })

  it('takes two content lengths or a broken request line for what they are', async () => {
    assert.match(await raw('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab'), /^HTTP\/1\.1 400/)
    assert.match(await raw('nonsense\r\n\r\n'), /^HTTP\/1\.1 400/)
  })

  it('goes on when a client leaves in the middle of its body', async () => {
    const { port } = new URL(server.url)
    const socket = connect(Number(port), '127.0.0.1')
    socket.write('POST /oauth2/token HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nabc')
    await new Promise((resolve) => setTimeout(resolve, 30))
    socket.destroy()
    assert.equal((await fetch(`${server.url}/healthz`)).status, 200)
    assert.equal(sts.waiting, 0)
  })

  it('says that a port is taken', async () => {
    const { port } = new URL(server.url)
    await assert.rejects(listen(sts, { port: Number(port) }), { code: 'EADDRINUSE' })
  })
})

// Without the answer each of these would wait until the test is given up.
describe('handler behind something that has read the body', { timeout: 60_000 }, () => {
  const errors = []
  let sts
  before(async () => (sts = await createExchequer({ issuer: 'https://sts.example.com' }, { onError: ({ message }) => errors.push(message) })))
  after(() => sts?.close())

  /** The answer to a form, of what listens like this. */
  async function answer(listener, headers = {}) {
    const server = createServer(listener).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const body = new URLSearchParams({ grant_type: 'x' }).toString()
    try {
      const url = `http://127.0.0.1:${server.address().port}/oauth2/token`
      const response = await fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers } })
      return [response.status, await response.json()]
    } finally {
      server.closeAllConnections()
      server.close()
    }
  }
  const behind = (...parsers) => parsers.reduce((app, parser) => app.use(parser), express()).use(nodeHandler(sts))

  it('answers at once, and says what to do', async () => {
    for (const listener of [
      behind(express.urlencoded({ extended: false })),
      behind(express.text({ type: '*/*' })),
      async (request, response) => {
        for await (const _ of request);
        nodeHandler(sts)(request, response)
      },
    ]) {
      errors.length = 0
      const [status, { error, error_description }] = await answer(listener)
      assert.deepEqual([status, error], [500, 'server_error'])
      assert.match(error_description, /was read before/)
      assert.equal(errors.length, 1)
      assert.match(errors[0], /mount nodeHandler before body parsers/)
    }
  })

  it('reads what a parser has left', async () => {
    errors.length = 0
    for (const listener of [behind(), behind(express.json())]) {
      const [status, { error }] = await answer(listener)
      assert.deepEqual([status, error], [401, 'invalid_client'])
    }
    assert.deepEqual(errors, [])
  })
})
