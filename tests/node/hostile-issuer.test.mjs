/**
 * Issuers whose servers of keys are broken or lie, before `exchequer serve`: each
 * answer of theirs is refused within bounds and by its reason, and as soon as the
 * server is well the first token that waited as long as it was told is exchanged.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'

import { exportJWK, generateKeyPair, SignJWT } from 'jose'

import { freePort } from './support/ports.mjs'
import { serve } from './support/serve.mjs'

const STS = 'https://sts.example.com'
const SECRET = 'a-secret-of-the-application-0123456789'
/** How long a server that hangs is waited for, and any other one. */
const [SHORT_MS, LONG_MS] = [500, 20_000]
/** As long as `Retry-After` says, and a little. */
const RETRY_MS = 1_100
const TEN_MEGABYTES = ' '.repeat(10 * 1024 * 1024)
const PACKED = gzipSync(TEN_MEGABYTES)

/** What a server may do to who asks for its keys, and the reason that the audit log has. */
const LIES = {
  'hangs before it answers': { answer: () => undefined, reason: 'key.unavailable.timeout' },
  'hangs within its answer': { answer: (response) => response.writeHead(200).write('{"keys":['), reason: 'key.unavailable.timeout' },
  'promises more than it sends': {
    answer(response, keys) {
      response.writeHead(200, { 'content-length': keys.length + 1000 })
      response.write(keys, () => response.destroy())
    },
    reason: 'key.unavailable',
  },
  'breaks off in the middle of a chunk': {
    answer(response, keys) {
      response.writeHead(200, { 'transfer-encoding': 'chunked' })
      response.write(keys.slice(0, 40), () => response.destroy())
    },
    reason: 'key.unavailable',
  },
  'promises less than it sends': {
    answer(response, keys) {
      response.socket.end(`HTTP/1.1 200 OK\r\ncontent-length: 40\r\nconnection: close\r\n\r\n${keys}`)
    },
    reason: 'key.document_unusable',
  },
  'speaks no HTTP': { answer: (response) => response.socket.end('220 mail.example.com ESMTP\r\n'), reason: 'key.unavailable' },
  'closes the connection': { answer: (response) => response.socket.destroy(), reason: 'key.unavailable' },
  'sends ten megabytes': {
    answer: (response, keys) => response.writeHead(200).end(keys + TEN_MEGABYTES),
    reason: 'key.document_too_long',
  },
  'sends ten megabytes packed into ten kilobytes': {
    answer: (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(PACKED),
    reason: 'key.document_too_long',
  },
  'says that it is packed, and is not': {
    answer: (response, keys) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(keys),
    reason: 'key.unavailable',
  },
  'redirects to itself': { answer: (response) => response.writeHead(302, { location: '/jwks' }).end(), reason: 'key.document_elsewhere' },
  'redirects for ever': {
    answer: (response, keys, { url }) => response.writeHead(307, { location: `${url}x` }).end(),
    reason: 'key.document_elsewhere',
  },
  'redirects to another host': {
    answer: (response) => response.writeHead(301, { location: 'http://169.254.169.254/latest/meta-data' }).end(),
    reason: 'key.document_elsewhere',
  },
  'answers 500': { answer: (response) => response.writeHead(500).end('{"keys":[]}'), reason: 'key.unavailable.status' },
  'answers 204': { answer: (response) => response.writeHead(204).end(), reason: 'key.unavailable.status' },
  'answers 206 with a part': { answer: (response, keys) => response.writeHead(206).end(keys), reason: 'key.unavailable.status' },
}

/** The most requests that one refused token may cause: a redirect within the host is followed a few times. */
const MOST_REQUESTS = 10

describe('exchequer serve, before an issuer whose server', { timeout: 120_000 }, () => {
  let sts, server, keys, privateKey, lie
  let requests = 0
  /** The key that tokens name. */
  let named = 'k'
  const names = new Map()
  before(async () => {
    const pair = await generateKeyPair('ES256')
    privateKey = pair.privateKey
    keys = JSON.stringify({ keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k', alg: 'ES256' }] })
    server = createServer((request, response) => {
      requests++
      if (lie === undefined) return response.writeHead(200, { 'content-type': 'application/json' }).end(keys)
      lie(response, keys, request)
    })
    server.listen(await freePort(), '127.0.0.1')
    await once(server, 'listening')
    const base = `http://127.0.0.1:${server.address().port}`
    // One issuer for each lie: they know nothing of each other.
    const trusted = Object.keys(LIES).map((what, n) => {
      names.set(what, `I${n}`)
      return {
        name: `I${n}`, issuer: `${base}/${n}`, algorithms: ['ES256'], readTimeoutMs: what.startsWith('hangs') ? SHORT_MS : LONG_MS,
        certificate: { jwksUri: `${base}/${n}/jwks` },
      }
    })
    sts = await serve(() => ({
      issuer: STS,
      trustedTokenIssuers: trusted,
      applications: [{
        clientId: 'app', clientSecret: SECRET, grantTypes: ['urn:ietf:params:oauth:grant-type:token-exchange'],
        trustedTokenIssuers: trusted.map(({ name }) => name), audiences: ['https://api.example.com'],
      }],
    }))
  })
  after(async () => {
    await sts?.stop()
    server?.close()
    server?.closeAllConnections()
  })

  /** Exchanges a token of the issuer that belongs to this lie. */
  async function exchange(what) {
    const now = Math.floor(Date.now() / 1000)
    const issuer = `http://127.0.0.1:${server.address().port}/${names.get(what).slice(1)}`
    const token = await new SignJWT({ iss: issuer, sub: 's', aud: STS, iat: now, exp: now + 600 })
      .setProtectedHeader({ alg: 'ES256', kid: named, typ: 'JWT' })
      .sign(privateKey)
    const response = await fetch(`${sts.url}/oauth2/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token: token, subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
        client_id: 'app', client_secret: SECRET,
      }),
    })
    return { status: response.status, retryAfter: response.headers.get('retry-after'), ...(await response.json()) }
  }

  for (const [what, { answer, reason }] of Object.entries(LIES)) {
    it(what, async () => {
      lie = answer
      requests = 0
      const refused = await exchange(what)
      assert.deepEqual([refused.status, refused.error], [503, 'temporarily_unavailable'], JSON.stringify(refused))
      assert.equal(refused.retryAfter, '1')
      assert.equal(sts.written.at(-1).reason, `subject_token.${reason}`, JSON.stringify(sts.written.at(-1)))
      assert.ok(requests <= MOST_REQUESTS, `${requests} requests`)
      lie = undefined
      await setTimeout(RETRY_MS)
      assert.equal((await exchange(what)).status, 200, 'it is well again')
    })
  }

  it('lies to a crowd, which costs one attempt a second', async () => {
    const what = 'redirects for ever'
    lie = LIES[what].answer
    named = 'unknown'
    requests = 0
    const begin = Date.now()
    const replies = await Promise.all(Array.from({ length: 50 }, () => exchange(what)))
    assert.ok(replies.every(({ status }) => status === 503 || status === 400), JSON.stringify(replies[0]))
    // There is one attempt a second: a slow machine may take several for these.
    const attempts = 1 + Math.ceil((Date.now() - begin) / 1000)
    assert.ok(requests <= attempts * MOST_REQUESTS, `${requests} requests in ${attempts} attempts`)
  })
})
