/**
 * Keys that are fetched through the proxies of the environment, from a host that
 * only the proxy can find; and what is said when they cannot be reached.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import { authority } from './support/authority.mjs'
import { run } from './support/command.mjs'
import { freePort } from './support/ports.mjs'
import { serve } from './support/serve.mjs'
import { config, issuer } from './support/tokens.mjs'

const dist = (name) => import(new URL(`../${name}`, import.meta.resolve('exchequer')))
const { Fetcher } = await dist('fetch.js')
const { namesProxy, throughProxies } = await dist('node/proxy.js')

const HOST = 'keys.idp.example.com'
const directory = mkdtempSync(join(tmpdir(), 'exchequer-proxy-'))
const servers = []
after(() => {
  servers.forEach((server) => server.close().closeAllConnections())
  rmSync(directory, { recursive: true, force: true })
})

async function listening(server) {
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server.address().port
}

/** A proxy that finds `HOST` on this machine, wants a password, and keeps what it was asked for. */
async function makeProxy(ports, { password, connects = true } = {}) {
  const asked = []
  const refused = ({ headers }) => password !== undefined && headers['proxy-authorization'] !== `Basic ${btoa(password)}`
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    if (refused(request)) return response.writeHead(407).end()
    response.setHeader('content-type', 'application/json').end(ports.body)
  })
  server.on('connect', (request, socket) => {
    asked.push(`CONNECT ${request.url}`)
    socket.on('error', () => undefined)
    if (refused(request)) return socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
    if (!connects) return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    const upstream = connect(ports.tls, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      upstream.pipe(socket).pipe(upstream)
    })
    upstream.on('error', () => socket.destroy())
  })
  return { url: `http://127.0.0.1:${await listening(server)}`, asked }
}

