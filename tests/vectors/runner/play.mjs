/**
 * Plays one case against a service made by the npm package, on any runtime.
 * Says what is wrong; `tests/vectors.rs` is the same for the engine itself.
 */
import { compactVerify, createLocalJWKSet } from 'jose'

import { Fixtures, differs, text } from './fixtures.mjs'
import { World } from './world.mjs'

const SECRET_PARAMETERS = [
  'subject_token', 'actor_token', 'assertion', 'client_assertion', 'client_secret', 'refresh_token', 'token',
]

/**
 * @param runtime `read(path)` reads a file below `tests/vectors`; `createExchequer` and
 *   `memoryStore` are those of the package; `crypto` is a provider to use instead of the default;
 *   `caches` turns on every cache, and each token is rehearsed before it is presented
 * @returns {Promise<string[]>} what is wrong; nothing when all is well
 */
export async function play(testCase, { read, createExchequer, memoryStore, crypto, caches = false }) {
  const fixtures = new Fixtures(read)
  const document = { ...fixtures.document(testCase.config), ...(caches && { caches: { verifiedTokens: {}, issuedTokens: {} } }) }
  const world = new World(fixtures, memoryStore())
  world.now = testCase.steps[0].now
  const lines = []
  const sts = await createExchequer(document, {
    fetch: world.fetch, store: world.store, now: () => world.now, audit: (line) => lines.push(line), crypto,
  })
  const problems = []
  const answered = []
  try {
    for (const [index, step] of testCase.steps.entries()) {
      world.now = step.now
      world.storeFails = step.store === 'failed'
      world.script(step.fetch)
      if (caches && !countsFetches(testCase)) await rehearse(sts, step.request, answered)
      world.fetched = []
      lines.length = 0
      const reply = await serve(sts, step.request, answered)
      const audit = lines.length === 0 ? undefined : JSON.parse(lines[0])
      await settled(sts)
      const wrong = [
        leak(secrets(step.request, document, answered), reply, lines[0] ?? ''),
        ...promises(step, reply, audit),
        ...expectations(fixtures, step.expect, reply, audit, world),
        await issued(sts, step.expect, reply),
      ]
      problems.push(...wrong.filter(Boolean).map((what) => `step ${index + 1}: ${what}`))
      answered.push(reply.json)
    }
  } finally {
    await sts.close()
  }
  return [...problems, ...world.unscripted.map((url) => `the engine must not fetch ${url}`)]
}

/** Whether a case is about what is fetched, and when. */
const countsFetches = ({ steps }) => steps.some(({ fetch = {}, expect }) => Object.keys(fetch).length > 0 || expect.fetches > 0)

/** Has the tokens of an exchange verified, and writes nothing. A host that cannot rehearse does without. */
async function rehearse(sts, { form = [], basic }, answered) {
  const value = (name) => form.filter(([key]) => key === name).map(([, one]) => text(one, answered))[0]
  const clientId = basic?.[0] ?? value('client_id')
  if (!sts.explain || !clientId || !value('subject_token') || !value('subject_token_type')) return
  const request = { clientId, subjectToken: value('subject_token'), subjectTokenType: value('subject_token_type') }
  const actor = value('actor_token') && { actorToken: value('actor_token'), actorTokenType: value('actor_token_type') }
  await sts.explain({ ...request, ...actor })
}

async function serve(sts, request, answered) {
  if (request.caller === 'embedder') return embedded(sts, request, answered)
  const { method = 'POST', target = '/oauth2/token', basic, form } = request
  const headers = []
  // `btoa` takes bytes as characters.
  if (basic) headers.push('Authorization', `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(basic.join(':'))))}`)
  for (const [name, value] of request.headers ?? []) headers.push(name, text(value, answered))
  let body = request.body === undefined ? '' : text(request.body, answered)
  if (form) {
    if (!headers.some((name, i) => i % 2 === 0 && name.toLowerCase() === 'content-type')) {
      headers.push('Content-Type', 'application/x-www-form-urlencoded')
    }
    body = new URLSearchParams(form.map(([name, value]) => [name, text(value, answered)])).toString()
  }
  const reply = await sts.handle({ method, target, headers, body, ...connectionOf(request) })
  const fields = {}
  for (let i = 0; i < reply.headers.length; i += 2) fields[reply.headers[i]] = reply.headers[i + 1]
  const content = new TextDecoder().decode(reply.body)
  return { status: reply.status, reason: reply.reason, headers: fields, content, json: parsed(content) }
}

