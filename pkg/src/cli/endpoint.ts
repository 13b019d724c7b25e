/** A client of token endpoints: finds one by metadata (RFC 8414) and asks it. */
import { UsageError, messageOf } from './command.js'
import { type Audience, type ClientKey, type Credentials, authenticate, dpopProof } from './credentials.js'
import { fetchOfEnvironment } from './network.js'

const TIMEOUT_MS = 30_000
const MAX_BYTES = 1024 * 1024

/** What a server said that it refused. */
export interface TokenRefusal {
  status: number
  error: string
  error_description?: string | undefined
  [more: string]: unknown
}

/** There is no answer that counts, or it is a refusal. */
export class EndpointError extends Error {
  readonly refusal: TokenRefusal | undefined

  constructor(message: string, details: { refusal?: TokenRefusal; cause?: unknown } = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.refusal = details.refusal
  }
}

/** A URL to which tokens may be sent: RFC 6749 section 3.2 requires TLS; this machine needs none. */
export function webUrl(text: string, dangerAllowHttp: boolean): URL {
  let url: URL
  try {
    url = new URL(text)
  } catch {
    throw new UsageError(`\`${text}\` is no URL`)
  }
  const isLoopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname)
  const secure = url.protocol === 'https:' || (url.protocol === 'http:' && (isLoopback || dangerAllowHttp))
  if (!secure) throw new UsageError(`\`${text}\` is not https, and a token would be sent there; see \`--danger-allow-http\``)
  if (url.username !== '' || url.password !== '') throw new UsageError('a URL with a password in it is seen by everybody on this machine')
  return url
}

/** The token endpoint of an issuer. */
export async function tokenEndpoint(issuer: URL, dangerAllowHttp: boolean): Promise<Audience> {
  const path = issuer.pathname.replace(/\/$/, '')
  // RFC 8414 section 3.1 puts the well-known path before that of the issuer, OpenID Connect Discovery behind it.
  const places = [`/.well-known/oauth-authorization-server${path}`, `${path}/.well-known/openid-configuration`]
  const tried: string[] = []
  for (const place of places) {
    const url = new URL(place, issuer)
    const { status, json } = await request(url, { headers: { accept: 'application/json' } })
    if (status !== 200 || typeof json?.['token_endpoint'] !== 'string') {
      tried.push(`${url.href} answers ${status}`)
      continue
    }
    // RFC 8414 section 3.3: the issuer MUST be identical, or the document MUST NOT be used.
    if (!isSame(json['issuer'], issuer)) {
      throw new EndpointError(`${url.href} speaks of another issuer, ${JSON.stringify(json['issuer'])}: give that as URL if it is meant`)
    }
    const methods = json['token_endpoint_auth_methods_supported']
    return {
      url: webUrl(json['token_endpoint'], dangerAllowHttp),
      issuer: String(json['issuer']),
      methods: Array.isArray(methods) ? methods.map(String) : undefined,
    }
  }
  throw new EndpointError(
    `${issuer.href} has no metadata (${tried.join('; ')}); if it is the token endpoint itself, say --endpoint`,
  )
}

/** `https://a.example` and `https://a.example/` cannot be told apart once they are URLs. */
function isSame(said: unknown, issuer: URL): boolean {
  return typeof said === 'string' && (said === issuer.href || `${said}/` === issuer.href)
}

/**
 * @param dpopKey the key that the token is to be bound to
 * @returns the endpoint's answer (RFC 8693 section 2.2.1)
 */
export async function exchangeAt(
  endpoint: Audience,
  credentials: Credentials,
  form: URLSearchParams,
  dpopKey?: ClientKey,
): Promise<Record<string, unknown>> {
  const { url } = endpoint
  const ask = (nonce?: string) => {
    const headers: Record<string, string> = { accept: 'application/json' }
    const body = new URLSearchParams(form)
    authenticate(credentials, endpoint, headers, body)
    if (dpopKey !== undefined) headers['dpop'] = dpopProof(dpopKey, url, nonce)
    return request(url, { method: 'POST', headers, body })
  }
  let reply = await ask()
  // RFC 9449 section 8: the server says which nonce the proof needs.
  if (dpopKey !== undefined && reply.json?.['error'] === 'use_dpop_nonce' && reply.nonce !== undefined) reply = await ask(reply.nonce)
  const { status, json } = reply
  if (status === 200 && typeof json?.['access_token'] === 'string') return json
  if (typeof json?.['error'] === 'string') {
    throw new EndpointError(json['error'], { refusal: { status, ...json } as unknown as TokenRefusal })
  }
  const redirected = status >= 300 && status < 400 ? '; tokens are not sent on by redirects' : ''
  throw new EndpointError(`${url.href} answers ${status}, and not as a token endpoint does${redirected}`)
}

interface Answered {
  status: number
  json: Record<string, unknown> | undefined
  /** The nonce for the next DPoP proof. */
  nonce: string | undefined
}

async function request(url: URL, init: RequestInit): Promise<Answered> {
  try {
    const ask = (await fetchOfEnvironment()) ?? fetch
    const response = await ask(url.href, { ...init, redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) })
    const text = await response.text()
    const json = text.length > MAX_BYTES ? undefined : objectOf(text)
    return { status: response.status, json, nonce: response.headers.get('dpop-nonce') ?? undefined }
  } catch (error) {
    if (error instanceof UsageError) throw error
    const { cause } = error as { cause?: unknown }
    const why = (error as Error).name === 'TimeoutError' ? `no answer within ${TIMEOUT_MS / 1000} seconds` : messageOf(cause ?? error)
    throw new EndpointError(`${url.origin} cannot be reached: ${why}`, { cause: error })
  }
}

function objectOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
