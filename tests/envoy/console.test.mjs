/** The console's routes in a real Envoy, when the files are those of another version. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { freePort } from '../node/support/ports.mjs'
import { envoy, listener, noEnvoy } from './support/envoy.mjs'
import { filter, ownKey } from './support/filter.mjs'
import { send } from './support/http.mjs'
import { STS } from './support/issuer.mjs'

const WRITER = fileURLToPath(new URL('../../examples/envoy/console.mjs', import.meta.url))
const PATIENCE_MS = 30_000

describe('routes of the console', { skip: noEnvoy }, () => {
  const directory = mkdtempSync(join(tmpdir(), 'exchequer-routes-'))
  const routes = join(directory, 'console-routes.json')
  let port, proxy

  /** Files of a version, and the routes to them put into place. */
  const publish = (version) => {
    const folder = join(directory, version)
    mkdirSync(join(folder, 'assets'), { recursive: true })
    writeFileSync(join(folder, 'index.html'), version)
    writeFileSync(join(folder, `assets/${version}.js`), 'x'.repeat(10_000))
    writeFileSync(join(folder, 'assets/notes.txt'), 'no file of the console')
    writeFileSync(`${routes}.new`, execFileSync(process.execPath, [WRITER, folder]))
    renameSync(`${routes}.new`, routes)
  }
  before(async () => {
    publish('one')
    port = await freePort()
    const authority = listener('authority', port, [filter({ mode: 'authority', config: { issuer: STS, keys: [await ownKey()] } })])
    const manager = authority.filter_chains[0].filters[0].typed_config
    delete manager.route_config
    manager.rds = { route_config_name: 'authority', config_source: { path_config_source: { path: routes } } }
    proxy = await envoy({ listeners: [authority], clusters: [] })
  })
  after(async () => {
    await proxy?.stop()
    rmSync(directory, { recursive: true, force: true })
  })

  it('lead to the files of the console alone', async () => {
    const get = async (path) => (await send(port, path)).status
    assert.equal((await send(port, '/console/?a=b')).text, 'one')
    assert.equal(await get('/console/assets/one.js'), 200)
    for (const name of ['assets/notes.txt', 'assets/one.jsx', 'assets/one', 'assets//one.js']) assert.equal(await get(`/console/${name}`), 404, name)
    assert.equal((await send(port, '/oauth2/jwks')).json.keys.length, 1)
    assert.match((await send(port, '/oauth2/token', { method: 'POST' })).json.error, /invalid/)
  })

  it('are taken over without a restart', async () => {
    publish('two')
    const version = async () => (await send(port, '/console/')).text
    for (const late = Date.now() + PATIENCE_MS; (await version()) !== 'two'; await setTimeout(50)) assert.ok(Date.now() < late, 'still the first version')
    assert.equal((await send(port, '/console/assets/one.js')).status, 404)
    assert.equal((await send(port, '/console/assets/two.js')).status, 200)
  })
})