function connectionOf({ connection }) {
  if (connection === undefined) return undefined
  const { peer, certificate } = connection
  if (certificate === undefined) return { peer }
  const { der, ...described } = certificate
  // `atob` makes characters of bytes.
  const bytes = der && Uint8Array.from(atob(der), (one) => one.charCodeAt(0))
  return { peer, certificate: der ? { der: bytes, verified: certificate.verified } : described }
}

/** The embedding program has a method of its own. */
async function embedded(sts, { form }, answered) {
  const value = (name) => form.filter(([key]) => key === name).map(([, one]) => text(one, answered))
  const one = (name) => value(name)[0]
  const request = {
    clientId: one('client_id'), subjectToken: one('subject_token'), subjectTokenType: one('subject_token_type'),
    audience: value('audience'), resource: value('resource'), scope: one('scope'), requestedTokenType: one('requested_token_type'),
  }
  const headers = { 'cache-control': 'no-store', pragma: 'no-cache' }
  try {
    const json = await sts.exchange(request)
    return { status: 200, headers, content: JSON.stringify(json), json }
  } catch (error) {
    const json = { error: error.code, error_description: error.message }
    return { status: error.status, reason: error.reason, headers, content: JSON.stringify(json), json }
  }
}

function parsed(content) {
  try {
    return JSON.parse(content)
  } catch {
    return undefined
  }
}

/** Waits for what is done between requests. */
async function settled(sts) {
  while (sts.waiting > 0) await new Promise((resolve) => setTimeout(resolve, 0))
}

function secrets({ form = [], basic }, document, answered) {
  const found = [basic?.[1], ...(document.applications ?? []).map((one) => one.clientSecret), ...(document.keys ?? []).map((key) => key.d)]
  for (const [name, value] of form) {
    if (!SECRET_PARAMETERS.includes(name)) continue
    const token = text(value, answered)
    found.push(token, ...token.split('.').slice(1))
  }
  return found.filter((secret) => typeof secret === 'string' && secret.length >= 12)
}

function leak(secrets, reply, audit) {
  const places = { 'the audit log': audit, 'a header': JSON.stringify(reply.headers), 'the body': reply.content }
  for (const [place, content] of Object.entries(places)) {
    const secret = secrets.find((one) => content.includes(one))
    if (secret) return `${place} has the secret \`${secret.slice(0, 24)}…\` in it`
  }
  return undefined
}

/** What every endpoint of clients promises. */
function promises(step, reply, audit) {
  if (step.expect.checks === undefined) return []
  const wrong = []
  if (reply.headers['cache-control'] !== 'no-store' || reply.headers.pragma !== 'no-cache') wrong.push('the reply may be cached')
  if (audit?.status !== reply.status || audit?.time !== step.now) wrong.push('the audit line does not go with the reply')
  if (reply.status !== 200 && !/^[ !#-[\]-~]+$/.test(reply.json?.error_description ?? '')) wrong.push('the `error_description` is missing or not plain')
  return wrong
}

function expectations(fixtures, expect, reply, audit, world) {
  const wrong = []
  const same = (name, wanted, found) => {
    const difference = differs(wanted ?? null, found ?? null, name)
    if (difference) wrong.push(difference)
  }
  same('status', expect.status, reply.status)
  same('error', expect.error, reply.json?.error)
  same('reason', expect.reason, reply.reason)
  if (expect.fetches !== undefined && expect.fetches !== world.fetched.length) wrong.push(`fetches: wanted ${expect.fetches}, found ${world.fetched}`)
  if (expect.checks) same('checks', expect.checks, audit?.checks.map(shown))
  if (expect.headers) wrong.push(differs(expect.headers, reply.headers, 'headers'))
  if (expect.body) wrong.push(differs(fixtures.expand(expect.body), reply.json, 'body'))
  return wrong
}

/** A check that passed is its code; every other says how it came out. */
function shown({ code, outcome }) {
  return outcome === 'pass' ? code : `${code} (${outcome})`
}

/** A token that was issued, verified by `jose` with the keys that are published. */
async function issued(sts, expect, reply) {
  const token = reply.json?.access_token
  if (token?.split('.').length !== 3) return expect.claims || expect.header ? 'no JWT was issued' : undefined
  const keys = await sts.handle({ method: 'GET', target: '/oauth2/jwks' })
  const jwks = createLocalJWKSet(JSON.parse(new TextDecoder().decode(keys.body)))
  const { payload, protectedHeader } = await compactVerify(token, jwks)
  const claims = JSON.parse(new TextDecoder().decode(payload))
  if (claims.exp - claims.iat !== reply.json.expires_in) return '`expires_in` is not the lifetime of the token'
  return differs(expect.header ?? {}, protectedHeader, 'header') ?? differs(expect.claims ?? {}, claims, 'claims')
}