describe('proxies of the environment', () => {
  let idp, token, ca, ports
  before(async () => {
    idp = await issuer()
    const now = Math.floor(Date.now() / 1000)
    token = await idp.token({ iat: now - 10, exp: now + 600 })
    const made = authority(directory, HOST)
    ca = made.ca
    const body = JSON.stringify(idp.jwks)
    ports = { body, tls: await listening(createTlsServer(made.tls, (_, response) => response.setHeader('content-type', 'application/json').end(body))) }
  })
  const document = () => {
    const [trusted] = config().trustedTokenIssuers
    return config({ trustedTokenIssuers: [{ ...trusted, readTimeoutMs: 20_000, certificate: { jwksUri: `https://${HOST}/jwks` } }] })
  }
  const explain = async (env) => {
    const file = join(directory, 'exchequer.json')
    writeFileSync(file, JSON.stringify(document()))
    const { out, err, code } = await run(['explain', '--config', file, '--json', '-'], { input: token, env: { HTTPS_PROXY: '', HTTP_PROXY: '', NO_PROXY: '', https_proxy: '', ...env } })
    return code === 2 ? { code, err } : { code, ...JSON.parse(out) }
  }
  const get = (environment, url) =>
    new Fetcher(throughProxies(environment, fetch)).fetch({ ask: 'fetch', url, timeoutMs: 5000, maxBytes: 10_000 })

  it('fetches https through a tunnel, and the certificate is checked behind it', async () => {
    const proxy = await makeProxy(ports)
    const granted = await explain({ HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: ca })
    assert.equal(granted.granted, true, JSON.stringify(granted))
    assert.deepEqual(proxy.asked, [`CONNECT ${HOST}:443`])
    const { reason, remedy } = await explain({ HTTPS_PROXY: proxy.url })
    assert.equal(reason, 'subject_token.key.unavailable.certificate')
    assert.match(remedy, /NODE_EXTRA_CA_CERTS/)
  })

  it('serves with them, too', async () => {
    const proxy = await makeProxy(ports, { password: 'ada:secret' })
    const sts = await serve(() => document(), { env: { https_proxy: proxy.url.replace('//', '//ada:secret@'), NODE_EXTRA_CA_CERTS: ca } })
    try {
      const form = { grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange', subject_token: token, subject_token_type: 'urn:ietf:params:oauth:token-type:jwt' }
      const authorization = `Basic ${btoa('app:a-secret-of-the-application-0123456789')}`
      const response = await fetch(`${sts.url}/oauth2/token`, { method: 'POST', headers: { authorization }, body: new URLSearchParams(form) })
      assert.equal(response.status, 200, await response.text())
      assert.deepEqual(proxy.asked, [`CONNECT ${HOST}:443`])
    } finally {
      await sts.stop()
    }
  })

  it('says that it is the proxy, and which setting names it', async () => {
    const refusing = await makeProxy(ports, { connects: false })
    const locked = await makeProxy(ports, { password: 'ada:secret' })
    for (const url of [refusing.url, locked.url, `http://127.0.0.1:${await freePort()}`]) {
      const { reason, remedy, checks } = await explain({ HTTPS_PROXY: url, NODE_EXTRA_CA_CERTS: ca })
      assert.equal(reason, 'subject_token.key.unavailable.proxy', url)
      assert.match(remedy, /HTTPS_PROXY/)
      assert.equal(checks.at(-1).detail, `https://${HOST}/jwks could not be reached through the proxy of the environment`)
    }
  })

  it('fetches http by asking the proxy for the whole URL', async () => {
    const proxy = await makeProxy(ports, { password: 'ada:s:e@cret' })
    const url = proxy.url.replace('//', '//ada:s%3Ae%40cret@')
    const answer = await get({ http_proxy: url }, `http://${HOST}/jwks?a=b`)
    assert.equal(answer.status, 200)
    assert.equal(Buffer.from(answer.body, 'base64url').toString(), ports.body)
    assert.deepEqual(proxy.asked, [`GET http://${HOST}/jwks?a=b`])
    assert.deepEqual(await get({ HTTP_PROXY: proxy.url }, `http://${HOST}/jwks`), { answer: 'failed', failed: 'proxy' })
  })

  it('goes around the proxy for the hosts of NO_PROXY, and for this machine', async () => {
    const around = async (list, url) => {
      const direct = []
      const fetched = throughProxies({ HTTPS_PROXY: 'http://127.0.0.1:1', HTTP_PROXY: 'http://127.0.0.1:1', NO_PROXY: list }, async (address) => direct.push(address))
      await fetched(url, {}).catch(() => undefined)
      return direct.length === 1
    }
    for (const [list, url] of [
      ['example.com', 'https://example.com/'], ['example.com', 'https://a.b.example.com/'], ['.example.com', 'https://a.example.com/'], ['*.example.com', 'https://a.example.com/'],
      ['a.test, EXAMPLE.com', 'https://example.com/'], ['*', 'https://other.test/'], ['example.com:8443', 'https://example.com:8443/'], ['example.com:443', 'https://example.com/'],
      ['10.1.2.3', 'https://10.1.2.3/'], ['10.0.0.0/8', 'https://10.1.2.3/'], ['fd00::/8', 'https://[fd00::1]/'], ['fd00::1', 'https://[fd00::1]/'],
      ['', 'http://localhost:3000/'], ['', 'http://127.0.0.2/'], ['', 'http://[::1]:3000/'],
    ]) {
      assert.ok(await around(list, url), `${list} ${url}`)
    }
    for (const [list, url] of [
      ['', 'https://example.com/'], ['example.com', 'https://notexample.com/'], ['example.com', 'https://example.com.test/'], ['example.com:8443', 'https://example.com/'],
      ['10.0.0.0/8', 'https://11.1.2.3/'], ['10.1.2.3', 'https://10.1.2.30/'], ['localhost', 'https://localhost.test/'],
    ]) {
      assert.ok(!(await around(list, url)), `${list} ${url}`)
    }
  })

  it('refuses to start with a proxy that cannot be used', async () => {
    assert.ok(!namesProxy({ NO_PROXY: '*', HTTPS_PROXY: '' }))
    for (const url of ['socks5://127.0.0.1:1080', 'http://', 'http://a b/']) {
      const { code, err } = await explain({ HTTPS_PROXY: url })
      assert.equal(code, 2, url)
      assert.match(err, /HTTPS_PROXY names no proxy that can be used/)
      assert.ok(!err.includes('1080'))
    }
    const proxy = await makeProxy(ports)
    assert.equal((await explain({ HTTPS_PROXY: proxy.url.replace('http://', ''), NODE_EXTRA_CA_CERTS: ca })).granted, true)
  })
})
