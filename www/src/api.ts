/** The administration API: who calls, and what comes back. The token is in memory only. */
import { signal } from '@preact/signals'

/** Where the API is: beside the console, whatever path both are under. */
export const BASE = new URL('..', document.baseURI)

/** The administrator's token; gone with the page. */
export const adminToken = signal<string | undefined>(undefined)
/** The access token of a user who looks at their own account. */
export const userToken = signal<string | undefined>(undefined)
/** The token was refused while somebody worked: they sign in again over what they typed. */
export const expired = signal(false)

/** One thing that is wrong with what was sent, at the member that it is about. */
export interface Complaint {
  path: string
  text: string
}

/** A call that was not carried out. */
export class Refused extends Error {
  readonly complaints: Complaint[]

  constructor(
    /** 0: the server was not reached. */
    readonly status: number,
    readonly code: string,
    readonly description: string,
    readonly traceId?: string,
  ) {
    super(description)
    this.complaints = complaintsOf(code, description)
  }
}

export interface Answer<T> {
  status: number
  body: T
  etag: string | null
}

/** An object of the server's, and which version of it this is. */
export interface Seen<T> {
  object: T
  etag: string | null
}

type Who = 'admin' | 'user' | 'nobody'

/** Calls; `body` goes as JSON, or as a form when it is one. */
export async function call<T>(method: string, path: string, body?: unknown, as: Who = 'admin'): Promise<T> {
  const token = as === 'admin' ? adminToken.value : as === 'user' ? userToken.value : undefined
  return (await send<T>(method, path, body, token)).body
}

/** Reads an object that is to be changed. */
export async function see<T>(path: string): Promise<Seen<T>> {
  const { body, etag } = await send<T>('GET', path, undefined, adminToken.value)
  return { object: body, etag }
}

/** Changes an object, or makes nothing of it, unless it is another version by now (412). */
export async function change<T>(method: 'PATCH' | 'DELETE', path: string, { etag }: Seen<unknown>, body?: unknown): Promise<Seen<T>> {
  const answer = await send<T>(method, path, body, adminToken.value, etag === null ? {} : { 'if-match': etag })
  return { object: answer.body, etag: answer.etag }
}

/** The same with a token that nobody is signed in with yet. */
export async function send<T>(method: string, path: string, body?: unknown, token?: string, more: Record<string, string> = {}): Promise<Answer<T>> {
  const headers = new Headers({ accept: 'application/json', ...more })
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
  const isForm = body instanceof URLSearchParams
  if (body !== undefined && !isForm) headers.set('content-type', 'application/json')
  let response: Response
  try {
    response = await fetch(new URL(path, BASE), {
      method,
      headers,
      body: body === undefined ? null : isForm ? body : JSON.stringify(body),
      credentials: 'omit',
      cache: 'no-store',
    })
  } catch {
    throw new Refused(0, 'offline', 'The server cannot be reached. Nothing is lost: try again in a moment.')
  }
  const text = await response.text()
  const json = parsed(text)
  if (!response.ok) throw refusal(response.status, json, token !== undefined && token === adminToken.value)
  return { status: response.status, body: (json ?? text) as T, etag: response.headers.get('etag') }
}

function parsed(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

function refusal(status: number, json: unknown, signedIn: boolean): Refused {
  if (status === 401 && signedIn) expired.value = true
  const said = (json ?? {}) as Record<string, string>
  const description = said['description'] ?? said['detail'] ?? said['error_description']
  // An error of the OAuth endpoints: the path is unknown to the server.
  if (description === undefined || said['error'] === 'not_found') {
    return new Refused(status, String(status), `There is no administration API here (status ${status}).`)
  }
  return new Refused(status, said['code'] ?? said['scimType'] ?? said['error'] ?? String(status), description, said['traceId'])
}

/** Codes of conflicts that are about one member. */
const MEMBER_OF: Record<string, string> = {
  'IDP-60001': 'name',
  'IDP-65002': 'issuer',
  'APP-60007': 'name',
  'APP-60009': 'clientId',
  'APP-60513': 'subject',
  uniqueness: 'userName',
}

/** SCIM says in words which attribute it is about. */
const OF_USERS = /^(?:operation \d+: )?`?(userName|displayName|emails|phoneNumbers|roles|active)\b/i

function attributeOf(code: string, description: string): string | undefined {
  if (code === 'invalidValue' && description.startsWith('there is no role ')) return 'roles'
  return OF_USERS.exec(description)?.[1]
}

/** Every line of a description that begins with a path is about that member. */
function complaintsOf(code: string, description: string): Complaint[] {
  const about = MEMBER_OF[code] ?? attributeOf(code, description)
  if (about !== undefined) return [{ path: about, text: description }]
  return description.split('\n').flatMap((line) => {
    const found = /^`([\w.[\]]+)`:? ?(.*)$/.exec(line)
    return found === null ? [] : [{ path: found[1]!, text: found[2]! }]
  })
}

export interface Page<T> {
  totalResults: number
  items: T[]
}

/** A page of a list; `name` is what its items are called. */
export async function list<T>(path: string, name: string, query: Record<string, string>): Promise<Page<T>> {
  const body = await call<Record<string, unknown>>('GET', `${path}?${new URLSearchParams(query)}`)
  return { totalResults: Number(body['totalResults'] ?? 0), items: (body[name] ?? []) as T[] }
}

/** Every object of a list, page by page. */
export async function all<T>(path: string, name: string): Promise<T[]> {
  const items: T[] = []
  for (;;) {
    const page = await list<T>(path, name, { limit: '100', offset: String(items.length) })
    items.push(...page.items)
    if (page.items.length === 0 || items.length >= page.totalResults) return items
  }
}

/** Every resource of a list of SCIM's. */
export async function allOf<T>(path: string): Promise<T[]> {
  const items: T[] = []
  for (;;) {
    const { totalResults, items: more } = await list<T>(path, 'Resources', { count: '100', startIndex: String(items.length + 1) })
    items.push(...more)
    if (more.length === 0 || items.length >= totalResults) return items
  }
}

export const ISSUERS = 'api/server/v1/trusted-token-issuers'
export const APPLICATIONS = 'api/server/v1/applications'
export const USERS = 'scim2/Users'
export const ROLES = 'scim2/Roles'
export const REFUSALS = 'api/server/v1/refusals'
export const linksOf = (user: string) => `api/users/v1/${encodeURIComponent(user)}/federated-associations`
