/** The example of a Worker, as its README starts it: by `wrangler dev`, without a network. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { check } from '../console/support/files.mjs'
import { freePort } from '../node/support/ports.mjs'
import { modules, project } from './support/project.mjs'
import { exchangeOf, refreshOf } from './support/service.mjs'

const example = fileURLToPath(new URL('../../examples/worker', import.meta.url))
const START_MS = 60_000

const { directory } = project()
const own = join(directory, 'worker')
cpSync(example, own, { recursive: true, filter: (path) => !/node_modules|\.wrangler|\.dev\.vars$/.test(path) })
symlinkSync(join(modules, 'wrangler'), join(directory, 'node_modules/wrangler'))
symlinkSync(join(directory, 'node_modules'), join(own, 'node_modules'))

/** Starts it on these ports. Ends it with the test, which may fail before it does. */
async function started(test, ...ports) {
  const child = spawn(process.execPath, ['start.mjs', '--tethered', ...ports.map(String)], { cwd: own, stdio: ['pipe', 'pipe', 'inherit'] })
  const closed = once(child, 'close')
  test.after(() => child.stdin.end())
  const late = setTimeout(() => child.kill(), START_MS)
  const urls = {}
  let admin
  for await (const line of createInterface({ input: child.stdout })) {
    const [, name, url, token] = /^(login|tokens|console) +(http[^\s,]+)(?:, admin token (\S+))?$/.exec(line) ?? []
    if (name !== undefined) urls[name] = url
    if (token !== undefined) admin = token
    if (line.startsWith('Serving')) break
  }
  clearTimeout(late)
  assert.ok(urls.tokens, 'the example does not start')
  return {
    console: urls.console,
    admin,
    ports: [urls.tokens, urls.login].map((url) => new URL(url).port),
    token: async () => (await fetch(urls.login)).text(),
    async post(form) {
      const headers = { authorization: `Basic ${btoa('deploy-bot:deploy-bot-secret-of-the-example')}` }
      const response = await fetch(urls.tokens, { method: 'POST', headers, body: new URLSearchParams(form) })
      return { status: response.status, ...(await response.json()) }
    },
    async stop() {
      child.stdin.end()
      await closed
    },
  }
}

/** What answers there first. */
async function answered(url) {
  const last = performance.now() + START_MS
  for (;;) {
    const response = await fetch(url).catch((error) => error)
    if (response instanceof Response) return response
    if (performance.now() > last) throw response
    await pause(100)
  }
}

describe('the example of a Worker', () => {
  it('exchanges, and still knows after a restart what was spent', { timeout: 3 * START_MS }, async (test) => {
    const first = await started(test, await freePort(), await freePort())
    const subject = exchangeOf(await first.token())
    const issued = await first.post(subject)
    assert.equal(issued.status, 200, JSON.stringify(issued))
    assert.equal(issued.scope, 'deploy:read')
    // The console is there, and lists what its administrator may see.
    await check(first.console)
    const listed = await fetch(new URL('../api/server/v1/applications', first.console), { headers: { authorization: `Bearer ${first.admin}` } })
    assert.deepEqual((await listed.json()).applications.map(({ name }) => name), ['Deploy bot'])
    await first.stop()

    const second = await started(test, ...first.ports)
    assert.equal((await second.post(refreshOf(issued.refresh_token))).status, 200)
    assert.equal((await second.post(refreshOf(issued.refresh_token))).error, 'invalid_grant')
    await second.stop()
  })

  it('serves as it is shipped, by `wrangler dev` alone', { timeout: 2 * START_MS }, async (test) => {
    rmSync(join(own, '.dev.vars'), { force: true })
    const port = await freePort()
    const wrangler = join(modules, 'wrangler/bin/wrangler.js')
    const args = [wrangler, 'dev', '--ip', '127.0.0.1', '--port', String(port), '--inspector-port', '0']
    const env = { ...process.env, CI: 'true', WRANGLER_SEND_METRICS: 'false', CLOUDFLARE_CF_FETCH_ENABLED: 'false' }
    const child = spawn(process.execPath, args, { cwd: own, env, stdio: 'ignore' })
    test.after(() => child.kill())
    const health = await answered(`http://127.0.0.1:${port}/healthz`)
    assert.equal(health.status, 200, await health.text())
    const admin = /^EXCHEQUER_ADMIN_TOKEN="(.+)"$/m.exec(readFileSync(join(own, '.dev.vars'), 'utf8'))[1]
    const listed = await fetch(`http://127.0.0.1:${port}/api/server/v1/applications`, { headers: { authorization: `Bearer ${admin}` } })
    assert.deepEqual((await listed.json()).applications.map(({ name }) => name), ['Deploy bot'])
  })

  it('has the document of `exchequer.json` among its variables', () => {
    const variables = readFileSync(join(example, '.dev.vars.example'), 'utf8')
    const document = /^EXCHEQUER_CONFIG='(.+)'$/ms.exec(variables)[1]
    assert.deepEqual(JSON.parse(document), JSON.parse(readFileSync(join(example, 'exchequer.json'), 'utf8')))
  })

  it('uses the wrangler that it is tested with', () => {
    const version = (file, kind) => JSON.parse(readFileSync(file, 'utf8'))[kind].wrangler
    const tested = version(new URL('package.json', import.meta.url), 'dependencies')
    assert.equal(version(join(example, 'package.json'), 'devDependencies'), tested)
  })
})
