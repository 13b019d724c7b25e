/**
 * How cases are declared, and how their files are written.
 *
 * A group is `suite('group', async (test) => { … })`; in it
 * `accept(name, about, step)` and `refuse(name, about, reason, step)` declare a
 * case of one step, `steps(name, about, options, [...])` one of several.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'

import { NOW, jwt } from './token.mjs'
import { pretty } from './pretty.mjs'

const root = new URL('../', import.meta.url)

export const GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange'
export const TYPE = (name) => `urn:ietf:params:oauth:token-type:${name}`
export const SECRETS = { web: 'web-secret-for-tests', defaults: 'defaults-secret-for-tests' }

/** The reason of a refusal is what `BLESS=1` found. The case is that there is one. */
export const RECORDED = Symbol('recorded')

/** Reasons that are found before anything is fetched. */
const BEFORE_FETCH =
  /^(request|client|grant_type|actor_token|requested_token_type)\.|\.(shape|header|issuer|algorithm|type)\.|\.claim\.(missing|wrong_type)$/

const groups = []

/** Folders beside the groups; what is in them is not made here. */
const NO_GROUPS = ['configs', 'forge', 'keys', 'runner']

export function suite(group, declare) {
  if (NO_GROUPS.includes(group)) throw new Error(`a group cannot be called ${group}`)
  groups.push([group, declare])
}

/** Makes every case that was declared. */
export async function forge() {
  let count = 0
  for (const [group, declare] of groups) {
    const cases = new Map()
    const add = (name, about, config, steps) => {
      if (cases.has(name)) throw new Error(`${group}/${name} is declared twice`)
      cases.set(name, { about, config, steps })
    }
    declare({
      accept: (name, about, step = {}) => add(name, about, step.config, [granted(step)]),
      refuse: (name, about, reason, step = {}) => add(name, about, step.config, [refused(reason, step)]),
      steps: (name, about, config, steps) => add(name, about, config, steps),
    })
    const folder = new URL(`${group}/`, root)
    mkdirSync(folder, { recursive: true })
    for (const file of readdirSync(folder)) {
      if (file.endsWith('.json') && !cases.has(file.slice(0, -5))) rmSync(new URL(file, folder))
    }
    for (const [name, declared] of cases) await write(new URL(`${name}.json`, folder), declared)
    count += cases.size
  }
  return count
}

/** A step that is granted. */
export function granted({ expect, ...step } = {}) {
  return { ...step, expect: { status: 200, ...expect } }
}

/** A step that is refused for this reason. */
export function refused(reason, { expect, ...step } = {}) {
  const before = reason !== RECORDED && BEFORE_FETCH.test(reason) ? { fetches: 0 } : {}
  return { ...step, expect: { status: 400, error: 'invalid_request', reason, ...before, ...expect } }
}

/** A step that cannot be decided now. */
export function unavailable(reason, { expect, ...step } = {}) {
  return {
    ...step,
    expect: { status: 503, error: 'temporarily_unavailable', reason, ...expect },
  }
}

async function write(file, { about, config = 'standard', steps }) {
  const before = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { steps: [] }
  const written = []
  for (const [index, step] of steps.entries()) {
    const { checks = [], reason = 'unknown' } = before.steps[index]?.expect ?? {}
    const expect = step.expect.reason === RECORDED ? { ...step.expect, reason } : step.expect
    written.push(await stepOf({ ...step, expect }, checks))
  }
  writeFileSync(file, pretty({ about, config, steps: written }))
}

async function stepOf(step, checks) {
  const { now = NOW, request, fetch, store, expect } = step
  const tokens = []
  const made = request === undefined ? await exchange(step, tokens) : await raw(request, tokens)
  const toClients = /^(\/tenant)?\/oauth2\/(token|introspect|revoke)(\?|$)/.test(made.target ?? '/oauth2/token')
  const audited = toClients && (made.method ?? 'POST') === 'POST'
  return {
    now,
    tokens: tokens.length > 0 ? tokens : undefined,
    request: made,
    fetch,
    store,
    expect: audited ? { ...expect, checks } : expect,
  }
}

/** A request that is given as it is; its tokens may still have to be made. */
async function raw({ form, ...request }, tokens) {
  return form === undefined ? request : { ...request, form: await pairs(form, tokens) }
}

/**
 * A token exchange. `token` is what `jwt` takes, a token it made, or a text;
 * `form` has parameters besides or instead: a list repeats one, `undefined`
 * takes it away.
 */
async function exchange({ client = 'web', basic, headers, caller, token = {}, type = 'jwt', form = {} }, tokens) {
  const parameters = {
    grant_type: GRANT,
    subject_token: token,
    subject_token_type: type.includes(':') ? type : TYPE(type),
    ...form,
  }
  const isPublic = client !== null && !Object.hasOwn(SECRETS, client)
  if (isPublic && !('client_id' in form)) parameters.client_id = client
  const pair = basic ?? (client === null || isPublic || caller ? undefined : [client, SECRETS[client]])
  if (caller && client) parameters.client_id = client
  return { basic: pair ?? undefined, headers, caller, form: await pairs(parameters, tokens) }
}

const TOKENS = ['subject_token', 'client_assertion', 'actor_token', 'assertion']

/** What the answer to an earlier step had: `from(1, 'access_token')`. */
export const from = (step, member) => ({ step, member })

async function pairs(parameters, tokens) {
  const list = []
  for (const [name, value] of Object.entries(parameters)) {
    for (const one of Array.isArray(value) && !isText(value) ? value : [value]) {
      if (one === undefined) continue
      list.push([name, TOKENS.includes(name) ? await tokenText(one, tokens) : one])
    }
  }
  return list
}

/** Several parts of one text, as opposed to several values. */
function isText(value) {
  return value.some((part) => part !== null && typeof part === 'object' && ('repeat' in part || 'step' in part))
}

async function tokenText(declared, tokens) {
  const token = await declared
  if (typeof token === 'string' || Array.isArray(token) || 'repeat' in token || 'step' in token) return token
  const made = await ('text' in token ? token : jwt(token))
  if (made.shown) tokens.push(made.shown)
  return made.text
}
