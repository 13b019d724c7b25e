/** The engine's instructions, counted in wasmtime with the same keys, tokens and time in every run. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { API, CLIENT, JWT_BEARER, JWT_TYPE, MAX_AGE, SCOPE, SECRET, TOKEN_EXCHANGE, application, configuration } from '../inside/job.mjs'
import { tokenMaker } from '../inside/tokens.mjs'

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url))
const PYTHON = path('../../tests/.venv/bin/python')
/** The time of every count. */
const NOW = 1_790_000_000
/** Applications of the larger configuration beyond the first. */
const MORE = 100

/** Why they cannot be counted here, or `false`. In CI they have to be. */
export const noWasmtime = !existsSync(PYTHON) && !process.env.CI ? 'wasmtime is not installed' : false

/** Instructions by what they are for. */
export function instructions() {
  return JSON.parse(execFileSync(PYTHON, [path('../inside/instructions.py')], { input: JSON.stringify(job()), encoding: 'utf8' }))
}

function job() {
  const key = (name) => JSON.parse(readFileSync(path(`../../tests/vectors/keys/${name}.json`), 'utf8'))
  const issuer = key('idp-rs2048')
  const keys = { issuer, theirs: { kty: 'RSA', n: issuer.n, e: issuer.e, kid: 'idp-1', alg: 'RS256', use: 'sig' }, ours: key('ours') }
  const token = (n, now = NOW) => {
    const id = `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
    return tokenMaker(keys, { sub: `repo:octo-org/octo-repo:ref:refs/heads/main:${id}`, jti: id, iat: now, nbf: now, exp: now + MAX_AGE })(1)[0]
  }
  const document = configuration(keys)
  const applications = Array.from({ length: MORE }, (_, n) => application(`Deploy bot ${n}`, `${CLIENT}-${n}`, 'CI'))
  const tokens = Array.from({ length: 20 }, (_, n) => token(n))
  const form = (subject_token) => new URLSearchParams({ grant_type: TOKEN_EXCHANGE, subject_token, subject_token_type: JWT_TYPE, scope: SCOPE }).toString()
  return {
    document,
    many: { ...document, applications: [...document.applications, ...applications] },
    caching: { ...document, caches: { verifiedTokens: {} } },
    bearing: { ...document, applications: document.applications.map((one) => ({ ...one, grantTypes: [JWT_BEARER] })) },
    more: MORE,
    tokens,
    forms: Object.fromEntries(tokens.map((one) => [one, form(one)])),
    expired: token(999, NOW - 2 * MAX_AGE),
    authorization: `Basic ${Buffer.from(`${CLIENT}:${SECRET}`).toString('base64')}`,
    now: NOW,
    client: CLIENT,
    scope: SCOPE,
    api: API,
  }
}
