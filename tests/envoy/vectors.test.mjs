/**
 * The cases of tests/vectors through the filter, in a proxy with virtual time.
 * Those that need a store are left out: a filter has none.
 */
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { describe, it } from 'node:test'

import { play } from '../vectors/runner/play.mjs'
import { WASM } from './support/filter.mjs'
import { Proxy } from './support/proxy.mjs'

const root = new URL('../vectors/', import.meta.url)
const read = (path) => readFileSync(new URL(path, root), 'utf8')
const filter = new WebAssembly.Module(readFileSync(WASM))

/** What cases in these need a store for is what they are about. */
const STORED = ['accounts', 'attack-client', 'bearer', 'client-assertion', 'client-metadata', 'introspection', 'own', 'refresh', 'replay', 'revocation']
const NO_GROUPS = ['configs', 'forge', 'keys', 'runner', ...STORED]

/** What a proxy does not tell the filter: `causes.test.mjs` has what it does. */
const UNTOLD = /key\.unavailable\.(name|certificate|proxy)/

/** What Envoy answers itself when it cannot reach a server. */
function localReply({ name }) {
  const reset = 'upstream connect error or disconnect/reset before headers. reset reason: remote connection failure'
  const [status, text] = name === 'TimeoutError' ? ['504', 'upstream request timeout'] : ['503', reset]
  return { fields: [[':status', status]], body: new TextEncoder().encode(text) }
}

/** The configuration without what needs a store; `gone` are the clients that went with it. */
function storeless(document) {
  const needs = ({ jwks, jwksUri, accessToken, subject, grantTypes }) =>
    jwks || jwksUri || accessToken?.type === 'opaque' || subject?.useMappedLocalSubject || grantTypes.includes('refresh_token')
  const { applications = [], trustedTokenIssuers = [], ...rest } = document
  return {
    gone: applications.filter(needs).flatMap(({ clientId, clientAssertion }) => [clientId, clientAssertion?.subject ?? clientId]),
    config: {
      ...rest,
      applications: applications.filter((one) => !needs(one)),
      // `off` needs no store: without it an identity assertion grant counts once.
      trustedTokenIssuers: trustedTokenIssuers.map(({ replayProtection, ...issuer }) => (replayProtection === 'off' ? { ...issuer, replayProtection } : issuer)),
    },
  }
}

/** Whom a form names: by an id, by the subject of an assertion, or by what an assertion says of its client. */
function named(form) {
  const of = (parameter) => form.filter(([name]) => name === parameter).map(([, value]) => value)
  const claims = (token) => {
    try {
      return JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString())
    } catch {
      return {}
    }
  }
  return [...of('client_id'), ...of('client_assertion').map((token) => claims(token).sub), ...of('assertion').flatMap((token) => [claims(token).client_id, claims(token).azp])]
}

function isStateless(testCase) {
  const document = typeof testCase.config === 'string' ? JSON.parse(read(`configs/${testCase.config}.json`)) : testCase.config
  const { gone } = storeless(document)
  return testCase.steps.every(({ store, request, expect }) => {
    const clients = [request.basic?.[0], ...named(request.form ?? [])]
    const asked = `${expect.reason} ${expect.checks}`
    const revokes = request.target?.endsWith('/revoke')
    const isPlain = !store && !revokes && request.caller !== 'embedder' && !clients.some((id) => gone.includes(id))
    // The filter is told the thumbprint of a client certificate alone. An assertion counts once, which needs a store.
    return request.connection === undefined && isPlain && !/replay|store|revo|client_assertion\.signature/.test(asked) && !UNTOLD.test(asked)
  })
}

/** What the npm package makes, made of the filter. */
async function createExchequer(document, { fetch, now, audit }) {
  const { config } = storeless(document)
  const configuration = { mode: 'authority', config, clusters: { 'https:/': 'web', 'http:/': 'web' } }
  const proxy = new Proxy(filter, JSON.stringify(configuration), now())
  const web = async (headers) => {
    try {
      // Cases spell the root of a host without its slash.
      const path = headers[':path'].replace(/^\/$/, '')
      const url = `${headers[':scheme']}://${headers[':authority']}${path}`
      const response = await fetch(url, { signal: AbortSignal.timeout(5) })
      const fields = [[':status', String(response.status)], ...response.headers]
      return { fields, body: new Uint8Array(await response.arrayBuffer()) }
    } catch (error) {
      return localReply(error)
    }
  }
  return {
    waiting: 0,
    async handle({ method, target, headers = [], body = '' }) {
      proxy.now = now()
      proxy.log = []
      const fields = [[':method', method], [':path', target]]
      for (let i = 0; i < headers.length; i += 2) fields.push([headers[i].toLowerCase(), headers[i + 1]])
      const reply = await proxy.handle({ headers: fields, body: new TextEncoder().encode(body) }, web)
      const line = proxy.log.find((one) => one.startsWith('{"time"'))
      if (line) audit(line)
      // A tick begins what the next one sends.
      for (let idle = 0; idle < 2; ) idle = (await proxy.tick(web)) ? 0 : idle + 1
      return { ...reply, reason: line && JSON.parse(line).reason }
    },
    close: () => undefined,
  }
}

for (const [name, caches] of Object.entries({ 'the filter': false, 'the filter with caches': true })) {
  describe(name, () => all(caches))
}

function all(caches) {
  let played = 0
  const directories = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  for (const group of directories.map(({ name }) => name).filter((name) => !NO_GROUPS.includes(name))) {
    it(group, async () => {
      const failures = []
      for (const file of readdirSync(new URL(group, root)).filter((name) => name.endsWith('.json'))) {
        const testCase = JSON.parse(read(`${group}/${file}`))
        if (!isStateless(testCase)) continue
        const problems = await play(testCase, { read, createExchequer, memoryStore: () => ({}), caches })
        if (problems.length > 0) failures.push(`${file}: ${problems.join('; ')}`)
        played += 1
      }
      assert.deepEqual(failures, [])
    })
  }

  it('played most cases', (t) => {
    t.diagnostic(`${played} cases`)
    assert.ok(played > 600)
  })
}
