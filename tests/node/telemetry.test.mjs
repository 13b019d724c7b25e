/** What is measured: latencies, traces, and the dashboard and alerts that read them. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { after, before, describe, it } from 'node:test'

import { createExchequer } from 'exchequer'

import { ADMIN_TOKEN } from './support/admin.mjs'
import { serve } from './support/serve.mjs'
import { NOW, config, issuer, jwksFetch } from './support/tokens.mjs'

const DEPLOY = new URL('../../deploy/telemetry/', import.meta.url)
const read = (name) => readFileSync(new URL(name, DEPLOY), 'utf8')
const JWT = 'urn:ietf:params:oauth:token-type:jwt'
const STS = 'https://sts.example.com'
const TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

const get = (sts, path, headers = {}) => sts.fetch(new Request(`${STS}${path}`, { headers }))
const metrics = async (sts) => (await get(sts, '/metrics', { authorization: `Bearer ${ADMIN_TOKEN}` })).text()

/** Names and labels of every sample. */
function samples(text) {
  const all = new Map()
  for (const line of text.split('\n')) {
    const [, name, labels] = /^([a-z_]+)(?:\{(.*)\})? /.exec(line) ?? []
    if (name === undefined) continue
    const known = all.get(name) ?? new Map()
    for (const [, label, value] of (labels ?? '').matchAll(/([a-z]+)="([^"]*)"/g)) known.set(label, [...(known.get(label) ?? []), value])
    all.set(name, known)
  }
  return all
}

