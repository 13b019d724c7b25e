/**
 * The same races as `tests/node/once-races.test.mjs`, among two and five Workers in one workerd,
 * with one Durable Object as their store.
 */
import { describe, it } from 'node:test'

import { RACES, TIMEOUT_MS, contest, race, replyOf } from '../node/support/once-races.mjs'
import { workerdModules } from './support/bundle.mjs'
import { project } from './support/project.mjs'
import { WORKER } from './support/service.mjs'
import { COMPATIBILITY } from './support/workerd.mjs'

const { Miniflare } = await import('miniflare')
const REPLICAS = ['one', 'two', 'three', 'four', 'five']

describe('two and five Workers on a Durable Object', { timeout: TIMEOUT_MS }, () => {
  it(`accept what counts once no more than once in ${RACES} races`, async () => {
    const { config, ...rest } = await contest()
    const modules = await workerdModules(project().directory, WORKER)
    // The object is of the first Worker; the others are bound to it.
    const store = (name) => ({ className: 'ExchequerStore', useSQLite: true, ...(name !== 'one' && { scriptName: 'one' }) })
    const workers = REPLICAS.map((name) => ({
      name, modules, ...COMPATIBILITY,
      durableObjects: { EXCHEQUER_STORE: store(name) },
      bindings: { EXCHEQUER_CONFIG: JSON.stringify(config) },
    }))
    // Every request writes a line to the audit log.
    const handleRuntimeStdio = (...streams) => streams.forEach((stream) => stream.resume())
    const miniflare = new Miniflare({ ...COMPATIBILITY, handleRuntimeStdio, workers })
    try {
      const replicas = await Promise.all(REPLICAS.map((name) => miniflare.getWorker(name)))
      const sending = (worker) => async ({ form, headers }) =>
        replyOf(await worker.fetch('https://sts.example.com/oauth2/token', { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers }, body: new URLSearchParams(form).toString() }))
      await race(rest, replicas.map(sending))
    } finally {
      await miniflare.dispose()
    }
  })
})
