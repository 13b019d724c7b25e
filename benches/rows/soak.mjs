/**
 * Memory of servers under an hour of mixed load: `exchequer serve`, a Worker and the
 * filter for Envoy. What comes is good, bad, new and known, in the same mix throughout;
 * the rate is small, so that the machine can do something else meanwhile.
 *
 * `SOAK_SECONDS` says how long. It fails when a server ends with more memory than it had
 * after the first fifth and an allowance for how unevenly collectors collect.
 */
import { randomUUID } from 'node:crypto'
import { Agent, request as begin } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { cluster, envoy, listener } from '../../tests/envoy/support/envoy.mjs'
import { filter } from '../../tests/envoy/support/filter.mjs'
import { freePort } from '../../tests/node/support/ports.mjs'
import { serve } from '../../tests/node/support/serve.mjs'
import { workerd } from '../../tests/runtimes/support/workerd.mjs'
import { API, CLIENT, JWT_TYPE, SCOPE, SECRET, TOKEN_EXCHANGE, configuration } from '../inside/job.mjs'
import { makeKeys, tokenMaker } from '../inside/tokens.mjs'
import { children, residentOf } from '../support/cpu.mjs'
import { bearer } from '../support/load.mjs'
import { markdown } from '../support/measure.mjs'
import { own, versionOf } from '../support/versions.mjs'

const HERE = fileURLToPath(new URL('..', import.meta.url))
const ADMIN_TOKEN = 'admin-token-of-the-benchmark-0123456789'
const HOUR = 3600
/** Rounds a second for each server; a round is one request of every kind. */
const PER_SECOND = 4
/** How much more a server may have in the end: a share, and bytes. */
const [SHARE, ALLOWANCE] = [1.15, 16e6]
const MOST_TEXT = 'x'.repeat(60_000)

export async function measure({ smoke }) {
  const seconds = Number(process.env.SOAK_SECONDS ?? (smoke ? 6 : HOUR))
  const keys = makeKeys()
  const world = { keys, tokens: tokenMaker(keys), known: tokenMaker(keys)(1)[0] }
  const servers = []
  try {
    for (const start of [server, worker, gateway]) servers.push(await start(world))
    const told = await Promise.all(servers.map((one) => soak(one, seconds)))
    if (!smoke) told.forEach(check)
    return report(told, seconds)
  } finally {
    for (const one of servers) await one.stop()
  }
}

/** Sends the mix for so long, and reads the memory a hundred times. */
async function soak({ name, pid, port, mix }, seconds) {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  const send = sender(port, agent)
  const [samples, answers] = [[], {}]
  const [start, step] = [performance.now(), seconds * 10]
  try {
    for (let round = 0; ; round++) {
      const passed = performance.now() - start
      if (passed >= samples.length * step) samples.push(residentOf(pid))
      if (passed >= seconds * 1000) break
      const statuses = await mix(send)
      for (const status of statuses) answers[status] = (answers[status] ?? 0) + 1
      await setTimeout(Math.max(0, (round + 1) * (1000 / PER_SECOND) - (performance.now() - start)))
    }
  } finally {
    agent.destroy()
  }
  return { name, samples, answers }
}

function sender(port, agent) {
  return (path, { method = 'GET', headers = {}, form } = {}) =>
    new Promise((resolve, reject) => {
      const body = form === undefined ? undefined : String(new URLSearchParams(form))
      const type = form !== undefined && { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length }
      const request = begin({ host: '127.0.0.1', port, path, method: form ? 'POST' : method, headers: { ...headers, ...type }, agent }, (response) => {
        const parts = []
        response.on('error', reject).on('data', (part) => parts.push(part))
        response.on('end', () => resolve({ status: response.statusCode, text: Buffer.concat(parts).toString() }))
      })
      request.on('error', reject).end(body)
    })
}

const BASIC = `Basic ${Buffer.from(`${CLIENT}:${SECRET}`).toString('base64')}`
const exchange = (subject_token) => ({
  headers: { authorization: BASIC },
  form: { grant_type: TOKEN_EXCHANGE, subject_token, subject_token_type: JWT_TYPE, scope: SCOPE },
})
/** The same token with another key named, which nobody has. */
function withStrangeKey(token) {
  const [, claims, signature] = token.split('.')
  const header = Buffer.from(JSON.stringify({ alg: 'RS256', kid: randomUUID(), typ: 'JWT' })).toString('base64url')
  return `${header}.${claims}.${signature}`
}
const tampered = (token) => token.slice(0, -4) + (token.endsWith('AAAA') ? 'BBBB' : 'AAAA')

/** What every server that issues tokens is sent. */
function requests({ tokens, known }) {
  const [token] = tokens(1)
  const wrong = { authorization: `Basic ${Buffer.from(`${randomUUID()}:${SECRET}`).toString('base64')}` }
  return [
    ['/oauth2/token', exchange(token)],
    ['/oauth2/token', exchange(known)],
    ['/oauth2/token', exchange(withStrangeKey(token))],
    ['/oauth2/token', exchange(tampered(token))],
    ['/oauth2/token', { ...exchange(token), headers: wrong }],
    ['/oauth2/token', exchange(MOST_TEXT)],
    [`/${randomUUID()}?${randomUUID()}`],
    ['/oauth2/jwks'],
  ]
}

