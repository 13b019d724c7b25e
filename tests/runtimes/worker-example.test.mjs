/** The example of a Worker, as its README starts it: by `wrangler dev`, without a network. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'

import { check } from '../console/support/files.mjs'
import { freePort } from '../node/support/ports.mjs'
import { modules, project } from './support/project.mjs'
import { exchangeOf, refreshOf } from './support/service.mjs'

const example = fileURLToPath(new URL('../../examples/worker', import.meta.url))
const START_MS = 60_000

const { directory } = project()
const own = join(directory, 'worker')
cpSync(example, own, { recursive: true, filter: (path) => !/node_modules|\.wrangler/.test(path) })
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

  it('uses the wrangler that it is tested with', () => {
    const version = (file, kind) => JSON.parse(readFileSync(file, 'utf8'))[kind].wrangler
    const tested = version(new URL('package.json', import.meta.url), 'dependencies')
    assert.equal(version(join(example, 'package.json'), 'devDependencies'), tested)
  })
})
