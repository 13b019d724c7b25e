/** Requests and responses of the Fetch API, from and to plain data. */
import type { Reply } from './engine.js'
import { read } from './fetch.js'
import { bodyLimit } from './head.js'
import type { ClientCertificate, PlainRequest } from './options.js'

/** The request as plain data, its body read as far as the engine would. */
export async function fromRequest(request: Request): Promise<PlainRequest> {
  const headers: string[] = []
  // An iterator costs three times as much in workerd.
  request.headers.forEach((value, name) => headers.push(name, value))
  const certificate = ofCloudflare(request)
  return {
    method: request.method,
    target: targetOf(request.url),
    headers,
    body: await bodyOf(request),
    certificate,
  }
}

/** What Cloudflare says of a client certificate. Every member is text. */
interface TlsClientAuth {
  certPresented?: string
  certVerified?: string
  certRevoked?: string
  certSubjectDNRFC2253?: string
  certFingerprintSHA256?: string
}

/**
 * The client certificate of a request that came through Cloudflare, which says neither its alternative
 * names nor the certificate itself. One that was revoked is none.
 */
function ofCloudflare(request: Request): ClientCertificate | undefined {
  const said = (request as { cf?: { tlsClientAuth?: TlsClientAuth } }).cf?.tlsClientAuth
  if (said?.certPresented !== '1' || said.certRevoked !== '0' || !said.certFingerprintSHA256) return undefined
  const verified = said.certVerified === 'SUCCESS'
  return { sha256: said.certFingerprintSHA256, subject: said.certSubjectDNRFC2253 || undefined, verified }
}

/** The reply as the Fetch API has it. */
export function toResponse(reply: Reply): Response {
  return new Response(reply.body.length === 0 ? null : reply.body, { status: reply.status, headers: fieldsOf(reply.headers) })
}

/** Header fields as an object; as pairs, which cost three times as much in workerd, where a name comes twice. */
function fieldsOf(headers: readonly string[]): Record<string, string> | [string, string][] {
  const fields: Record<string, string> = {}
  for (let i = 0; i < headers.length; i += 2) {
    if (Object.hasOwn(fields, headers[i]!)) return pairsOf(headers)
    fields[headers[i]!] = headers[i + 1]!
  }
  return fields
}

function pairsOf(headers: readonly string[]): [string, string][] {
  const pairs: [string, string][] = []
  for (let i = 0; i < headers.length; i += 2) pairs.push([headers[i]!, headers[i + 1]!])
  return pairs
}

/** Path and query of an absolute URL. */
function targetOf(url: string): string {
  const path = url.indexOf('/', url.indexOf('//') + 2)
  const fragment = url.indexOf('#', path)
  return url.slice(path, fragment < 0 ? undefined : fragment)
}

/**
 * A body that is too long is cut one byte behind the limit, and the engine
 * refuses it. One that says that it is short is read at once: a stream, and even
 * to ask whether there is one, costs more.
 */
async function bodyOf(request: Request): Promise<Uint8Array | undefined> {
  const limit = bodyLimit(request.url)
  const length = request.headers.get('content-length')
  if (length !== null && Number(length) <= limit) {
    return new Uint8Array(await request.arrayBuffer()).subarray(0, limit + 1)
  }
  if (request.body === null) return undefined
  return (await read(request, limit)) ?? new Uint8Array(limit + 1)
}
