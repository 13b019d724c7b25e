/**
 * Writes the routes with which Envoy itself serves the console: each file is the
 * body of a direct response, on a route where the filter is switched off. They
 * are what a listener in authority mode reads as its routes, and are written again
 * for each version of the package, whose files have other names.
 *
 * Usage: node console.mjs [FOLDER]; the folder with the console's files, as Envoy
 * will find it.
 */
import { readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

import { fileOf, missing, planOf } from '../../pkg/dist/console.js'

const OURS = fileURLToPath(new URL('../../pkg/dist/console', import.meta.url))
const BELOW = { path_separated_prefix: '/console' }

/** The routes, as a file that Envoy watches. */
export function consoleRoutes(folder = OURS) {
  const files = readdirSync(folder, { recursive: true }).map((name) => name.replaceAll('\\', '/')).filter((name) => fileOf(name).file)
  const sizes = files.map((name) => statSync(join(folder, name)).size)
  const route = (match, { status, headers, file, text }) => ({
    match,
    direct_response: { status, ...(file ? { body: { filename: resolve(folder, file) } } : text && { body: { inline_string: text } }) },
    response_headers_to_add: Object.entries(headers).map(([key, value]) => ({ header: { key, value }, append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' })),
    // The filter would answer, as it does on every other path.
    typed_per_filter_config: { exchequer: { '@type': 'type.googleapis.com/envoy.config.route.v3.FilterConfig', disabled: true } },
  })
  const notRead = { name: ':method', string_match: { safe_regex: { regex: 'GET|HEAD' } }, invert_match: true }
  const routes = [
    route({ ...BELOW, headers: [notRead] }, planOf('POST', '/console/')),
    ...['/console', '/console/', ...files.map((name) => `/console/${name}`)].map((path) => route({ path }, planOf('GET', path))),
    route(BELOW, missing()),
    // Never reached: the filter answers.
    { match: { prefix: '/' }, direct_response: { status: 404 } },
  ]
  return {
    resources: [{
      '@type': 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration',
      name: 'authority',
      // Or Envoy refuses a file of more than 4 KiB.
      max_direct_response_body_size_bytes: Math.max(...sizes),
      virtual_hosts: [{ name: 'authority', domains: ['*'], routes }],
    }],
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(JSON.stringify(consoleRoutes(process.argv[2]), null, 2))
}
