/** What every host has to answer to requests for the console and its files. */
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { request as begin } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { planOf } from '../../../pkg/dist/console.js'

export const FOLDER = fileURLToPath(new URL('../../../pkg/dist/console', import.meta.url))

/** Below /console/, and no names of files of it: nobody is asked for them. */
const STRANGE = [
  '../cli.js', '..%2fcli.js', '%2e%2e/cli.js', '.%2e/cli.js', 'assets', 'assets/', 'assets/../../cli.js',
  '/etc/passwd', '__proto__', 'index.html/', 'index.html%00', 'a%00', '..\\cli.js', '..%5ccli.js', '.env.js', 'assets/.hidden.js',
  'index.htm', 'key.json', 'constructor', 'a.constructor', 'a%20b.js', 'index.html;.js',
]
/** Metadata about what is called so (RFC 8414, RFC 9728): they are the engine's. */
const METADATA = ['oauth-protected-resource/console', 'oauth-protected-resource/console/', 'oauth-authorization-server/tenant/console']
const MISSING = ['assets/none.js', 'none.wasm', 'index.html/none.js']

/** Sends a request with exactly this path. */
export function send(url, path, method = 'GET') {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const request = begin({ hostname, port, path, method, agent: false }, async (response) => {
      const body = Buffer.concat(await response.toArray())
      resolve({ status: response.statusCode, headers: response.headers, body })
    })
    request.on('error', reject).end()
  })
}

/** Every file, with the header fields of every host; and nothing that is not a file of the console. */
export async function check(url) {
  const same = async (method, path) => {
    const { status, headers, file, text } = planOf(method, path)
    const got = await send(url, path, method)
    assert.equal(got.status, status, `${method} ${path}`)
    for (const [name, value] of Object.entries(headers)) assert.equal(got.headers[name], value, `${name} of ${method} ${path}`)
    const body = file === undefined ? Buffer.from(text) : readFileSync(join(FOLDER, file))
    assert.ok(got.body.equals(method === 'HEAD' ? Buffer.alloc(0) : body), `what ${method} ${path} brings`)
  }
  const files = readdirSync(FOLDER, { recursive: true }).filter((name) => name.includes('.'))
  for (const end of ['html', 'js', 'css', 'svg', 'wasm']) assert.ok(files.some((name) => name.endsWith(`.${end}`)), end)
  for (const path of ['/console', '/console/', ...files.map((name) => `/console/${name}`)]) {
    for (const method of ['GET', 'HEAD', 'POST', 'DELETE']) await same(method, path)
  }
  for (const path of METADATA.map((name) => `/.well-known/${name}`)) {
    assert.equal(planOf('GET', path), undefined, path)
    const { status, headers } = await send(url, path)
    assert.ok(status !== 308 && !('cross-origin-opener-policy' in headers), `${path}: ${status}`)
  }
  for (const name of STRANGE) assert.equal(planOf('GET', `/console/${name}`).file, undefined, name)
  for (const name of [...STRANGE, ...MISSING]) {
    const { status, body } = await send(url, `/console/${name}`)
    assert.ok(status === 404 || status === 400, `/console/${name}: ${status} ${body}`)
  }
}
