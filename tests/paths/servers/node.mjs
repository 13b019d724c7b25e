/**
 * Reads paths as Node programs do. Usage: node node.mjs ROUTES, a JSON file with
 * the prefixes of each set of rules, the longest first. Prints its ports; ends
 * with its standard input.
 *
 * A request names its set in `Host`. The reply has a line for each reader that
 * makes sense of the path: its name and the route that it would serve.
 */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { posix } from 'node:path'
import { parse } from 'node:url'

import express from 'express'
import router from 'find-my-way'

const routes = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const below = (path, prefix) => prefix === '/' || path === prefix || path.startsWith(`${prefix}/`)
const withoutQuery = (target) => target.split('?')[0]

const READERS = {
  // The parser of WHATWG, with the target as a reference and behind an origin.
  whatwg: (target) => new URL(target, 'http://service').pathname,
  'whatwg-joined': (target) => new URL(`http://service${target}`).pathname,
  'whatwg-decoded': (target) => decodeURIComponent(new URL(target, 'http://service').pathname),
  'url.parse': (target) => parse(target).pathname,
  // The path decoded whole, before the query is cut off.
  truncating: (target) => decodeURIComponent(target).split('?')[0],
  // The path of a file, as most static servers make it.
  files: (target) => posix.normalize(decodeURIComponent(withoutQuery(target))),
  twice: (target) => posix.normalize(decodeURIComponent(decodeURIComponent(withoutQuery(target)))),
}

function read(name, target, prefixes) {
  try {
    const path = READERS[name](target)
    return `${name} ${prefixes.find((prefix) => below(path, prefix))}\n`
  } catch {
    return ''
  }
}

const plain = ({ url, headers: { host } }, response) => {
  response.end(Object.keys(READERS).map((name) => read(name, url, routes[host])).join(''))
}

/** One handler for each set of rules. */
function bySet(make) {
  const handlers = Object.fromEntries(Object.entries(routes).map(([set, prefixes]) => [set, make(prefixes)]))
  return (request, response) => handlers[request.headers.host](request, response)
}

const inExpress = bySet((prefixes) => {
  const app = express()
  for (const prefix of prefixes) app.use(prefix, (_, response) => response.end(`express ${prefix}\n`))
  return app
})

const inFindMyWay = bySet((prefixes) => {
  const app = router({
    caseSensitive: false,
    ignoreTrailingSlash: true,
    ignoreDuplicateSlashes: true,
    useSemicolonDelimiter: true,
    defaultRoute: (_, response) => response.writeHead(404).end(),
  })
  for (const prefix of prefixes) {
    const answer = (_, response) => response.end(`find-my-way ${prefix}\n`)
    app.get(prefix, answer)
    app.get(prefix === '/' ? '/*' : `${prefix}/*`, answer)
  }
  return (request, response) => app.lookup(request, response)
})

const ports = []
for (const listener of [plain, inExpress, inFindMyWay]) {
  const server = createServer({ keepAlive: true }, listener).listen(0, '127.0.0.1')
  server.keepAliveTimeout = 0
  await once(server, 'listening')
  ports.push(server.address().port)
}
console.log(ports.join(' '))
process.stdin.resume().on('end', () => process.exit())
