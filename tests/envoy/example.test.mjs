/** examples/envoy does what its README says. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'

import { parse } from 'yaml'

import { check } from '../console/support/files.mjs'
import { noEnvoy } from './support/envoy.mjs'
import { startExample } from './support/example.mjs'
import { bearer, send } from './support/http.mjs'

const read = (name) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8')

describe('the example', { skip: noEnvoy }, () => {
  let urls, stop
  before(async () => ({ urls, stop } = await startExample()))
  after(() => stop?.())

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
    assert.equal((await get('/public/../orders')).status, 401)
    for (const path of ['/public//orders', '/public/..%2forders']) assert.equal((await get(path)).status, 400, path)
    const { json } = await send(urls.authority.port, '/oauth2/jwks')
    assert.deepEqual(json.keys.map(({ kid }) => kid), ['example'])
  })

  it('serves the console, as everywhere, and the filter everything else', async () => {
    await check(urls.console)
    const get = (path) => send(urls.authority.port, path)
    // Administration needs a store: the filter is built without its API.
    const administration = await get('/scim2/Users/console')
    assert.deepEqual([administration.status, administration.json.error], [404, 'not_found'])
    assert.equal((await get('/healthz')).json.status, 'ok')
    assert.equal((await send(urls.gateway.port, '/console/')).status, 401, 'the gateway leads to the service')
  })

  it('has the routes of the console where docs/envoy.md puts them', () => {
    const [, block] = /^## The console$[^]*?```yaml\n([^]*?)```/m.exec(read('docs/envoy.md'))
    const example = parse(read('examples/envoy/envoy.yaml'))
    const authority = example.static_resources.listeners.find(({ name }) => name === 'authority')
    const { rds } = authority.filter_chains[0].filters[0].typed_config
    assert.deepEqual(parse(block), { node: example.node, rds })
  })
})
