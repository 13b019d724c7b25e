/** What a Worker keeps: across a restart, and against twenty who want the same at once. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { decodeJwt } from 'jose'

import { issuer } from './support/issuer.mjs'
import { project } from './support/project.mjs'
import { LINKING, STS, WORKER, bindings, configuration, exchangeOf, post, refreshOf, winner } from './support/service.mjs'
import { STORES, start } from './support/worker.mjs'

const MANY = 20

const { directory } = project()
const idp = await issuer()
const token = (claims) => idp.sign(claims, STS)
const twenty = (form) => Array.from({ length: MANY }, () => form)
const keyOf = async (worker) => (await (await worker.fetch('/oauth2/jwks')).json()).keys[0]

for (const [name, store] of Object.entries(STORES)) {
  describe(`a Worker with ${name}`, () => {
    const started = (more) => start(directory, WORKER, { ...store, ...bindings(configuration(idp.issuer, more)) })

    it('lets one of twenty uses of a refresh token win', async () => {
      const worker = await started()
      const { refresh_token } = await post(worker, exchangeOf(await token()))
      await winner(worker, twenty(refreshOf(refresh_token)), 'invalid_grant')
      await worker.stop()
    })

    it('lets one of twenty uses of a `jti` win', async () => {
      const worker = await started({ trusted: { replayProtection: 'jti' } })
      const form = exchangeOf(await token({ jti: 'once' }))
      await winner(worker, twenty(form), 'invalid_request')
      await worker.restart()
      assert.equal((await post(worker, form)).error, 'invalid_request')
      await worker.stop()
    })

    it('links a subject once when twenty come at once', async () => {
      const worker = await started(LINKING)
      const forms = await Promise.all(twenty().map(async () => exchangeOf(await token({ sub: 'x-1', email: 'ada@example.com', email_verified: true }))))
      const replies = await Promise.all(forms.map((form) => post(worker, form)))
      assert.deepEqual(new Set(replies.map(({ access_token }) => decodeJwt(access_token).sub)), new Set(['u-ada']))
      await worker.stop()
    })

    it('keeps its key and its refresh tokens over a restart', async () => {
      const worker = await started()
      const first = await post(worker, exchangeOf(await token()))
      const second = await post(worker, refreshOf(first.refresh_token))
      const key = await keyOf(worker)

      await worker.restart()
      assert.deepEqual(await keyOf(worker), key)
      assert.equal((await post(worker, refreshOf(second.refresh_token))).status, 200)
      assert.equal((await post(worker, refreshOf(first.refresh_token))).error, 'invalid_grant')
      await worker.stop()
    })

    it('makes one key when twenty come to a new store', async () => {
      const worker = await started()
      const forms = await Promise.all(twenty().map(async () => exchangeOf(await token())))
      const replies = await Promise.all(forms.map((form) => post(worker, form)))
      const kids = replies.map(({ access_token }) => JSON.parse(atob(access_token.split('.')[0])).kid)
      assert.deepEqual(new Set(kids), new Set([(await keyOf(worker)).kid]))
      await worker.stop()
    })
  })
}
