/** `limits` over HTTP: whose address counts, and what whoever is turned away gets. */
import assert from 'node:assert/strict'
import { request as send } from 'node:http'
import { after, describe, it } from 'node:test'

import { createExchequer, listen } from 'exchequer/node'

import { ADMIN_TOKEN } from './support/admin.mjs'
import { NOW, config } from './support/tokens.mjs'

const SECRET = 'a-secret-of-the-application-0123456789'
const FORM = 'grant_type=client_credentials'

describe('limits', () => {
  const open = []
  after(async () => {
    for (const one of open) await one.close()
  })

  async function serve(limits) {
    const sts = await createExchequer(config(limits === undefined ? {} : { limits }), { now: () => NOW, adminToken: ADMIN_TOKEN })
    const server = await listen(sts, { port: 0 })
    open.push(server, sts)
    return { sts, url: server.url }
  }

  const basic = (secret) => `Basic ${btoa(`app:${secret}`)}`

  /** A token request; `from` is one of this machine's addresses. */
  function token(url, secret, { from, headers = {} } = {}) {
    return new Promise((resolve, reject) => {
      const options = {
        method: 'POST',
        localAddress: from,
        headers: { authorization: basic(secret), 'content-type': 'application/x-www-form-urlencoded', ...headers },
      }
      const sent = send(`${url}/oauth2/token`, options, (response) => {
        let body = ''
        response.on('data', (data) => (body += data)).on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: JSON.parse(body) }))
      })
      sent.on('error', reject).end(FORM)
    })
  }

  async function statuses(count, work) {
    const all = []
    for (let i = 0; i < count; i++) all.push((await work()).status)
    return all
  }

  it('turns away who fails sixty times a minute, by default, and nobody at another address', async () => {
    const { url } = await serve(undefined)
    const failed = await statuses(61, () => token(url, 'wrong'))
    assert.deepEqual(failed, [...Array(60).fill(401), 429])
    const turnedAway = await token(url, SECRET)
    assert.equal(turnedAway.status, 429)
    assert.equal(turnedAway.headers['retry-after'], '1')
    assert.equal(turnedAway.headers['cache-control'], 'no-store')
    assert.equal(turnedAway.body.error, 'temporarily_unavailable')
    const other = await token(url, SECRET, { from: '127.0.0.2' })
    assert.notEqual(other.status, 429)
    assert.notEqual(other.body.error, 'invalid_client')
  })

  it('takes the address from a header field of a configured proxy, and of nobody else', async () => {
    const { url } = await serve({ failuresPerMinute: 2, clientAddress: { header: 'X-Forwarded-For', from: ['127.0.0.1'] } })
    const through = (client, secret, from) => token(url, secret, { from, headers: { 'x-forwarded-for': client } })
    assert.deepEqual(await statuses(3, () => through('203.0.113.66', 'wrong')), [401, 401, 429])
    assert.equal((await through('203.0.113.7, 203.0.113.66', SECRET)).status, 429)
    assert.notEqual((await through('203.0.113.7', SECRET)).status, 429)
    // Whoever is no proxy has the address of its connection.
    assert.deepEqual(await statuses(3, () => through('203.0.113.8', 'wrong', '127.0.0.2')), [401, 401, 429])
    assert.notEqual((await through('203.0.113.8', SECRET)).status, 429)
  })

  it('keeps clients behind a proxy that is not configured from locking each other out', async () => {
    const { sts, url } = await serve({ failuresPerMinute: 2 })
    const through = (secret) => token(url, secret, { headers: { 'x-forwarded-for': '203.0.113.66' } })
    assert.deepEqual(await statuses(5, () => through('wrong')), Array(5).fill(401))
    const metrics = await sts.fetch(new Request(`${url}/metrics`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } }))
    assert.match(await metrics.text(), /^exchequer_failures_without_address_total 5$/m)
  })

  it('counts for the address that a program gives to `fetch` and `handle`', async () => {
    const { sts } = await serve({ failuresPerMinute: 2 })
    const headers = { authorization: basic('wrong'), 'content-type': 'application/x-www-form-urlencoded' }
    const fetched = (sender) => sts.fetch(new Request('https://sts.example.com/oauth2/token', { method: 'POST', body: FORM, headers }), sender)
    assert.deepEqual(await statuses(3, () => fetched({ address: '2001:db8::1' })), [401, 401, 429])
    assert.equal((await fetched({ peer: '2001:db8::ffff' })).status, 429)
    assert.equal((await fetched({ peer: '2001:db8:0:1::1' })).status, 401)
    // What is no address is none; so is what a platform passes in its place.
    for (const sender of [undefined, {}, 7, null, { peer: 'a b\nc' }, { address: '' }, { peer: 7 }]) {
      assert.deepEqual(await statuses(3, () => fetched(sender)), [401, 401, 401])
    }
    const handled = () => sts.handle({ method: 'POST', target: '/oauth2/token', headers: Object.entries(headers).flat(), body: FORM, address: '2001:db8::2' })
    assert.equal((await handled()).status, 429)
  })

  it('turns away who guesses the admin token', async () => {
    const { url } = await serve({ failuresPerMinute: 2 })
    const call = (bearer) => fetch(`${url}/api/server/v1/applications`, { headers: { authorization: `Bearer ${bearer}` } })
    assert.deepEqual(await statuses(3, () => call('wrong')), [401, 401, 429])
    const response = await call(ADMIN_TOKEN)
    assert.equal(response.headers.get('retry-after'), '30')
    assert.equal((await response.json()).code, 'EXQ-42900')
  })

  it('limits the requests of a client', async () => {
    const { url } = await serve({ requestsPerSecond: 2 })
    const answered = await statuses(3, () => token(url, SECRET))
    assert.equal(answered[2], 429)
    assert.ok(!answered.slice(0, 2).includes(429))
  })
})
