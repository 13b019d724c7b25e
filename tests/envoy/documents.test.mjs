/** What the documents say about Envoy, in Envoy. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'

import { parseAllDocuments } from 'yaml'

import { blocksOf } from '../node/support/document.mjs'
import { ROOT, noShell, walkPage } from '../node/support/pages.mjs'
import { freePort } from '../node/support/ports.mjs'
import { BINARY, cluster, envoy, listener, noEnvoy } from './support/envoy.mjs'
import { discovered, filter, ownKey } from './support/filter.mjs'
import { bearer, send } from './support/http.mjs'
import { Issuer } from './support/issuer.mjs'
import { upstream } from './support/upstream.mjs'

const PATIENCE_MS = 120_000

const blocks = ['docs/envoy.md', 'docs/tasks/envoy-api.md'].flatMap((name) =>
  blocksOf(readFileSync(join(ROOT, name), 'utf8')).map((block) => ({ name, ...block })),
)
const documents = blocks
  .filter(({ language }) => language === 'yaml')
  .flatMap(({ name, heading, text }) => parseAllDocuments(text).map((document) => ({ name, heading, document: document.toJS() })))

/** The filter's configurations: JSON, and what the manifests hold. */
const configurations = [
  ...blocks.filter(({ language }) => language === 'filter').map(({ text, ...block }) => ({ ...block, configuration: JSON.parse(text) })),
  ...documents.flatMap(({ document, ...block }) => {
    const configuration = document.spec?.pluginConfig ?? document.spec?.wasm?.[0]?.config
    return configuration === undefined ? [] : [{ ...block, configuration }]
  }),
]

/** What some service reads as a path below /orders, without a token. */
const LEADING_TO_ORDERS = [
  '/orders/1', '//orders/1', '/x/../orders/1', '/./orders/1', '/Orders/1', '/%6frders/1', '/%2forders/1', '/x%2f../orders/1', '/orders;v=1/1',
  '/x\\..\\orders/1', '/healthz/../orders/1', '/healthz//../orders/1', '/healthz;/../orders/1', '/healthz/..;/orders/1', '/healthz/', '/HEALTHZ',
]

/** Every object below this value that has this field. */
function findAll(value, field) {
  if (value === null || typeof value !== 'object') return []
  const below = Object.values(value).flatMap((one) => findAll(one, field))
  return field in value ? [value, ...below] : below
}

/** Starts an Envoy with these HTTP filters, further clusters and settings of its connection manager, and ends it. */
async function starts(filters, clusters = [], settings = {}) {
  const listeners = [listener('documents', await freePort(), filters, 'upstream', settings)]
  const proxy = await envoy({ listeners, clusters: [cluster('upstream', 9), ...clusters] })
  await proxy.stop()
}

describe('the documents about Envoy', { skip: noEnvoy || noShell, timeout: 5 * PATIENCE_MS }, () => {
  it('docs/tutorials/envoy.md prints what it says', { timeout: PATIENCE_MS }, async () => {
    assert.ok((await walkPage('docs/tutorials/envoy.md', { path: [dirname(BINARY)] })) > 0)
  })

  it('have configurations', () => assert.equal(configurations.length, 3))

  for (const { name, heading, configuration } of configurations) {
    it(`${name}, “${heading}”: the filter takes its configuration`, async () => {
      await starts([filter(configuration, { variables: { EXCHEQUER_KEY: JSON.stringify(await ownKey()) } })])
    })
  }

  const filtersOf = (page) => documents.filter(({ name }) => name === page).flatMap(({ document }) => document.http_filters ?? [])

  it('docs/envoy.md: the filter that is discovered is the one of change.test.mjs', () => {
    assert.deepEqual(filtersOf('docs/envoy.md'), [discovered('/etc/envoy/exchequer.json')])
  })

  it('docs/tasks/envoy-api.md: Envoy takes its filters', async () => {
    const filters = filtersOf('docs/tasks/envoy-api.md')
    assert.equal(filters.length, 1)
    await starts(filters, [cluster('exchequer', 9)])
  })

  it('docs/tasks/envoy-api.md: no spelling of a path reaches the service without a token', { timeout: PATIENCE_MS }, async () => {
    const pages = documents.filter(({ name }) => name === 'docs/tasks/envoy-api.md')
    const [{ http_filters, ...settings }] = pages.map(({ document }) => document).filter((one) => 'http_filters' in one)
    const target = await upstream()
    const sts = await new Issuer(await freePort()).start()
    const port = await freePort()
    const clusters = [cluster('upstream', target.port), cluster('exchequer', Number(new URL(sts.url).port))]
    const proxy = await envoy({ listeners: [listener('documents', port, http_filters, 'upstream', settings)], clusters })
    try {
      for (const path of LEADING_TO_ORDERS) {
        const { status } = await send(port, path)
        assert.ok(status === 401 || status === 400, `${path}: ${status}`)
      }
      assert.equal(target.seen.length, 0)
      assert.equal((await send(port, '/healthz')).status, 200)
      const token = await sts.token({ iss: 'https://sts.example.com', aud: 'https://orders.example.com' })
      assert.equal((await send(port, '/orders/1', { headers: bearer(token) })).status, 200)
    } finally {
      await Promise.all([proxy.stop(), target.stop(), sts.stop()])
    }
  })

  it('every listener that they show takes the address of the client from its connection', () => {
    const managersOf = (text) => parseAllDocuments(text).flatMap((document) => findAll(document.toJS(), 'http_filters'))
    const example = managersOf(readFileSync(join(ROOT, 'examples/envoy/envoy.yaml'), 'utf8'))
    assert.equal(example.length, 2)
    const shown = documents.flatMap(({ document }) => findAll(document, 'http_filters')).filter((one) => 'normalize_path' in one)
    assert.equal(shown.length, 1)
    for (const manager of [...example, ...shown]) assert.equal(manager.use_remote_address, true)
    assert.equal(documents.filter(({ name, document }) => name === 'docs/envoy.md' && document.use_remote_address === true).length, 1)
    assert.match(readFileSync(join(ROOT, 'docs/tutorials/envoy.md'), 'utf8'), /^ {2}use_remote_address: true,$/m)
  })

  it('docs/envoy.md: Envoy takes the settings for paths, which are the same everywhere', async () => {
    const pages = documents.filter(({ name }) => name === 'docs/envoy.md')
    const managers = pages.map(({ document }) => document.spec?.configPatches?.[0].patch.value.typed_config ?? document)
    const settings = managers.filter((one) => 'normalize_path' in one)
    assert.equal(settings.length, 2)
    for (const { '@type': _, ...one } of settings) {
      assert.deepEqual(one, { normalize_path: true, path_with_escaped_slashes_action: 'REJECT_REQUEST' })
      await starts([], [], one)
    }
  })

  it('docs/envoy.md: Envoy takes the cluster', async () => {
    const patches = documents.flatMap(({ document }) => document.spec?.jsonPatches ?? [])
    assert.equal(patches.length, 1)
    await starts([], patches.map(({ operation }) => operation.value))
  })
})
