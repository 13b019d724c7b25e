/** Configurations that are wrong, and a filter that traps. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'

import binaryen from 'binaryen'

import { freePort } from '../node/support/ports.mjs'
import { cluster, envoy, listener, noEnvoy } from './support/envoy.mjs'
import { API, WASM, clustersOf, filter, ownKey, service } from './support/filter.mjs'
import { bearer, send } from './support/http.mjs'
import { Issuer } from './support/issuer.mjs'
import { upstream } from './support/upstream.mjs'

/** More header fields than this make the trapping filter trap. */
const TRAP = 60

describe('a filter that is configured wrongly', { skip: noEnvoy }, () => {
  const refused = async (change) => {
    const idp = new Issuer(9)
    const config = service(await ownKey(), { idp })
    const configuration = { mode: 'gateway', config, clusters: clustersOf({ idp }), gateway: { clientId: 'edge' } }
    change(configuration)
    const listeners = [listener('gateway', await freePort(), [filter(configuration)], 'upstream')]
    const started = envoy({ listeners, clusters: [cluster('upstream', 9)] })
    return started.then(
      (proxy) => proxy.stop().then(() => assert.fail('it started')),
      (error) => error.message,
    )
  }

  it('does not start, and says every problem with its path and remedy', async () => {
    const log = await refused((one) => {
      one.config.keys = []
      one.clusters = {}
      one.gateway.clientId = 'edgy'
    })
    assert.match(log, /configuration: `config\.keys`: there is no key of ours, and this host has no store/)
    assert.match(log, /configuration: `clusters`: there is no cluster for `http:\/\/127\.0\.0\.1:9\/jwks`; add /)
    assert.match(log, /configuration: `gateway\.clientId`: there is no application `edgy`; did you mean `edge`\?/)
  })

  it('says where a field is misspelt, and which secret is missing, and shows none', async () => {
    const misspelt = await refused((one) => (one.config.isuer = 'x'))
    assert.match(misspelt, /configuration: `config\.isuer`: .* did you mean `issuer`\?/)
    let key
    const missing = await refused((one) => {
      key = one.config.keys[0].d
      one.config.applications[0].clientSecret = { env: 'NOT_THERE' }
    })
    assert.match(missing, /`config\.applications\[0\]\.clientSecret`: the environment variable `NOT_THERE` cannot be read/)
    assert.ok(!missing.includes(key))
  })
})

describe('a filter that traps', { skip: noEnvoy }, () => {
  let directory, idp, target, proxy, port
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'exchequer-trap-'))
    const wasm = join(directory, 'trap.wasm')
    writeFileSync(wasm, trapping(readFileSync(WASM)))
    idp = await new Issuer(await freePort()).start()
    target = await upstream()
    port = await freePort()
    const config = service(await ownKey(), { idp })
    const configuration = { mode: 'gateway', config, clusters: clustersOf({ idp }), gateway: { clientId: 'edge', audience: [API] } }
    proxy = await envoy({
      listeners: [listener('gateway', port, [filter(configuration, { wasm })], 'upstream')],
      clusters: [cluster('upstream', target.port), cluster('idp', Number(new URL(idp.url).port))],
    })
  })
  after(async () => {
    await Promise.all([proxy?.stop(), target?.stop(), idp?.stop()])
    rmSync(directory, { recursive: true, force: true })
  })

  it('answers 503, and the next request passes', async () => {
    const headers = bearer(await idp.token())
    const get = () => send(port, '/orders', { headers })
    assert.equal((await get()).status, 200)
    const passed = target.seen.length
    const many = Object.fromEntries(Array.from({ length: TRAP }, (_, index) => [`x-${index}`, '1']))
    assert.equal((await send(port, '/orders', { headers: many })).status, 503)
    assert.equal(target.seen.length, passed)
    // Until its VM is there again, a worker answers 503 and passes nothing.
    let reply
    for (let tries = 0; tries < 100 && reply?.status !== 200; tries++) {
      await setTimeout(50)
      reply = await get()
      assert.ok([200, 503].includes(reply.status))
    }
    assert.equal(reply.status, 200)
    assert.match(reply.json.headers.authorization, /^Bearer ey/)
    assert.notEqual(reply.json.headers.authorization, headers.authorization)
    assert.equal(idp.fetches, 1, 'keys survive in the shared data')
  })
})

/** The filter, with a trap where a request has very many header fields. */
function trapping(wasm) {
  const name = 'proxy_on_request_headers'
  binaryen.setOptimizeLevel(0)
  const module = binaryen.readBinary(wasm)
  const inner = binaryen.getExportInfo(module.getExport(name)).value
  module.removeExport(name)
  const { i32 } = binaryen
  const argument = (index) => module.local.get(index, i32)
  const body = module.block(null, [
    module.if(module.i32.gt_u(argument(1), module.i32.const(TRAP)), module.unreachable()),
    module.return(module.call(inner, [argument(0), argument(1), argument(2)], i32)),
  ])
  module.addFunction('trapping', binaryen.createType([i32, i32, i32]), i32, [], body)
  module.addFunctionExport('trapping', name)
  const bytes = module.emitBinary()
  module.dispose()
  return bytes
}
