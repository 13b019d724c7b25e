/** `exchequer keys list`, `rotate` and `withdraw`: the keys that a server signs with, by its administration API. */
import { parseArgs } from 'node:util'

import { FAILED, UsageError, failure, type ExitCode, messageOf } from './command.js'
import { webUrl } from './endpoint.js'
import { takeSecrets } from './environment.js'
import { fetchOfEnvironment } from './network.js'

const PATH = '/api/server/v1/keys'
const TIMEOUT_MS = 30_000

/** What the API shows of a key. */
interface ServerKey {
  kid: string
  alg: string
  state: 'current' | 'next' | 'retiring'
  source: 'store' | 'configuration'
  firstSeen?: number
  signsFrom?: number
  retires?: number
}

interface Answer {
  status: number
  body: Record<string, unknown>
}

export const SERVER_KEYS = ['list', 'rotate', 'withdraw'] as const

/** Runs one of them; `args` are those behind its name. */
export async function serverKeys(action: (typeof SERVER_KEYS)[number], args: string[]): Promise<ExitCode> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      alg: { type: 'string' },
      'overlap-days': { type: 'string' },
      'danger-allow-http': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  })
  const [server, kid, ...more] = positionals
  const wanted = action === 'withdraw' ? 2 : 1
  if (server === undefined || more.length > 0 || positionals.length !== wanted) {
    throw new UsageError(`\`keys ${action}\` takes the URL of the server${wanted === 2 ? ' and the `kid` of a key' : ''}`)
  }
  const { adminToken } = takeSecrets()
  if (adminToken === undefined) throw new UsageError('EXCHEQUER_ADMIN_TOKEN is not set: it is what lets you administer the server')
  const base = webUrl(server, values['danger-allow-http']).href.replace(/\/$/, '')
  const call = (method: string, path: string, body?: object) => ask(`${base}${PATH}${path}`, method, adminToken, body)
  try {
    const { status, body } =
      action === 'list'
        ? await call('GET', '')
        : action === 'rotate'
          ? await call('POST', '/rotate', { ...algorithm(values.alg), ...overlap(values['overlap-days']) })
          : await call('DELETE', `/${encodeURIComponent(kid!)}`)
    if (status >= 400) return failure(String(body['description'] ?? body['error_description'] ?? `the server answers ${status}`), values.json)
    print(action, body, values.json)
    return 0
  } catch (error) {
    if (error instanceof UsageError) throw error
    const { cause } = error as { cause?: unknown }
    failure(`${new URL(base).origin} cannot be reached: ${messageOf(cause ?? error)}`, values.json)
    return FAILED
  }
}

function algorithm(alg: string | undefined): { alg?: string } {
  return alg === undefined ? {} : { alg }
}

function overlap(days: string | undefined): { overlapDays?: number } {
  if (days === undefined) return {}
  if (!/^\d{1,2}$/.test(days)) throw new UsageError(`\`${days}\` is no number of days`)
  return { overlapDays: Number(days) }
}

async function ask(url: string, method: string, adminToken: string, body: object | undefined): Promise<Answer> {
  const fetches = (await fetchOfEnvironment()) ?? fetch
  const headers = { authorization: `Bearer ${adminToken}`, accept: 'application/json', 'content-type': 'application/json' }
  const init = { method, headers, redirect: 'manual' as const, signal: AbortSignal.timeout(TIMEOUT_MS) }
  const response = await fetches(url, body === undefined ? init : { ...init, body: JSON.stringify(body) })
  const text = await response.text()
  try {
    return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) }
  } catch {
    return { status: response.status, body: {} }
  }
}

function print(action: (typeof SERVER_KEYS)[number], body: Record<string, unknown>, json: boolean): void {
  if (json) {
    console.log(JSON.stringify(body))
    return
  }
  if (action === 'withdraw') {
    console.log('the key is withdrawn: tokens that it signed do not count any more')
    return
  }
  const keys = action === 'list' ? (body['keys'] as ServerKey[]) : [body as unknown as ServerKey]
  for (const { kid, alg, state, source, signsFrom, retires } of keys) {
    const when = state === 'next' ? `signs from ${date(signsFrom)}` : state === 'retiring' ? `until ${date(retires)}` : `since ${date(signsFrom)}`
    console.log(`${kid}  ${alg}  ${state}${source === 'store' ? `, ${when}` : ', in the configuration document'}`)
  }
}

function date(seconds: number | undefined): string {
  return seconds === undefined ? 'an unknown time' : new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z')
}
