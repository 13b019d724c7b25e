/** `limits` of two Workers on one Durable Object, or one D1: they count together. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'

import { Miniflare } from 'miniflare'

import { workerdModules } from './support/bundle.mjs'
import { project } from './support/project.mjs'
import { SECRET, WORKER, bindings, configuration, request } from './support/service.mjs'
import { COMPATIBILITY } from './support/workerd.mjs'

const FAILURES = 6
const INTERVAL = 60 / FAILURES
const REQUESTS = 10
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

/** A token request from this address. The application may authenticate, and no more. */
async function status(worker, address, authorization) {
  const { headers, ...rest } = request({ grant_type: 'client_credentials' })
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const sent = { ...rest, headers: { ...headers, ...form, ...authorization, 'cf-connecting-ip': address } }
  const response = await worker.fetch('https://sts.example.com/oauth2/token', { ...sent, body: String(rest.body) })
  await response.text()
  return response.status
}

const basic = (secret) => ({ authorization: `Basic ${btoa(`app:${secret}`)}` })

for (const [name, stores] of Object.entries(STORES)) {
  describe(`two Workers with ${name}`, () => {
    let miniflare, workers
    before(async () => {
      const limits = { failuresPerMinute: FAILURES, requestsPerSecond: REQUESTS }
      const config = bindings(configuration('https://idp.example.com', { limits }))
      const { compatibilityDate, ...shared } = COMPATIBILITY
      const worker = (name, store) => ({ name, modules, compatibilityDate, ...store, ...config })
      const handleRuntimeStdio = (...streams) => streams.forEach((stream) => stream.resume())
      miniflare = new Miniflare({ ...shared, handleRuntimeStdio, workers: [worker('one', stores[0]), worker('other', stores[1])] })
      workers = [await miniflare.getWorker('one'), await miniflare.getWorker('other')]
    })
    after(() => miniflare?.dispose())

    it('serve a client as many requests in a second as one does', async () => {
      const ask = () => Promise.all(workers.map((worker) => status(worker, OWN, basic(SECRET))))
      let served = 0
      // From the beginning of a second on, as both of them see it.
      await setTimeout(1000 - (Date.now() % 1000))
      const began = Date.now()
      while (Date.now() - began < 3900) served += (await ask()).filter((one) => one !== 429).length
      const seconds = Math.ceil((Date.now() - began) / 1000)
      // Those that were under way at once may be more.
      const most = (REQUESTS + workers.length) * seconds
      assert.ok(served >= REQUESTS * (seconds - 1) && served <= most, `${served} in ${seconds} s`)
    })

    it('let as many attempts fail as one does, and the other one more', async () => {
      const began = Date.now()
      let failed = 0
      for (let attempt = 0; attempt < 40; attempt++) {
        if ((await status(workers[attempt % 2], STRANGER, basic('wrong'))) === 401) failed++
      }
      const since = Math.ceil((Date.now() - began) / 1000 / INTERVAL)
      assert.ok(failed >= FAILURES && failed <= FAILURES + 1 + since, `${failed} failed`)
      for (const worker of workers) {
        assert.equal(await status(worker, STRANGER, basic(SECRET)), 429)
        assert.equal(await status(worker, OWN, basic(SECRET)), 400)
      }
    })
  })
}
