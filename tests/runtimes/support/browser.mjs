/** A page in Chromium, from a server of its own, under a policy that allows no more than is needed. */
import { existsSync, readFileSync } from 'node:fs'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { setTimeout } from 'node:timers/promises'

import { chromium } from 'playwright-core'

import { executable } from './chromium.mjs'

const LONGEST_MS = 120_000
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm' }

// No `unsafe-eval`: WebAssembly alone may be compiled.
const POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval' 'unsafe-inline'; connect-src 'self' http://127.0.0.1:*"

/** What the suite of a directory's `index.html` found; `window.suite` of the page runs it. */
export async function inChromium(directory, keys) {
  const server = await serve(directory)
  try {
    return await inPage(`http://127.0.0.1:${server.address().port}/`, keys)
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

/** The same for a page that somebody else serves. */
export async function inPage(url, keys) {
  const browser = await chromium.launch({ executablePath: executable(), args: ['--no-sandbox', '--disable-dev-shm-usage'] })
  try {
    const page = await browser.newPage()
    const said = []
    page.on('pageerror', (error) => said.push(error.message))
    page.on('console', (message) => message.type() === 'error' && said.push(message.text()))
    page.setDefaultTimeout(LONGEST_MS)
    await page.goto(url)
    await page.waitForFunction(() => globalThis.suite !== undefined, undefined, { timeout: 20_000 }).catch((error) => {
      throw new Error(`the page does not start: ${said.join('\n')}`, { cause: error })
    })
    const late = setTimeout(LONGEST_MS, undefined, { ref: false }).then(() => {
      throw new Error(`the page does not come to an end: ${said.join('\n')}`)
    })
    return await Promise.race([page.evaluate((keys) => globalThis.suite(keys), keys), late])
  } finally {
    await browser.close()
  }
}

async function serve(directory) {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url, 'http://page').pathname)
    const file = join(directory, path === '/' ? 'index.html' : path)
    if (!existsSync(file)) return void response.writeHead(404).end()
    response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream')
    response.setHeader('content-security-policy', POLICY)
    response.end(readFileSync(file))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}
