/**
 * Serves the console, which are the static files in `../console`, at /console/,
 * and below whatever path the issuer has: the page calls what is beside it.
 */
import { readFileSync, readdirSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'

import { type Plan, missing, planOf } from '../console.js'

const ROOT = new URL('../console/', import.meta.url)

interface File {
  body: Buffer
  gzipped: Buffer
}

/** What is there, by name: a path that is not one of these names reaches no file. */
let names: Set<string> | undefined
const files = new Map<string, File>()

/** Answers a request for the console; false when it is none. */
export function serveConsole(request: IncomingMessage, response: ServerResponse): boolean {
  const { url = '/', method = 'GET' } = request
  if (!url.includes('/console')) return false
  const plan = planOf(method, url.split('?', 1)[0]!)
  if (plan === undefined) return false
  const found = plan.file === undefined ? undefined : file(plan.file)
  if (found !== undefined) sendFile(request, response, plan, found)
  else sendText(response, plan.file === undefined ? plan : missing())
  return true
}

function sendText(response: ServerResponse, { status, headers, text }: Plan): void {
  response.writeHead(status, { ...headers, 'content-length': text.length }).end(text)
}

function sendFile(request: IncomingMessage, response: ServerResponse, plan: Plan, found: File): void {
  const gzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))
  const body = gzip ? found.gzipped : found.body
  response.writeHead(plan.status, {
    ...plan.headers,
    'content-length': body.length,
    ...(gzip && { 'content-encoding': 'gzip' }),
    vary: 'accept-encoding',
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
    known = { body, gzipped: gzipSync(body) }
    files.set(name, known)
  }
  return known
}

/** Nothing, in a package that was built without the console. */
function listing(): Set<string> {
  try {
    return new Set(readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).map((name) => name.replaceAll('\\', '/')))
  } catch {
    return new Set()
  }
}
