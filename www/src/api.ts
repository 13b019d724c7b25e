/** Calls of the administration API. Tokens are kept in memory only. */
import { signal } from '@preact/signals'
import type { Problem } from './model.ts'
import { t } from './texts/index.ts'

/** The API is beside the console, under whatever path. */
export const BASE = new URL('..', document.baseURI)

/** The administrator's token. */
export const adminToken = signal<string | undefined>(undefined)
/** The access token of a user who looks at their own account. */
export const userToken = signal<string | undefined>(undefined)
/** The token was refused during work: a dialog asks for another, and what was typed is kept. */
export const expired = signal(false)

/** What is shown at the field of a member that is wrong. */
export interface Complaint {
  path: string
  text: string
}

/** What a refused call is about, besides its message. */
interface About {
  traceId?: string | undefined
  complaints?: Complaint[]
  /** The error code of OAuth. */
  code?: string | undefined
  /** The whole answer: some errors have members of their own. */
  body?: unknown
}

/** A call that was refused. */
export class Refused extends Error {
  readonly traceId: string | undefined
  readonly complaints: Complaint[]
  readonly code: string | undefined
  readonly body: unknown

  constructor(
    /** 0: the server was not reached. */
    readonly status: number,
    description: string,
    { traceId, complaints = [], code, body }: About = {},
  ) {
    super(description)
    this.traceId = traceId
    this.complaints = complaints
    this.code = code
    this.body = body
  }
}

export interface Answer<T> {
  status: number
  body: T
  etag: string | null
}

/** An object of the server, with its version. */
export interface Seen<T> {
  object: T
  etag: string | null
}

type Who = 'admin' | 'user' | 'nobody'

/** Calls the server. `body` is sent as JSON, or as it is when it is a form or a document. */
export async function call<T>(method: string, path: string, body?: unknown, as: Who = 'admin'): Promise<T> {
  const token = as === 'admin' ? adminToken.value : as === 'user' ? userToken.value : undefined
  return (await send<T>(method, path, body, token)).body
}

/** Reads an object that is to be changed. */
export async function see<T>(path: string): Promise<Seen<T>> {
  const { body, etag } = await send<T>('GET', path, undefined, adminToken.value)
  return { object: body, etag }
}

/** Changes or deletes an object, unless it has another version by now (412). */
export async function change<T>(method: 'PATCH' | 'DELETE', path: string, { etag }: Seen<unknown>, body?: unknown): Promise<Seen<T>> {
  const answer = await send<T>(method, path, body, adminToken.value, etag === null ? {} : { 'if-match': etag })
  return { object: answer.body, etag: answer.etag }
}

/** Calls with a token that nobody is signed in with yet. */
export async function send<T>(method: string, path: string, body?: unknown, token?: string, more: Record<string, string> = {}): Promise<Answer<T>> {
  const headers = new Headers({ accept: 'application/json', ...more })
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
  const isReady = body instanceof URLSearchParams || body instanceof Blob
  if (body !== undefined && !isReady) headers.set('content-type', 'application/json')
  let response: Response
  try {
    response = await fetch(new URL(path, BASE), {
      method,
      headers,
      body: body === undefined ? null : isReady ? body : JSON.stringify(body),
      credentials: 'omit',
      cache: 'no-store',
    })
  } catch {
    throw new Refused(0, t().errors.unreachable)
  }
  const text = await response.text()
  const json = parsed(text)
  if (!response.ok) throw refusal(response, json, token !== undefined && token === adminToken.value)
  return { status: response.status, body: (json ?? text) as T, etag: response.headers.get('etag') }
}

