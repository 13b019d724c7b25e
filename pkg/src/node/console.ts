/**
 * Serves the console, which are the static files in `../console`, at /console/,
 * and below whatever path the issuer has: the page calls what is beside it.
 */
import { readFileSync, readdirSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'

const ROOT = new URL('../console/', import.meta.url)

const TYPES: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  wasm: 'application/wasm',
}

const SECURITY = {
  'content-security-policy':
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

interface File {
  type: string
  body: Buffer
  gzipped: Buffer
  /** Its name changes with its content. */
  hashed: boolean
}

/** What is there, by name: a path that is not one of these names reaches no file. */
let names: Set<string> | undefined
const files = new Map<string, File>()

/** Answers a request for the console; false when it is none. */
export function serveConsole(request: IncomingMessage, response: ServerResponse): boolean {
  const { url = '/', method } = request
  if (!url.includes('/console')) return false
  const path = url.split('?', 1)[0]!
  const at = path.indexOf('/console')
  const name = path.slice(at + '/console/'.length)
  if (at < 0 || (path[at + '/console'.length] ?? '/') !== '/') return false
  // A user may be called so.
  if (/\/(scim2|api)\//.test(path.slice(0, at + 1))) return false
  if (method !== 'GET' && method !== 'HEAD') {
    response.writeHead(405, { ...SECURITY, allow: 'GET, HEAD', 'content-length': 0 }).end()
  } else if (path.endsWith('/console')) {
    // Links of the page are relative to the folder; so is this one, and leads to no other host.
    response.writeHead(308, { ...SECURITY, location: 'console/', 'content-length': 0 }).end()
  } else {
    send(request, response, file(name || 'index.html'))
  }
  return true
}

function send(request: IncomingMessage, response: ServerResponse, found: File | undefined): void {
  if (found === undefined) {
    response.writeHead(404, { ...SECURITY, 'content-type': 'text/plain', 'cache-control': 'no-store' }).end('there is no such file\n')
    return
  }
  const gzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))
  const body = gzip ? found.gzipped : found.body
  response.writeHead(200, {
    ...SECURITY,
    'content-type': found.type,
    'content-length': body.length,
    ...(gzip && { 'content-encoding': 'gzip' }),
    vary: 'accept-encoding',
    'cache-control': found.hashed ? 'public, max-age=31536000, immutable' : 'no-cache',
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}

/** Read and compressed once. */
function file(name: string): File | undefined {
  names ??= listing()
  if (!names.has(name)) return undefined
  let known = files.get(name)
  if (known === undefined) {
    const body = readFileSync(new URL(name, ROOT))
    known = { type: TYPES[extension(name)]!, body, gzipped: gzipSync(body), hashed: name.startsWith('assets/') }
    files.set(name, known)
  }
  return known
}

const extension = (name: string) => name.slice(name.lastIndexOf('.') + 1)

/** Files, not folders; nothing, in a package that was built without the console. */
function listing(): Set<string> {
  try {
    const found = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
    return new Set(found.map((name) => name.replaceAll('\\', '/')).filter((name) => extension(name) in TYPES))
  } catch {
    return new Set()
  }
}
