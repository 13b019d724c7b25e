/** `limits` of two Workers on one Durable Object, or one D1: they count together. */
import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'

import { Miniflare } from 'miniflare'

import { workerdModules } from './support/bundle.mjs'
import { project } from './support/project.mjs'
import { WORKER, bindings, configuration, request } from './support/service.mjs'
import { COMPATIBILITY } from './support/workerd.mjs'

const FAILURES = 6
const INTERVAL = 60 / FAILURES
const STRANGER = '203.0.113.66'
const OWN = '203.0.113.7'

/** The store as the one Worker has it, and as the other has. */
const OBJECT = { className: 'ExchequerStore', useSQLite: true }
const D1 = { d1Databases: { EXCHEQUER_DB: 'exchequer' } }
const STORES = {
  'a Durable Object': [{ durableObjects: { EXCHEQUER_STORE: OBJECT } }, { durableObjects: { EXCHEQUER_STORE: { ...OBJECT, scriptName: 'one' } } }],
  D1: [D1, D1],
}

const { directory } = project()
const modules = await workerdModules(directory, WORKER)

for (const [name, stores] of Object.entries(STORES)) {
  describe(`two Workers with ${name}`, () => {
    let miniflare
    after(() => miniflare?.dispose())

    it('let as many attempts fail as one does, and the other one more', async () => {
      const config = bindings(configuration('https://idp.example.com', { limits: { failuresPerMinute: FAILURES } }))
      const { compatibilityDate, ...shared } = COMPATIBILITY
      const worker = (name, store) => ({ name, modules, compatibilityDate, ...store, ...config })
      const handleRuntimeStdio = (...streams) => streams.forEach((stream) => stream.resume())
      miniflare = new Miniflare({ ...shared, handleRuntimeStdio, workers: [worker('one', stores[0]), worker('other', stores[1])] })
      const workers = [await miniflare.getWorker('one'), await miniflare.getWorker('other')]

      async function status(worker, address, authorization) {
        const { headers, ...rest } = request({ grant_type: 'client_credentials' })
        const sent = { ...rest, headers: { ...headers, ...authorization, 'cf-connecting-ip': address } }
        const response = await worker.fetch('https://sts.example.com/oauth2/token', { ...sent, body: String(rest.body) })
        await response.text()
        return response.status
      }
      const wrong = { authorization: `Basic ${btoa('app:wrong')}`, 'content-type': 'application/x-www-form-urlencoded' }
      const right = { 'content-type': 'application/x-www-form-urlencoded' }

      const began = Date.now()
      let failed = 0
      for (let attempt = 0; attempt < 40; attempt++) {
        if ((await status(workers[attempt % 2], STRANGER, wrong)) === 401) failed++
      }
      const since = Math.ceil((Date.now() - began) / 1000 / INTERVAL)
      assert.ok(failed >= FAILURES && failed <= FAILURES + 1 + since, `${failed} failed`)
      for (const worker of workers) {
        assert.equal(await status(worker, STRANGER, right), 429)
        assert.equal(await status(worker, OWN, right), 400)
      }
    })
  })
}
