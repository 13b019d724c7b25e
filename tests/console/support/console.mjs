/** The console of a running `exchequer serve`, in Chromium. */
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

import { chromium } from 'playwright-core'

import { serve } from '../../node/support/serve.mjs'
import { executable } from '../../runtimes/support/chromium.mjs'
import { AXE, hasAxe, optionsIn } from './axe.mjs'

export const ADMIN = 'an-admin-token-for-the-console-0123456789'
export const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'

/** The folder for pictures of the pages. */
const SHOTS = process.env.CONSOLE_SHOTS
/** By how much the pages are slowed down, to see what a loaded machine sees. */
const SLOW = Number(process.env.CONSOLE_SLOW ?? 1)
/** How long a test waits for something that does not come. A loaded machine may take half of it to draw a page. */
const PATIENCE_MS = 30_000

export const SIZES = { narrow: { width: 360, height: 780 }, wide: { width: 1440, height: 900 } }

/** A server with the console, and a browser. What the server knows goes with it unless it is given a store. */
export async function start(document, { store = 'memory:' } = {}) {
  const sts = await serve((issuer) => ({ issuer, ...document(issuer) }), { store, adminToken: ADMIN })
  const browser = await launch()
  return {
    sts,
    browser,
    /** Calls the administration API. */
    async api(method, path, body) {
      const headers = { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json' }
      const response = await fetch(`${sts.url}/${path}`, { method, headers, body: body && JSON.stringify(body) })
      const text = await response.text()
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
      return text === '' ? undefined : JSON.parse(text)
    },
    async stop() {
      await browser.close()
      await sts.stop()
    },
  }
}

export function launch() {
  return chromium.launch({
    executablePath: executable(),
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  })
}

/** A page of its own, which notes every error in it. It may leave for the origins that are `allowed`. */
export async function open(browser, url, { allowed = [], ...options } = {}) {
  const context = await browser.newContext({ viewport: SIZES.wide, reducedMotion: 'reduce', ...options })
  const page = await context.newPage()
  page.setDefaultTimeout(PATIENCE_MS)
  if (SLOW > 1) await (await context.newCDPSession(page)).send('Emulation.setCPUThrottlingRate', { rate: SLOW })
  const wrong = []
  page.on('pageerror', (error) => wrong.push(error.message))
  page.on('console', (message) => message.type() === 'error' && !/status of 4\d\d|status of 503|ERR_INTERNET/.test(message.text()) && wrong.push(message.text()))
  page.on('request', (request) => ![new URL(url).origin, ...allowed].some((origin) => request.url().startsWith(origin)) && !/^(data|blob):/.test(request.url()) && wrong.push(`another origin: ${request.url()}`))
  await page.goto(url)
  return Object.assign(page, { wrong })
}

/** The console with an administrator signed in. */
export async function signedIn(browser, sts, options) {
  const page = await open(browser, `${sts.url}/console/`, options)
  await page.getByLabel('Admin token').fill(ADMIN)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { level: 1, name: 'Trusted token issuers' }).waitFor()
  return page
}

/** Gives the server time to fetch keys from an issuer of the tests, which is on the same, perhaps loaded, machine. */
export async function allowSlowKeys(page) {
  await page.getByText('Algorithms, times and replay').click()
  await page.getByLabel('Time to fetch keys').fill(String(PATIENCE_MS))
}

/** Goes to a page of the console without loading it anew, and discards what was typed on the one before. */
export async function visit(page, hash) {
  // The page hears of it in a task of its own, on a loaded machine after the next frames.
  await page.evaluate((hash) => new Promise((heard) => {
    if (location.hash === hash) return heard()
    addEventListener('hashchange', () => heard(), { once: true })
    location.hash = hash
  }), hash)
  await settled(page)
  const discard = page.getByRole('button', { name: 'Discard the changes' })
  const question = page.getByRole('dialog', { name: 'Discard your changes?' })
  if (!(await question.isVisible())) return
  await discard.last().click()
  await question.waitFor({ state: 'detached' })
}

/** Violations of accessibility that are more than minor, and what sticks out of the page, in both themes and at both widths. */
export async function flaws(page, name) {
  const found = []
  if (!(await page.evaluate(hasAxe))) await page.evaluate(AXE)
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme })
    for (const [width, size] of Object.entries(SIZES)) {
      await page.setViewportSize(size)
      await settled(page)
      const sticksOut = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      if (sticksOut > 0) found.push(`${name}, ${width}: ${sticksOut} px wider than the window`)
      const { violations } = await page.evaluate((options) => globalThis.axe.run(document, options), optionsIn(colorScheme))
      for (const { id, impact, nodes } of violations) {
        if (impact === 'minor') continue
        found.push(`${name}, ${colorScheme}, ${width}: ${impact}: ${id}: ${nodes.map(({ target, any }) => `${target} ${any[0]?.message ?? ''}`).join('; ')}`)
      }
      if (SHOTS) {
        mkdirSync(SHOTS, { recursive: true })
        await page.screenshot({ path: join(SHOTS, `${name}-${width}-${colorScheme}.png`), fullPage: true })
      }
    }
  }
  await page.emulateMedia({ colorScheme: 'light' })
  await page.setViewportSize(SIZES.wide)
  // Otherwise the next action would spend its patience on what is left to draw.
  await settled(page)
  return found
}

/** Waits, however long, until the page is drawn and nothing in it moves. */
function settled(page) {
  return page.evaluate(async () => {
    const frame = () => new Promise(requestAnimationFrame)
    await frame()
    await frame()
    const moving = document.getAnimations().filter((one) => one.effect.getComputedTiming().endTime !== Infinity)
    await Promise.allSettled(moving.map(({ finished }) => finished))
  })
}

/** What stands in the page, as soon as it is this: focus follows what is shown by a frame. */
export async function becomes(page, look, expected) {
  const is = (found) => (expected instanceof RegExp ? expected.test(found ?? '') : found === expected)
  for (const late = Date.now() + PATIENCE_MS; ; await setTimeout(20)) {
    const found = await page.evaluate(look)
    if (is(found)) return
    if (Date.now() > late) assert.fail(`it is ${found}, and not ${expected}`)
  }
}

/** Closes a page in which nothing went wrong, and which its policy let do everything. */
export async function close(page) {
  assert.deepEqual(page.wrong, [])
  await page.context().close()
}