describe('/metrics', () => {
  let idp, sts
  before(async () => {
    idp = await issuer()
    const fetch = jwksFetch(idp.jwks)
    sts = await createExchequer(config(), { fetch, now: () => NOW, adminToken: ADMIN_TOKEN })
  })
  after(() => sts.close())

  it('has latencies of requests, fetches and store calls', async () => {
    await sts.exchange({ clientId: 'app', subjectToken: await idp.token(), subjectTokenType: JWT })
    await get(sts, '/oauth2/jwks')
    const text = await metrics(sts)
    assert.match(text, /^exchequer_request_duration_seconds_bucket\{endpoint="jwks",status="2xx",le="10"\} 1$/m)
    assert.match(text, /^exchequer_fetch_duration_seconds_count\{outcome="2xx"\} 1$/m)
    assert.match(text, /^exchequer_store_duration_seconds_count\{operation="read",outcome="done"\} \d+$/m)
  })

  it('has buckets that grow, and a sum and a count that agree with them', async () => {
    const text = await metrics(sts)
    const buckets = [...text.matchAll(/^exchequer_request_duration_seconds_bucket\{endpoint="jwks",status="2xx",le="([^"]+)"\} (\d+)$/gm)]
    const counts = buckets.map(([, , count]) => Number(count))
    assert.deepEqual(counts, counts.toSorted((a, b) => a - b))
    assert.equal(buckets.at(-1)[1], '+Inf')
    assert.match(text, new RegExp(`^exchequer_request_duration_seconds_count\\{endpoint="jwks",status="2xx"\\} ${counts.at(-1)}$`, 'm'))
  })

  it('takes no label from what was sent', async () => {
    const before = (await metrics(sts)).split('\n').length
    for (let i = 0; i < 50; i++) {
      const init = { method: i % 2 ? 'BREW' : 'GET', headers: { traceparent: `00-${i}` } }
      await sts.fetch(new Request(`${STS}/path-${i}/${'x'.repeat(i)}?secret=${i}`, init))
    }
    const text = await metrics(sts)
    assert.ok(text.split('\n').length - before < 60, 'endpoint `other`, and nothing else')
    assert.ok(!text.includes('path-') && !text.includes('BREW'))
  })
})

describe('a traceparent', () => {
  const form = { grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange', subject_token_type: JWT, client_id: 'app', client_secret: config().applications[0].clientSecret }
  const traced = async (headers) => {
    const idp = await issuer()
    const seen = []
    const fetch = async (_, init) => {
      seen.push(new Headers(init.headers).get('traceparent'))
      return new Response(JSON.stringify(idp.jwks))
    }
    const lines = []
    const sts = await createExchequer(config(), { fetch, now: () => NOW, audit: (line) => lines.push(JSON.parse(line)) })
    const body = new URLSearchParams({ ...form, subject_token: await idp.token() })
    await sts.fetch(new Request(`${STS}/oauth2/token`, { method: 'POST', body, headers }))
    await sts.close()
    return [seen, lines.map(({ traceparent }) => traceparent)]
  }

  it('goes into the audit line and into what is fetched, also where nothing is sent to a collector', async () => {
    assert.deepEqual(await traced({ traceparent: TRACE }), [[TRACE], [TRACE]])
  })

  it('that is none goes nowhere', async () => {
    for (const traceparent of ['eyJhbGciOiJFUzI1NiJ9.e30.c2ln', `${TRACE}-x`, TRACE.toUpperCase()]) {
      assert.deepEqual(await traced({ traceparent }), [[null], [undefined]])
    }
    assert.deepEqual(await traced({}), [[null], [undefined]])
  })
})

describe('a collector', () => {
  const otlp = 'http://collector.example.com:4318'
  const sentBy = async (use, more = {}) => {
    const idp = await issuer()
    const sent = []
    const fetch = async (url, init) => {
      if (!url.startsWith(otlp)) return new Response(JSON.stringify(idp.jwks))
      sent.push([new URL(url).pathname, JSON.parse(init.body)])
      return new Response('{}')
    }
    const sts = await createExchequer({ ...config(), telemetry: { otlp } }, { fetch, now: () => NOW, ...more })
    await use(sts, async () => sts.exchange({ clientId: 'app', subjectToken: await idp.token(), subjectTokenType: JWT }))
    await sts.close()
    return sent
  }
  const paths = (sent) => sent.map(([path]) => path).sort()

  it('gets what was decided when the service ends', async () => {
    const sent = await sentBy(async (_, exchange) => exchange())
    assert.deepEqual(paths(sent), ['/v1/metrics', '/v1/traces'])
    assert.equal(sent.find(([path]) => path === '/v1/traces')[1].resourceSpans[0].scopeSpans[0].spans[0].name, 'token')
  })

  it('gets nothing of a service that decided nothing, as when a document is only checked', async () => {
    assert.deepEqual(await sentBy(async () => undefined), [])
  })

  it('is another one, or none, under another configuration', async () => {
    const sent = await sentBy(async (sts, exchange) => {
      await exchange()
      await sts.reconfigure(config())
      await exchange()
    })
    assert.deepEqual(paths(sent), ['/v1/metrics', '/v1/traces'])
    const spans = sent.find(([path]) => path === '/v1/traces')[1].resourceSpans[0].scopeSpans[0].spans
    assert.equal(spans.length, 1)
  })

  it('gets each trace behind the reply, where the platform stops there', async () => {
    const work = []
    await sentBy(async (sts, exchange) => {
      await exchange()
      assert.equal(work.length, 1)
      await Promise.all(work)
    }, { background: (one) => work.push(one) })
  })
})

describe('the dashboard and the alerts', { timeout: 120_000 }, () => {
  let server, collector, text
  before(async () => {
    collector = createServer((request, response) => request.resume().on('end', () => response.end('{}'))).listen(0, '127.0.0.1')
    const otlp = () => `http://127.0.0.1:${collector.address().port}`
    server = await serve((url) => ({ ...config(), issuer: url, caches: { verifiedTokens: {} }, telemetry: { otlp: otlp() } }), {
      adminToken: ADMIN_TOKEN,
      args: ['--workers', '2'],
    })
    // One that is refused, so that there is something of each kind.
    const body = new URLSearchParams({ grant_type: 'x', client_id: 'app', client_secret: config().applications[0].clientSecret })
    await fetch(`${server.url}/oauth2/token`, { method: 'POST', body })
    for (let i = 0; i < 4; i++) await fetch(`${server.url}/oauth2/jwks`, { headers: { connection: 'close' } })
    const response = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } })
    text = await response.text()
  })
  after(async () => {
    await server?.stop()
    collector?.close()
  })

  /** Metrics with the labels that are asked for, out of an expression. */
  const named = (expression) =>
    [...expression.matchAll(/(exchequer_[a-z_]+)(?:\{([^}]*)\})?/g)].map(([, name, labels = '']) => ({
      name,
      labels: [...labels.matchAll(/([a-z]+)=~?"/g)].map(([, label]) => label),
    }))
  /** What a server without traffic does not have yet. */
  const LATER = ['exchequer_fetch_duration_seconds_bucket', 'exchequer_fetch_duration_seconds_count']

  it('name metrics and labels that exist', () => {
    const { panels, templating } = JSON.parse(read('grafana-dashboard.json'))
    const expressions = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))
    expressions.push(...templating.list.map(({ query }) => query), read('alerts.yaml'))
    const asked = expressions.flatMap(named)
    assert.ok(asked.length > 25)
    const exist = samples(text)
    for (const name of LATER) {
      assert.ok(text.includes(`# TYPE ${name.replace(/_(bucket|count)$/, '')} histogram`))
      exist.set(name, new Map([['outcome', []], ['le', []]]))
    }
    for (const { name, labels } of asked) {
      assert.ok(exist.has(name), `there is no metric ${name}`)
      // Prometheus itself adds `job`.
      for (const label of labels) assert.ok(label === 'job' || exist.get(name).has(label), `${name} has no label ${label}`)
    }
  })

  it('leave no metric out', () => {
    const shown = read('grafana-dashboard.json') + read('alerts.yaml')
    const families = [...text.matchAll(/^# TYPE (exchequer_[a-z_]+) /gm)].map(([, name]) => name)
    const left = families.filter((name) => !shown.includes(name))
    assert.deepEqual(left, ['exchequer_token_cache_evictions_total', 'exchequer_token_cache_bytes'])
  })

  it('have a panel for each row, and an annotation for each alert', () => {
    const { panels } = JSON.parse(read('grafana-dashboard.json'))
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length)
    const alerts = read('alerts.yaml')
    const count = (word) => alerts.split(word).length - 1
    assert.equal(count('- alert:'), count('summary:'))
    assert.equal(count('- alert:'), count('description:'))
  })
})
