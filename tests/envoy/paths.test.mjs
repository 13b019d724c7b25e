/** No path leads around a rule: the rules of docs/envoy.md in a real Envoy, before a service that reads paths as Node programs do. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import { decodeJwt } from 'jose'
import { parse } from 'yaml'

import { blocksOf } from '../node/support/document.mjs'
import { ROOT } from '../node/support/pages.mjs'
import { freePort } from '../node/support/ports.mjs'
import { cluster, envoy, listener, noEnvoy } from './support/envoy.mjs'
import { filter, ownKey } from './support/filter.mjs'
import { bearer, send } from './support/http.mjs'
import { Issuer } from './support/issuer.mjs'

/** Two ways in which Node programs read a target: with the WHATWG parser, and with a cut behind the decoded path. */
const READERS = [
  (target) => new URL(target, 'http://service').pathname,
  (target) => decodeURIComponent(target).split('?')[0],
]

/** Each is served as `/admin/users` or `/admin` by one of the readers. */
const ATTACKS = [
  '/public/a%2fb/%2e%2e/%2e%2e/admin/users',
  '//x/admin/users',
  '/\\x/admin/users',
  '/x%2fy/%2e%2e/admin/users',
  '/admin%3fx',
]

const ORDINARY = ['/public/', '/public/caf%C3%A9/a%20b', '/public/a%2Fb', '/public/a;v=1', '/public/...', '/public/x/']

/** Says which paths it would serve, and with which scope. */
async function service() {
  const server = createServer(({ url, headers }, response) => {
    const token = headers.authorization?.replace('Bearer ', '')
    const scope = token === undefined ? undefined : token === 'forged' ? 'forged' : decodeJwt(token).scope
    response.end(JSON.stringify({ served: READERS.map((read) => read(url)), scope }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

describe('a path', { skip: noEnvoy }, () => {
  let proxy, issuer, upstream, ports
  const blocks = blocksOf(readFileSync(join(ROOT, 'docs/envoy.md'), 'utf8'))
  const documented = JSON.parse(blocks.find(({ language }) => language === 'filter').text)
  const settings = parse(blocks.find(({ text }) => /^normalize_path/m.test(text)).text)

  before(async () => {
    issuer = await new Issuer(await freePort()).start()
    upstream = await service()
    const names = ['gateway', 'open', 'normalised']
    ports = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await freePort()])))
    const config = { ...documented.config, trustedTokenIssuers: [issuer.trusted('Company login')] }
    const variables = { EXCHEQUER_KEY: JSON.stringify(await ownKey()) }
    const { gateway } = documented
    const open = { ...gateway, rules: [...gateway.rules, { pathPrefix: '/', token: 'off' }] }
    const filtered = (gateway) => [filter({ ...documented, config, clusters: { [issuer.url]: 'idp' }, gateway }, { variables })]
    proxy = await envoy({
      listeners: [
        listener('gateway', ports.gateway, filtered(gateway), 'service'),
        listener('open', ports.open, filtered(open), 'service'),
        listener('normalised', ports.normalised, filtered(gateway), 'service', settings),
      ],
      clusters: [cluster('service', upstream.address().port), cluster('idp', Number(new URL(issuer.url).port))],
    })
  })
  after(async () => {
    await proxy?.stop()
    await issuer?.stop()
    upstream?.close()
    upstream?.closeAllConnections()
  })

  /** Nothing below `/admin` is served, unless with the scope of its rule. */
  async function guarded(name, path, headers) {
    const { status, json } = await send(ports[name], path, { headers })
    const admin = json?.served?.filter((one) => /^\/admin(\/|$)/.test(one)) ?? []
    assert.ok(admin.length === 0 || json.scope === 'admin', `${path} was served as ${admin}, with the scope ${json?.scope}`)
    return status
  }

  for (const path of ATTACKS) {
    it(`${path} does not lead to /admin/ without a token, nor with a forged one`, async () => {
      for (const name of ['open', 'gateway']) {
        for (const headers of [{}, bearer('forged')]) assert.equal(await guarded(name, path, headers), 400)
      }
    })

    it(`${path} does not lead to /admin/ with the scope of another rule`, async () => {
      assert.equal(await guarded('gateway', path, bearer(await issuer.token())), 400)
    })

    it(`${path} does not lead to /admin/ where Envoy normalises paths`, async () => {
      const status = await guarded('normalised', path, bearer('forged'))
      assert.ok([400, 401].includes(status), String(status))
    })
  }

  it('that is plain is served, and /admin/ with its own scope', async () => {
    for (const path of ORDINARY) assert.equal((await send(ports.gateway, path)).status, 200, path)
    assert.equal(await guarded('gateway', '/admin/users', bearer(await issuer.token())), 200)
  })

  it('that is refused is counted, and its reason says what to do', async () => {
    const counted = await proxy.count('refused.gateway.path.ambiguous')
    const { json } = await send(ports.gateway, ATTACKS[0])
    assert.equal(json.error, 'invalid_request')
    assert.match(json.error_description, /'gateway.rules'/)
    assert.equal(await proxy.count('refused.gateway.path.ambiguous'), counted + 1)
  })
})