function parsed(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The header field in which SCIM errors name the attribute. */
const SCIM_ATTRIBUTE = 'exchequer-attribute'

/** The body of an error: of the administration API, of SCIM (RFC 7644 section 3.12), or of OAuth. */
interface ErrorBody {
  description?: string
  problems?: Problem[]
  traceId?: string
  detail?: string
  error?: string
  error_description?: string
}

function refusal({ status, headers }: Response, json: unknown, signedIn: boolean): Refused {
  if (status === 401 && signedIn) expired.value = true
  const said = (json ?? {}) as ErrorBody
  const description = said.description ?? said.detail ?? said.error_description
  // An error of the OAuth endpoints: the path is unknown to the server.
  if (description === undefined || said.error === 'not_found') {
    return new Refused(status, t().errors.noApi(status))
  }
  return new Refused(status, description, { traceId: said.traceId, complaints: complaintsOf(said, headers.get(SCIM_ATTRIBUTE)), code: said.error, body: json })
}

function complaintsOf({ problems = [], detail }: ErrorBody, attribute: string | null): Complaint[] {
  if (attribute !== null && detail !== undefined) return [{ path: attribute, text: detail }]
  return problems.map(({ path, problem, remedy }) => ({ path, text: `${problem}; ${remedy}` }))
}

export interface Page<T> {
  totalResults: number
  items: T[]
}

/** A page of a list. `name` is the member that has the items. */
export async function list<T>(path: string, name: string, query: Record<string, string>): Promise<Page<T>> {
  const body = await call<Record<string, unknown>>('GET', `${path}?${new URLSearchParams(query)}`)
  return { totalResults: Number(body['totalResults'] ?? 0), items: (body[name] ?? []) as T[] }
}

/** Reads a list page by page; nothing when it has more than `most` items. */
async function whole<T>(page: (from: number) => Promise<Page<T>>, most: number): Promise<T[] | undefined> {
  const items: T[] = []
  for (;;) {
    const { totalResults, items: more } = await page(items.length)
    if (totalResults > most) return undefined
    items.push(...more)
    if (more.length === 0 || items.length >= totalResults) return items
  }
}

/** Every object of a list of the administration API that the query asks for, unless there are more than `most`. */
export const upTo = <T>(most: number, path: string, name: string, query: Record<string, string> = {}) => whole<T>((offset) => list<T>(path, name, { limit: '100', offset: String(offset), ...query }), most)

/** Every resource of a SCIM list, unless there are more than `most`. */
export const resourcesUpTo = <T>(most: number, path: string) => whole<T>((from) => list<T>(path, 'Resources', { count: '100', startIndex: String(from + 1) }), most)

/** Every object of a list of the administration API. */
export const all = async <T>(path: string, name: string): Promise<T[]> => (await upTo<T>(Infinity, path, name)) ?? []

/** Every resource of a SCIM list. */
export const allOf = async <T>(path: string): Promise<T[]> => (await resourcesUpTo<T>(Infinity, path)) ?? []

/** What the server publishes about itself (RFC 8414). */
export interface Metadata {
  issuer: string
  token_endpoint: string
  jwks_uri: string
  grant_types_supported?: string[]
  token_endpoint_auth_methods_supported?: string[]
  [member: string]: unknown
}

export const metadata = () => call<Metadata>('GET', '.well-known/oauth-authorization-server', undefined, 'nobody')

/** A link to another page of a list that is read from a place on. */
export interface PageLink {
  rel: string
  href: string
}

/** The place from which the next page goes on, if there is one. */
export function placeOf(links: readonly PageLink[]): string | undefined {
  const next = links.find(({ rel }) => rel === 'next')
  return next === undefined ? undefined : (new URL(next.href, BASE).searchParams.get('after') ?? undefined)
}

export const ISSUERS = 'api/server/v1/trusted-token-issuers'
export const APPLICATIONS = 'api/server/v1/applications'
export const USERS = 'scim2/Users'
export const ROLES = 'scim2/Roles'
export const REFUSALS = 'api/server/v1/refusals'
export const GRANTS = 'api/server/v1/grants'
export const AUDIT = 'api/server/v1/audit'
export const ACTIVITY = `${AUDIT}/activity`
export const CHANGES = `${AUDIT}/changes`
export const CONFIGURATION = 'api/server/v1/configuration'
export const KEYS = 'api/server/v1/keys'
export const linksOf = (user: string) => `api/users/v1/${encodeURIComponent(user)}/federated-associations`
