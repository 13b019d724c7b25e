/**
 * `fetch` through the proxies that the environment names: `HTTPS_PROXY`,
 * `HTTP_PROXY` and `NO_PROXY`, in capitals or not, as curl reads them. Node's own
 * `fetch` knows nothing of them before Node 24.
 */
import { type IncomingMessage, type ClientRequest, request as overHttp } from 'node:http'
import { request as overHttps } from 'node:https'
import { BlockList, type Socket, isIP } from 'node:net'
import { Readable } from 'node:stream'
import { connect as secured } from 'node:tls'

import { PROXY } from '../cause.js'
import type { FetchFunction } from '../fetch.js'

type Environment = Readonly<Record<string, string | undefined>>

/** The proxy did not connect. The password for it is not in the message. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError'
  readonly code = PROXY

  constructor(proxy: URL, what: string, cause?: unknown) {
    super(`the proxy ${proxy.host} ${what}`, cause === undefined ? undefined : { cause })
  }
}

/** Whether the environment names a proxy at all. */
export function namesProxy(environment: Environment): boolean {
  return ['https_proxy', 'http_proxy'].some((name) => variable(environment, name) !== undefined)
}

/**
 * A `fetch` that goes through the proxies of this environment, and for hosts that
 * need none through the given one.
 *
 * @throws {Error} when a proxy cannot be used
 */
export function throughProxies(environment: Environment, direct: FetchFunction): FetchFunction {
  const proxies: Record<string, URL | undefined> = {
    'https:': proxyOf(environment, 'https_proxy'),
    'http:': proxyOf(environment, 'http_proxy'),
  }
  const spared = sparedBy(variable(environment, 'no_proxy') ?? '')
  return async (address, init) => {
    const url = new URL(address)
    const proxy = proxies[url.protocol]
    if (proxy === undefined || spared(url)) return direct(address, init)
    return fetchThrough(proxy, url, init)
  }
}

function variable(environment: Environment, name: string): string | undefined {
  return environment[name] || environment[name.toUpperCase()] || undefined
}

function proxyOf(environment: Environment, name: string): URL | undefined {
  const text = variable(environment, name)
  if (text === undefined) return undefined
  const url = URL.canParse(text.includes('://') ? text : `http://${text}`) ? new URL(text.includes('://') ? text : `http://${text}`) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.hostname === '') {
    throw new Error(`the environment variable ${name.toUpperCase()} names no proxy that can be used: expected a URL like http://proxy.example.com:3128`)
  }
  return url
}

/** Which URLs go around the proxy. This machine's always do: no proxy reaches them. */
function sparedBy(list: string): (url: URL) => boolean {
  const entries = list.split(/[\s,]+/).filter(Boolean)
  const networks = new BlockList()
  for (const entry of entries) {
    const [address = '', length] = entry.split('/')
    const family = isIP(address)
    if (length !== undefined && family !== 0) networks.addSubnet(address, Number(length), family === 6 ? 'ipv6' : 'ipv4')
  }
  const names = entries.filter((entry) => !entry.includes('/')).map(named)
  return (url) => {
    const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase()
    if (host === 'localhost' || host === '::1' || host.startsWith('127.')) return true
    const family = isIP(host)
    if (family !== 0 && networks.check(host, family === 6 ? 'ipv6' : 'ipv4')) return true
    return names.some((spares) => spares(host, portOf(url)))
  }
}

/** An entry: `*`, a host with everything below it, or either with a port. */
function named(entry: string): (host: string, port: string) => boolean {
  const [, name = '', port] = /^(.*?)(?::(\d+))?$/.exec(isIP(entry) === 6 ? '' : entry.toLowerCase()) ?? []
  const bare = isIP(entry) === 6 ? entry.toLowerCase() : name.replace(/^\[|\]$/g, '').replace(/^\*?\./, '')
  return (host, ofUrl) => {
    if (port !== undefined && port !== ofUrl) return false
    return bare === '*' || host === bare || (isIP(host) === 0 && host.endsWith(`.${bare}`))
  }
}

function portOf({ protocol, port }: URL): string {
  return port || (protocol === 'https:' ? '443' : '80')
}

async function fetchThrough(proxy: URL, url: URL, init: RequestInit): Promise<Response> {
  const headers = { ...(init.headers as Record<string, string> | undefined), host: url.host }
  const rest = { method: init.method ?? 'GET', signal: init.signal ?? undefined }
  if (url.protocol === 'http:') {
    const request = sender(proxy)({ ...placeOf(proxy), ...rest, agent: false, path: url.href.replace(/#.*$/, ''), headers: { ...headers, ...authorization(proxy) } })
    const answer = await answered(request, init, (error) => new ProxyError(proxy, 'did not answer', error))
    // 407: the proxy wants a password; 502 and 504: it could not connect.
    if ([407, 502, 504].includes(answer.statusCode ?? 0)) throw new ProxyError(proxy, `answered with status ${answer.statusCode}`)
    return response(answer)
  }
  const socket = await tunnel(proxy, url, init)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  // Without `agent`: with one, Node would connect by itself.
  const request = overHttps({
    ...rest,
    host,
    port: portOf(url),
    path: url.pathname + url.search,
    headers,
    createConnection: () => secured({ socket, host, servername: isIP(host) === 0 ? host : '' }),
  })
  return response(await answered(request, init))
}

/** A connection through the proxy (RFC 9110 section 9.3.6). */
function tunnel(proxy: URL, url: URL, init: RequestInit): Promise<Socket> {
  const target = `${url.hostname}:${portOf(url)}`
  const request = sender(proxy)({
    ...placeOf(proxy),
    method: 'CONNECT',
    path: target,
    headers: { host: target, ...authorization(proxy) },
    agent: false,
    signal: init.signal ?? undefined,
  })
  return new Promise((resolve, reject) => {
    request.once('connect', ({ statusCode }: IncomingMessage, socket: Socket) => {
      if (statusCode === 200) return resolve(socket)
      socket.destroy()
      reject(new ProxyError(proxy, `answered with status ${statusCode}`))
    })
    request.once('error', (error) => reject(init.signal?.aborted === true ? error : new ProxyError(proxy, 'could not be reached', error)))
    request.end()
  })
}

const sender = (proxy: URL) => (proxy.protocol === 'https:' ? overHttps : overHttp)

const placeOf = (proxy: URL) => ({ host: proxy.hostname.replace(/^\[|\]$/g, ''), port: portOf(proxy) })

function authorization({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {}
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` }
}

function answered(request: ClientRequest, { body, signal }: RequestInit, wrapped = (error: Error): Error => error): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve)
    request.once('error', (error) => reject(signal?.aborted === true ? error : wrapped(error)))
    request.end(body === undefined || body === null ? undefined : String(body))
  })
}

/** Statuses of replies that must not have a body (Fetch standard, "null body status"). */
const WITHOUT_BODY = [204, 205, 304]

function response(message: IncomingMessage): Response {
  const status = message.statusCode ?? 502
  const headers = new Headers()
  for (let at = 0; at + 1 < message.rawHeaders.length; at += 2) headers.append(message.rawHeaders[at]!, message.rawHeaders[at + 1]!)
  if (WITHOUT_BODY.includes(status)) {
    message.resume()
    return new Response(null, { status, headers })
  }
  return new Response(Readable.toWeb(message) as ReadableStream<Uint8Array>, { status, headers })
}
