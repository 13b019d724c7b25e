/** Workers in workerd, with a disk of their own that survives a restart. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'

import { Miniflare } from 'miniflare'

import { workerdModules } from './bundle.mjs'
import { COMPATIBILITY } from './workerd.mjs'

/** The bindings of both stores, by the store's name. */
export const STORES = {
  'a Durable Object': { durableObjects: { EXCHEQUER_STORE: { className: 'ExchequerStore', useSQLite: true } } },
  D1: { d1Databases: { EXCHEQUER_DB: 'exchequer' } },
}

/** The console as static assets from a folder, as `[assets]` in wrangler.toml has it. */
export const assetsOf = (directory) => ({
  assets: { directory, binding: 'EXCHEQUER_CONSOLE', routerConfig: { has_user_worker: true, invoke_user_worker_ahead_of_assets: true } },
})

/** Workers that run until the tests of the file are over. */
const running = new Set()
after(() => Promise.all([...running].map((worker) => worker.stop())))

/** Starts a Worker of this source, bundled in the directory of a project. */
export async function start(directory, source, options) {
  const modules = await workerdModules(directory, source)
  const disk = mkdtempSync(join(tmpdir(), 'exchequer-workerd-'))
  const logged = []
  const collect = (stream) => stream.setEncoding('utf8').on('data', (text) => logged.push(text))
  const open = () =>
    new Miniflare({
      modules,
      ...COMPATIBILITY,
      durableObjectsPersist: join(disk, 'objects'),
      d1Persist: join(disk, 'd1'),
      kvPersist: join(disk, 'kv'),
      handleRuntimeStdio: (out, err) => [out, err].forEach(collect),
      ...options,
    })
  let miniflare = open()
  const self = {
    get miniflare() {
      return miniflare
    },
    /** What the Worker wrote to its log. */
    log: () => logged.join(''),
    fetch: (path, init) => miniflare.dispatchFetch(`https://sts.example.com${path}`, init),
    /** Starts it anew: nothing is left but what is on the disk. */
    async restart() {
      await miniflare.dispose()
      miniflare = open()
      await miniflare.ready
    },
    async stop() {
      running.delete(self)
      await miniflare.dispose()
      rmSync(disk, { recursive: true, force: true })
    },
  }
  running.add(self)
  await miniflare.ready
  return self
}
