/** Faults around a Worker, with each of the stores there are for one: none may leave a half of anything behind. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'

import { TRAP, trapping } from '../node/support/trapping.mjs'
import { issuer } from './support/issuer.mjs'
import { project } from './support/project.mjs'
import { LINKING, STS, bindings, configuration, exchangeOf, post, refreshOf, request } from './support/service.mjs'
import { STORES, start } from './support/worker.mjs'

/** How long the store takes for what it is asked, while clients go away. */
const DELAY_MS = 30
const CLIENTS = 12
/** More than the longest body, and more than the longest document of an issuer, in bytes. */
const LONG = 70_000
const LONG_DOCUMENT = 600_000
/** As long as `Retry-After` says, and a little. */
const RETRY_MS = 1_100
const PATIENCE_MS = 30_000

/** A Worker whose real store is broken from outside, slow for those who go away, and can be looked into. */
const SOURCE = `
  import { createWorker } from 'exchequer/worker'
  import { ExchequerStore, durableObjectStore } from 'exchequer/stores/durable-object'
  import { d1Store } from 'exchequer/stores/d1'
  const BREAK = 'ALTER TABLE records RENAME TO broken'
  const MEND = 'ALTER TABLE broken RENAME TO records'
  class Breakable extends ExchequerStore {
    #state
    constructor(state, env) {
      super(state, env)
      this.#state = state
    }
    execute(sql) {
      return [...this.#state.storage.sql.exec(sql)]
    }
  }
  export { Breakable as ExchequerStore }
  let isSlow = false
  let begun = 0
  const slow = (work) => async (...args) => {
    if (isSlow) await new Promise((resolve) => setTimeout(resolve, ${DELAY_MS}))
    return work(...args)
  }
  const worker = createWorker({
    store(env) {
      const store = env.EXCHEQUER_STORE ? durableObjectStore(env.EXCHEQUER_STORE) : d1Store(env.EXCHEQUER_DB)
      const of = (method) => slow((...args) => store[method](...args))
      return { read: of('read'), list: of('list'), commit: of('commit') }
    },
  })
  async function execute(env, sql) {
    if (env.EXCHEQUER_DB) return (await env.EXCHEQUER_DB.prepare(sql).all()).results
    return env.EXCHEQUER_STORE.get(env.EXCHEQUER_STORE.idFromName('exchequer')).execute(sql)
  }
  function misspelt() {
    try {
      createWorker({ sotre: undefined })
    } catch (error) {
      return new Response(String(error))
    }
  }
  export default {
    async fetch(request, env, context) {
      const { pathname } = new URL(request.url)
      if (pathname === '/break') return Response.json(await execute(env, BREAK))
      if (pathname === '/mend') return Response.json(await execute(env, MEND))
      if (pathname === '/misspelt') return misspelt()
      if (pathname === '/begun') return Response.json(begun)
      if (pathname === '/keys') return Response.json((await execute(env, 'SELECT key FROM records')).map(({ key }) => key))
      isSlow = request.headers.has('x-slow')
      if (isSlow) begun++
      return worker.fetch(request, env, context)
    },
  }`

const { directory } = project()
const wasm = join(directory, 'node_modules/exchequer/dist/exchequer.wasm')
writeFileSync(wasm, trapping(readFileSync(wasm)))