/** No limits: all of this comes from one address. */
const document = (keys, more = {}) => {
  const made = { ...configuration(keys), limits: 'off' }
  return { ...made, applications: [{ ...made.applications[0], ...more }] }
}

async function server(world) {
  const grantTypes = [TOKEN_EXCHANGE, 'refresh_token']
  const { url, pid, stop } = await serve(() => document(world.keys, { grantTypes, accessToken: { type: 'opaque', lifetimeSeconds: 30 }, refreshToken: { lifetimeSeconds: 60 } }), { adminToken: ADMIN_TOKEN })
  const mix = async (send) => {
    const replies = await Promise.all(requests(world).map((one) => send(...one)))
    const { access_token, refresh_token } = JSON.parse(replies[0].text)
    const again = await send('/oauth2/token', { headers: { authorization: BASIC }, form: { grant_type: 'refresh_token', refresh_token } })
    const introspected = await send('/oauth2/introspect', { headers: { authorization: BASIC }, form: { token: access_token } })
    const revoked = await send('/oauth2/revoke', { headers: { authorization: BASIC }, form: { token: JSON.parse(again.text).refresh_token } })
    const listed = await send('/api/server/v1/trusted-token-issuers', { headers: bearer(ADMIN_TOKEN) })
    return [...replies, again, introspected, revoked, listed].map(({ status }) => status)
  }
  return { name: '`exchequer serve`, a store in SQLite', pid, port: new URL(url).port, mix, stop }
}

async function worker(world) {
  const others = new Set(children('workerd'))
  const bindings = { EXCHEQUER_CONFIG: JSON.stringify(document(world.keys)) }
  const miniflare = await workerd(HERE, `import { createWorker } from 'exchequer/worker'\nexport default createWorker()`, {
    bindings,
    unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
    handleRuntimeStdio: (...streams) => streams.forEach((stream) => stream.resume()),
  })
  const pid = children('workerd').find((one) => !others.has(one))
  const mix = async (send) => (await Promise.all(requests(world).map((one) => send(...one)))).map(({ status }) => status)
  return { name: 'a Worker in workerd', pid, port: (await miniflare.unsafeGetDirectURL()).port, mix, stop: () => miniflare.dispose() }
}

async function gateway(world) {
  const [port, target] = [await freePort(), await freePort()]
  const answer = { match: { prefix: '/' }, direct_response: { status: 200, body: { inline_string: 'ok' } } }
  const route_config = { virtual_hosts: [{ name: 'all', domains: ['*'], routes: [answer] }] }
  const filters = [filter({ mode: 'gateway', config: document(world.keys), clusters: {}, gateway: { clientId: CLIENT, audience: [API], scope: SCOPE, subjectTokenType: 'jwt' } })]
  const listeners = [listener('gateway', port, filters, 'upstream'), listener('upstream', target, [], undefined, { route_config })]
  const proxy = await envoy({ listeners, clusters: [cluster('upstream', target)] })
  const mix = async (send) => {
    const [token] = world.tokens(1)
    const presented = [token, world.known, withStrangeKey(token), tampered(token), MOST_TEXT.slice(0, 20_000)]
    const replies = presented.map((one) => send(`/${randomUUID()}`, { headers: bearer(one) }))
    return (await Promise.all([...replies, send('/nobody')])).map(({ status }) => status)
  }
  return { name: 'the filter for Envoy, two workers', pid: proxy.pid, port, mix, stop: () => proxy.stop() }
}

const settled = (samples) => Math.max(...samples.slice(Math.floor(samples.length / 10), Math.ceil(samples.length / 5)))
const ended = (samples) => Math.min(...samples.slice(-Math.ceil(samples.length / 10)))

function check({ name, samples }) {
  const [then, now] = [settled(samples), ended(samples)]
  if (now > then * SHARE + ALLOWANCE) throw new Error(`${name} had ${then} bytes and ends with ${now}`)
}

function report(told, seconds) {
  const megabytes = (bytes) => (bytes / 1e6).toFixed(1)
  const counted = ({ answers }) => Object.entries(answers).map(([status, times]) => `${status}: ${times.toLocaleString('en')}`).join(', ')
  const rows = told.map((one) => [one.name, megabytes(one.samples[0]), megabytes(settled(one.samples)), megabytes(ended(one.samples)), megabytes(Math.max(...one.samples)), counted(one)])
  const summary = told.map((one) => `${one.name} ${(ended(one.samples) / settled(one.samples)).toFixed(2)} times`).join(', ')
  return {
    title: 'servers under mixed load',
    versions: { Node: process.versions.node, workerd: versionOf('workerd', 'tests/runtimes/'), exchequer: own() },
    summary: `memory in the end, after the first fifth = 1: ${summary}`,
    text: `${Math.round(seconds / 60)} minutes of good and bad requests, ${PER_SECOND} rounds a second for each server. A round has
new tokens, a known one, tokens with a strange key, a broken signature and no shape,
unknown clients and paths; for the server also refreshes, introspection, revocation and
lists. Resident memory at the start, after the first fifth, in the end, and at most.

${markdown([['MB', 'start', 'after a fifth', 'end', 'most', 'answers'], ...rows])}

Memory in the end, after the first fifth = 1: ${summary}.`,
  }
}
