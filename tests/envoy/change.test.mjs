/** Another configuration of the filter over xDS, in a real Envoy: no request fails, and a broken one is refused. */
import assert from 'node:assert/strict'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'

import { decodeJwt } from 'jose'

import { freePort } from '../node/support/ports.mjs'
import { cluster, envoy, listener, noEnvoy } from './support/envoy.mjs'
import { API, clustersOf, discovered, filter, ownKey, service } from './support/filter.mjs'
import { bearer } from './support/http.mjs'
import { Issuer } from './support/issuer.mjs'
import { upstream } from './support/upstream.mjs'

/** The short form. The long one is a command in CONTRIBUTING.md. */
const REQUESTS = Number(process.env.CHANGE_REQUESTS ?? 400)
const CHANGES = Number(process.env.CHANGE_CHANGES ?? 4)
const PATIENCE_MS = 60_000

describe('a filter whose configuration comes over xDS', { skip: noEnvoy, timeout: 20 * PATIENCE_MS }, () => {
  let directory, idp, target, proxy, port, key, version = 0
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })

  const configuration = (scope) => ({
    mode: 'gateway',
    config: service(key, { idp }),
    clusters: clustersOf({ idp }),
    gateway: { clientId: 'edge', audience: [API], scope },
  })
  /** Puts a configuration where Envoy looks for it: the file is moved there whole. */
  const publish = (configuration) => {
    const resource = {
      '@type': 'type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig',
      name: 'exchequer',
      typed_config: filter(configuration).typed_config,
    }
    const path = join(directory, 'filter.json')
    writeFileSync(`${path}.next`, JSON.stringify({ version_info: String(++version), resources: [resource] }))
    renameSync(`${path}.next`, path)
    return path
  }
  /** Sends a token on a connection that is kept; the scope of what came out. */
  const cross = (token) =>
    new Promise((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port, path: '/orders', headers: bearer(token), agent }, async (response) => {
        let text = ''
        for await (const chunk of response) text += chunk
        if (response.statusCode !== 200) return resolve(`${response.statusCode} ${text}`)
        resolve(decodeJwt(JSON.parse(text).headers.authorization.replace('Bearer ', '')).scope)
      })
      sent.on('error', (error) => resolve(String(error)))
      sent.end()
    })
  const until = async (what) => {
    for (const late = Date.now() + PATIENCE_MS; ; await setTimeout(20)) {
      if (await what()) return
      assert.ok(Date.now() < late, `never happened: ${what}`)
    }
  }
  const discovery = async (name) => {
    const stats = await proxy.stats()
    return Number(Object.entries(stats).find(([key]) => key.includes('extension_config_discovery') && key.endsWith(name))?.[1] ?? 0)
  }

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'exchequer-xds-'))
    idp = await new Issuer(await freePort()).start()
    target = await upstream()
    key = await ownKey()
    port = await freePort()
    const path = publish(configuration('read'))
    const idpPort = Number(new URL(idp.url).port)
    proxy = await envoy({
      listeners: [listener('gateway', port, [discovered(path)], 'upstream')],
      clusters: [cluster('upstream', target.port), cluster('idp', idpPort)],
    })
  })
  after(async () => {
    agent.destroy()
    await proxy?.stop()
    await idp?.stop()
    await target?.stop()
    rmSync(directory, { recursive: true, force: true })
  })

  it('takes over another one', async () => {
    const token = await idp.token()
    assert.equal(await cross(token), 'read')
    publish(configuration('write'))
    await until(async () => (await cross(token)) === 'write')
    assert.equal(await cross(token), 'write')
  })

  it('refuses a broken one, says why, and goes on with the one before', async () => {
    const token = await idp.token()
    const broken = configuration('read')
    broken.gateway.clientId = 'edgy'
    publish(broken)
    await proxy.said('there is no application `edgy`; did you mean `edge`?')
    for (let i = 0; i < 20; i++) assert.equal(await cross(token), 'write')
    publish(configuration('read'))
    await until(async () => (await cross(token)) === 'read')
  })

  it(`passes ${REQUESTS} requests during ${CHANGES} changes, and none fails`, async () => {
    const token = await idp.token({ exp: Math.floor(Date.now() / 1000) + 3600 })
    const fetches = idp.fetches
    let [sent, changes, isBusy] = [0, 0, true]
    const others = []
    const client = async () => {
      while (sent < REQUESTS || isBusy) {
        sent++
        const scope = await cross(token)
        if (scope !== 'read' && scope !== 'write') others.push(scope)
      }
    }
    const change = async () => {
      while (changes < CHANGES) {
        const before = await discovery('config_reload')
        publish(configuration(changes % 2 === 0 ? 'write' : 'read'))
        await until(async () => (await discovery('config_reload')) > before)
        changes++
        await until(() => sent >= (REQUESTS * (changes - 1)) / CHANGES)
      }
      isBusy = false
    }
    await Promise.all([change(), ...Array.from({ length: 8 }, client)])
    assert.deepEqual(others.slice(0, 3), [])
    assert.ok(sent >= REQUESTS)
    // Workers give each other what one of them has fetched, also across changes.
    assert.ok(idp.fetches - fetches <= 1, `${idp.fetches - fetches} fetches`)
  })
})
