/**
 * Grants, changes, stored decisions, keys and the configuration on every store
 * that runs in Node: what is listed by rows of the store is there on each.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'

import { createExchequer } from 'exchequer'
import { memoryStore } from 'exchequer/stores/memory'
import { redisStore } from 'exchequer/stores/redis'
import { sqliteStore } from 'exchequer/stores/sqlite'

import { ADMIN_TOKEN, ISSUERS, admin } from './support/admin.mjs'
import { noRedis, redisServer } from './support/redis.mjs'
import { noSqld, sqldServer } from './support/sqld.mjs'
import { JWKS_URI, STS, config, issuer, jwksFetch } from './support/tokens.mjs'

const JWT = 'urn:ietf:params:oauth:token-type:jwt'
const API = '/api/server/v1'
const directory = mkdtempSync(join(tmpdir(), 'exchequer-operate-'))
const STORES = {
  memory: { open: () => memoryStore() },
  sqlite: { open: () => sqliteStore(`file:${join(directory, 'store.sqlite')}`) },
  'a libSQL server': { skip: noSqld, behind: sqldServer, open: ({ url }) => sqliteStore(url) },
  redis: { skip: noRedis, behind: () => redisServer(), open: ({ url }) => redisStore(url) },
}
after(() => rmSync(directory, { recursive: true, force: true }))

const idp = await issuer()
const now = () => Math.floor(Date.now() / 1000)
const document = config({ audit: { activity: { enabled: true, subject: 'shown' } } })
Object.assign(document.applications[0], {
  grantTypes: [...document.applications[0].grantTypes, 'refresh_token'],
  accessToken: { type: 'opaque' },
})

for (const [name, { skip = false, behind, open }] of Object.entries(STORES)) {
  describe(`a server on ${name}`, { skip }, () => {
    it('tells and revokes grants, and tells changes and decisions', async (t) => {
      let server, store, sts
      // Whatever fails: a server that is left behind keeps this file from ending.
      t.after(async () => {
        await sts?.close()
        await store?.close?.()
        await server?.stop()
      })
      server = await behind?.()
      store = await open(server ?? {})
      sts = await createExchequer(document, { store, adminToken: ADMIN_TOKEN, fetch: jwksFetch(idp.jwks) })
      const call = async (method, path, body) => {
        const said = await admin(STS, method, path, body, sts.fetch)
        assert.ok(said.status < 300, `${method} ${path}: ${said.status} ${JSON.stringify(said.body)}`)
        return said.body
      }
      const subjectToken = await idp.token({ iat: now() - 10, exp: now() + 600 })
      for (let nth = 0; nth < 3; nth++) await sts.exchange({ clientId: 'app', subjectToken, subjectTokenType: JWT })

      const [{ id }] = (await call('GET', `${API}/applications`)).applications
      const grants = await call('GET', `${API}/grants?applicationId=${id}&limit=4`)
      assert.equal(grants.count, 4)
      const rest = await call('GET', grants.links[0].href.slice(STS.length))
      const all = [...grants.grants, ...rest.grants]
      assert.equal(new Set(all.map((grant) => grant.id)).size, 6)
      assert.deepEqual([...new Set(all.map((grant) => grant.type))].sort(), ['access_token', 'refresh_token'])
      await call('DELETE', `${API}/grants/${all[0].id}`)
      const revoked = await call('DELETE', `${API}/grants?applicationId=${id}`)
      assert.deepEqual(revoked, { revoked: 5, more: false, links: [] })

      await call('POST', ISSUERS, { name: 'Other', issuer: 'https://other.example.com', certificate: { jwksUri: JWKS_URI } })
      const { changes } = await call('GET', `${API}/audit/changes`)
      assert.deepEqual(
        changes.map(({ id, change }) => [id, change.action, change.resource]),
        [[3, 'create', 'trusted-token-issuer'], [2, 'delete', 'grant'], [1, 'delete', 'grant']],
      )
      const { activity } = await call('GET', `${API}/audit/activity?outcome=granted&clientId=app`)
      assert.deepEqual(activity.map((one) => one.subject), ['ada', 'ada', 'ada'])
      assert.deepEqual(await call('GET', `${API}/audit/activity/${activity[2].traceId}`), activity[2])
      const { buckets } = await call('GET', `${API}/audit/activity/counts?bucket=60&from=${now() - 600}`)
      assert.equal(buckets.reduce((sum, { granted }) => sum + granted, 0), 3)

      const exported = await call('GET', `${API}/configuration`)
      assert.deepEqual(exported.trustedTokenIssuers.map((one) => one.name), ['IdP', 'Other'])
      assert.deepEqual((await call('POST', `${API}/configuration/diff`, exported)).differences, [])
      const { keys } = await call('GET', `${API}/keys`)
      assert.deepEqual(keys.map(({ state, source }) => [state, source]), [['current', 'store']])
    })
  })
}