for (const [name, store] of Object.entries(STORES)) {
  const idp = await issuer()
  describe(`faults around a Worker with ${name}`, () => {
    let worker
    before(async () => {
      // A socket of the Worker's own: Miniflare's goes through a Worker that keeps clients from going away.
      worker = await start(directory, SOURCE, { ...store, unsafeDirectSockets: [{}], ...bindings(configuration(idp.issuer, LINKING)) })
    })
    after(() => worker?.stop())

    const token = (sub) => idp.sign({ sub, email: 'ada@example.com', email_verified: true }, STS)
    const exchange = async (sub) => post(worker, exchangeOf(await token(sub)))
    const begun = async () => (await worker.fetch('/begun')).json()
    const keys = async (prefix) => (await (await worker.fetch('/keys')).json()).filter((key) => key.startsWith(prefix)).length
    const assertUnavailable = ({ status, error, access_token }) =>
      assert.deepEqual([status, error, access_token], [503, 'temporarily_unavailable', undefined])

    it('goes on when an issuer that was down, or said too much, is well', async () => {
      idp.down(true)
      assertUnavailable(await exchange('patient'))
      idp.down(false)
      idp.padding = ' '.repeat(LONG_DOCUMENT)
      await setTimeout(RETRY_MS)
      assertUnavailable(await exchange('patient'))
      assert.equal(idp.fetched, 2)
      idp.padding = ''
      await setTimeout(RETRY_MS)
      assert.equal((await exchange('patient')).status, 200)
    })

    it('is not made with an option that is misspelt', async () => {
      assert.equal(await (await worker.fetch('/misspelt')).text(), 'TypeError: `createWorker` has no option `sotre`: did you mean `store`?')
    })

    it('follows an issuer that rotates its keys', async () => {
      await idp.rotate()
      assert.equal((await exchange('patient')).status, 200)
    })

    it('loses nothing to a store that fails, and forgets nothing', async () => {
      const { refresh_token } = await exchange('patient')
      const links = await keys('link/')
      await worker.fetch('/break')
      assertUnavailable(await post(worker, refreshOf(refresh_token)))
      assertUnavailable(await exchange('new'))
      await worker.fetch('/mend')
      assert.equal(await keys('link/'), links, 'a link that nobody was told of')
      assert.equal((await post(worker, refreshOf(refresh_token))).status, 200, 'it was not spent')
      assert.equal((await post(worker, refreshOf(refresh_token))).error, 'invalid_grant', 'now it is')
    })

    it('refuses a body beyond the limit, announced or not', async () => {
      const { headers } = request({})
      const type = { ...headers, 'content-type': 'application/x-www-form-urlencoded' }
      const body = `grant_type=${'a'.repeat(LONG)}`
      const chunks = new ReadableStream({
        pull(controller) {
          controller.enqueue(new TextEncoder().encode(body))
          controller.close()
        },
      })
      for (const [about, one] of Object.entries({ body, chunks })) {
        const response = await worker.fetch('/oauth2/token', { method: 'POST', headers: type, body: one, duplex: 'half' })
        assert.deepEqual([response.status, (await response.json()).error], [413, 'invalid_request'], about)
      }
    })

    it('answers 500 when the engine traps, and the next request works', async () => {
      const { refresh_token } = await exchange('patient')
      const { headers } = request({})
      for (let times = 0; times < 3; times++) {
        const response = await worker.fetch('/oauth2/token', { method: 'POST', headers, body: 'a'.repeat(TRAP) })
        assert.deepEqual([response.status, await response.json()], [500, { error: 'server_error' }])
        assert.equal((await exchange('patient')).status, 200)
      }
      assert.equal((await post(worker, refreshOf(refresh_token))).status, 200)
    })

    it('finishes what clients began who went away, and makes no half of a link', async () => {
      const [links, refreshes] = [await keys('link/'), await keys('refresh/')]
      const url = await worker.miniflare.unsafeGetDirectURL()
      for (let client = 0; client < CLIENTS; client++) {
        const { body, headers, method } = request(exchangeOf(await token(`gone-${client}`)))
        const fields = { ...headers, 'content-type': 'application/x-www-form-urlencoded', 'x-slow': 'yes' }
        const gone = httpRequest(new URL('/oauth2/token', url), { method, headers: fields })
        gone.on('error', () => undefined).end(body.toString())
        // What has not arrived when its connection is reset never arrives.
        for (const late = Date.now() + PATIENCE_MS; (await begun()) <= client; ) assert.ok(Date.now() < late, 'nothing has begun')
        // Between any two of what an exchange does.
        await setTimeout((client * DELAY_MS) / 3)
        // A reset: of a client that only closes its side workerd thinks that it still reads.
        gone.socket.resetAndDestroy()
      }
      for (const late = Date.now() + PATIENCE_MS; (await keys('refresh/')) < refreshes + CLIENTS && Date.now() < late; ) await setTimeout(25)
      const made = [await keys('refresh/') - refreshes, await keys('link/') - links]
      assert.deepEqual(made, [CLIENTS, CLIENTS])
      assert.equal(await keys('user-link/'), await keys('link/'))
    })
  })
}
