/** The console of a Worker, in workerd: files that are static assets, with the header fields of every host. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'

import { check, send } from '../console/support/files.mjs'
import { project } from './support/project.mjs'
import { WORKER, bindings, configuration } from './support/service.mjs'
import { assetsOf, start } from './support/worker.mjs'

const { directory } = project()
const variables = bindings(configuration('https://idp.example.com'))
const example = (name) => readFileSync(new URL(`../../examples/worker/${name}`, import.meta.url), 'utf8')
const folder = join(directory, 'node_modules/exchequer/dist/console')

describe('the console of a Worker', () => {
  it('is served from static assets, as everywhere', async () => {
    const worker = await start(directory, WORKER, { ...variables, ...assetsOf(folder) })
    const url = await worker.miniflare.ready
    await check(url)
    // What is beside the page is the engine's, and nothing is served but under its name.
    assert.equal((await send(url, '/scim2/Users/console')).status, 401)
    for (const path of ['/consoles', '/', '/index.html', '/assets/']) assert.equal((await send(url, path)).status, 404, path)
    assert.equal((await send(url, '/tenant/console/')).status, 200)
    await worker.stop()
  })

  it('says how it is bound where it is not', async () => {
    const worker = await start(directory, WORKER, variables)
    const response = await worker.fetch('/console/')
    assert.equal(response.status, 404)
    assert.match(response.headers.get('content-security-policy'), /^default-src 'none'/)
    const [, table] = (await response.text()).split('\n\n')
    assert.match(table, /binding = "EXCHEQUER_CONSOLE"/)
    for (const name of ['wrangler.toml', 'README.md']) assert.ok(example(name).includes(table.trim()), name)
    assert.equal((await worker.fetch('/console/', { method: 'POST' })).status, 405)
    await worker.stop()
  })

  it('needs no configuration that is right', async () => {
    const worker = await start(directory, WORKER, { bindings: { EXCHEQUER_CONFIG: '{}' }, ...assetsOf(folder) })
    assert.equal((await worker.fetch('/console/')).status, 200)
    await worker.stop()
  })
})
