/** examples/envoy does what its README says. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { after, before, describe, it } from 'node:test'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import { BINARY, noEnvoy } from './support/envoy.mjs'
import { bearer, send } from './support/http.mjs'

const START = fileURLToPath(new URL('../../examples/envoy/start.mjs', import.meta.url))
const PATIENCE_MS = 60_000

describe('the example', { skip: noEnvoy }, () => {
  const urls = {}
  let child
  before(async () => {
    child = spawn(process.execPath, [START, '--tethered', '0', '0', '0', '0', '0'], {
      env: { ...process.env, ENVOY: BINARY },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    let said = ''
    child.stderr.on('data', (data) => (said += data))
    const late = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
    for await (const line of createInterface({ input: child.stdout })) {
      const [name, url] = line.split(/\s+/)
      if (URL.canParse(url)) urls[name] = new URL(url)
      if (line.startsWith('Serving')) break
    }
    clearTimeout(late)
    assert.ok(urls.gateway, said)
  })
  after(async () => {
    child.stdin.end()
    await once(child, 'exit')
  })

  it('exchanges the tokens of the login, and publishes our keys', async () => {
    const { text: token } = await send(urls.login.port, '/token')
    const get = (path, headers) => send(urls.gateway.port, path, { headers })
    const orders = await get('/orders', bearer(token))
    const { user, claims } = orders.json
    assert.deepEqual([user, claims.iss, claims.scope], ['ada', 'https://sts.example.com', 'read'])
    assert.equal((await get('/reports/1', bearer(token))).json.claims.scope, 'read reports')
    assert.equal((await get('/orders')).status, 401)
    assert.equal((await get('/orders', bearer(`${token}x`))).status, 401)
    assert.equal((await get('/public/hello')).status, 200)
    assert.equal((await get('/public/../orders')).status, 400)
    const { json } = await send(urls.authority.port, '/oauth2/jwks')
    assert.deepEqual(json.keys.map(({ kid }) => kid), ['example'])
  })
})
