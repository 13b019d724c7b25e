/**
 * What a person has who works by keyboard alone: keys, and eyes for what the page
 * says and where the focus is. In Chromium by Playwright; in Firefox by WebDriver
 * BiDi, which Debian's Firefox speaks by itself (Playwright needs a Firefox of its own).
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

import WebSocket from 'ws'

import { launch } from './console.mjs'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const SHOTS = process.env.CONSOLE_SHOTS
const PATIENCE_MS = 60_000
const WIDTHS = { narrow: { width: 390, height: 844 }, wide: { width: 1440, height: 900 } }
/** Keys of WebDriver that are no characters. */
const KEYS = { Tab: '\uE004', Enter: '\uE007', Escape: '\uE00C', Space: ' ', ArrowDown: '\uE015', ArrowUp: '\uE013', Control: '\uE009', Home: '\uE011', End: '\uE010' }

const FIREFOX = ['/usr/bin/firefox-esr', '/usr/bin/firefox'].find(existsSync)

/** The browsers of this machine, by name, and how each is started. */
export const BROWSERS = { chromium, ...(FIREFOX !== undefined && { firefox }) }

async function chromium() {
  const browser = await launch()
  return {
    async page() {
      const context = await browser.newContext({ viewport: WIDTHS.wide, reducedMotion: 'reduce' })
      const page = await context.newPage()
      return {
        goto: (url) => page.goto(url),
        press: (key) => page.keyboard.press(key),
        type: (text) => page.keyboard.insertText(text),
        evaluate: (look, ...args) => page.evaluate(([source, args]) => globalThis.eval(`(${source})`)(...args), [look.toString(), args]).catch(gone),
        run: (script) => page.evaluate(script),
        size: (size) => page.setViewportSize(size),
        picture: (path) => page.screenshot({ path, fullPage: true }),
        close: () => context.close(),
      }
    },
    stop: () => browser.close(),
  }
}

/** A page that is being left answers nothing. */
function gone(error) {
  if (/context was destroyed|navigat|Target closed|discarded|no such frame/i.test(String(error.message))) return undefined
  throw error
}

async function firefox() {
  const profile = mkdtempSync(join(tmpdir(), 'exchequer-firefox-'))
  // Links and buttons are reached by Tab on every system.
  writeFileSync(join(profile, 'user.js'), ['accessibility.tabfocus", 7', 'browser.shell.checkDefaultBrowser", false', 'datareporting.policy.dataSubmissionEnabled", false', 'app.update.enabled", false', 'network.captive-portal-service.enabled", false', 'network.connectivity-service.enabled", false', 'ui.prefersReducedMotion", 1', 'intl.accept_languages", "en-US"'].map((line) => `user_pref("${line});`).join('\n'))
  const child = spawn(FIREFOX, ['--headless', '--profile', profile, '--remote-debugging-port', '0', 'about:blank'], { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, HOME: profile, MOZ_DISABLE_CONTENT_SANDBOX: '1' } })
  const address = await new Promise((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      const found = /WebDriver BiDi listening on (ws:\S+)/.exec(line)
      if (found) resolve(found[1])
    })
    child.once('exit', (code) => reject(new Error(`Firefox ended with ${code}`)))
  })
  const socket = new WebSocket(`${address}/session`)
  await once(socket, 'open')
  const waiting = new Map()
  let last = 0
  socket.on('message', (data) => {
    const { id, type, result, error, message } = JSON.parse(data)
    const { resolve, reject } = waiting.get(id) ?? {}
    if (resolve === undefined) return
    waiting.delete(id)
    if (type === 'error') reject(new Error(`${error}: ${message}`))
    else resolve(result)
  })
  const send = (method, params) =>
    new Promise((resolve, reject) => {
      waiting.set(++last, { resolve, reject })
      socket.send(JSON.stringify({ id: last, method, params }))
    })
  await send('session.new', { capabilities: {} })
  return {
    page: () => firefoxPage(send),
    async stop() {
      socket.close()
      child.kill('SIGTERM')
      await once(child, 'exit')
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

async function firefoxPage(send) {
  const { userContext } = await send('browser.createUserContext', {})
  const { context } = await send('browsingContext.create', { type: 'tab', userContext })
  await send('browsingContext.activate', { context })
  const size = (viewport) => send('browsingContext.setViewport', { context, viewport })
  await size(WIDTHS.wide)
  const keys = (actions) => send('input.performActions', { context, actions: [{ type: 'key', id: 'keyboard', actions }] })
  const evaluated = async (expression) => {
    const { type, result, exceptionDetails } = await send('script.evaluate', { expression, target: { context }, awaitPromise: true })
    if (type === 'exception') throw new Error(exceptionDetails.text)
    return result.value === undefined ? undefined : JSON.parse(result.value)
  }
  const json = (expression) => `(async () => JSON.stringify(await (${expression})))()`
  return {
    goto: (url) => send('browsingContext.navigate', { context, url, wait: 'complete' }),
    press(key) {
      const parts = key.split('+').map((part) => KEYS[part] ?? part.toLowerCase())
      const down = parts.map((value) => ({ type: 'keyDown', value }))
      const up = parts.toReversed().map((value) => ({ type: 'keyUp', value }))
      return keys([...down, ...up])
    },
    type: (text) => keys([...text].flatMap((value) => [{ type: 'keyDown', value: value === '\n' ? KEYS.Enter : value }, { type: 'keyUp', value: value === '\n' ? KEYS.Enter : value }])),
    evaluate: (look, ...args) => evaluated(json(`(${look})(...${JSON.stringify(args)})`)).catch(gone),
    run: (script) => evaluated(`(() => { ${script}; return undefined })()`),
    size,
    async picture(path) {
      const { data } = await send('browsingContext.captureScreenshot', { context, origin: 'document' })
      writeFileSync(path, Buffer.from(data, 'base64'))
    },
    close: () => send('browser.removeUserContext', { userContext }),
  }
}

/** The name of what has the focus, as a screen reader would begin with it. */
function focused() {
  let { activeElement: element } = document
  if (element === null || element === document.body) return ''
  const label = element.labels?.[0]?.innerText ?? element.getAttribute('aria-label') ?? element.innerText ?? ''
  return (label || element.getAttribute('placeholder') || element.getAttribute('name') || '').trim()
}

/** Somebody at the keyboard, in a page. `presses` counts the keys. */
export class Person {
  presses = 0

  constructor(page, name) {
    this.page = page
    this.name = name
  }

  async press(key) {
    this.presses++
    await this.page.press(key)
  }

  /** Tabs to what is called so; that it can be reached is what is tested. */
  async reach(name) {
    const is = (found) => (name instanceof RegExp ? name.test(found) : found.startsWith(name))
    const seen = []
    for (let steps = 0; steps < 150; steps++) {
      const found = (await this.page.evaluate(focused)) ?? ''
      if (is(found)) return
      seen.push(found.slice(0, 40))
      await this.press('Tab')
    }
    assert.fail(`${this.name}: ${name} cannot be reached by Tab from ${seen.slice(0, 60).join(' | ')}`)
  }

  async fill(name, text) {
    await this.reach(name)
    await this.press('Control+A')
    await this.page.type(text)
  }

  async choose(name) {
    await this.reach(name)
    await this.press('Enter')
  }

  async tick(name) {
    await this.reach(name)
    await this.press('Space')
  }

  /** Reads until this stands in the page. */
  async sees(text) {
    const has = (text) => document.body.innerText.replaceAll(/\s+/g, ' ').toLowerCase().includes(text.toLowerCase())
    for (const late = Date.now() + PATIENCE_MS; ; await sleep(50)) {
      if (await this.page.evaluate(has, text)) return
      if (Date.now() > late) assert.fail(`${this.name} does not see “${text}”, but ${await this.page.evaluate(() => document.body.innerText)}`)
    }
  }

  /** Waits until the page has put the focus here. */
  async lands(name) {
    for (const late = Date.now() + PATIENCE_MS; ; await sleep(50)) {
      const found = (await this.page.evaluate(focused)) ?? ''
      if (found.startsWith(name)) return
      if (Date.now() > late) assert.fail(`${this.name}: the focus is on “${found}” and not on “${name}”`)
    }
  }

  /** Waits for the page with this title. */
  async arrives(title) {
    const is = (title) => document.querySelector('h1')?.innerText === title && document.querySelector('main [aria-busy="true"]') === null
    for (const late = Date.now() + PATIENCE_MS; ; await sleep(50)) {
      if (await this.page.evaluate(is, title)) return
      if (Date.now() > late) assert.fail(`${this.name} does not come to “${title}”, but to ${await this.page.evaluate(() => document.querySelector('main')?.innerText)}`)
    }
  }

  /** A link of the navigation, which is before the page. */
  async goes(place) {
    await this.page.evaluate(() => {
      document.querySelector('h1')?.focus()
      document.querySelector('h1')?.blur()
    })
    await this.reach(new RegExp(`^${place}$`))
    await this.press('Enter')
  }

  /** What axe finds in the page as it is, in both themes and at both widths, and what sticks out. */
  async looks(name) {
    const flaws = []
    await this.page.run(AXE)
    for (const theme of ['light', 'dark']) {
      await this.page.evaluate((theme) => void (document.documentElement.dataset.theme = theme), theme)
      for (const [width, size] of Object.entries(WIDTHS)) {
        await this.page.size(size)
        const found = await this.page.evaluate(async () => {
          await Promise.allSettled(document.getAnimations().filter((one) => one.effect.getComputedTiming().endTime !== Infinity).map(({ finished }) => finished))
          const { violations } = await globalThis.axe.run(document, { resultTypes: ['violations'] })
          const sticksOut = document.documentElement.scrollWidth - innerWidth
          return [...(sticksOut > 0 ? [`${sticksOut} px wider than the window`] : []), ...violations.filter(({ impact }) => impact !== 'minor').map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(', ')}`)]
        })
        flaws.push(...(found ?? []).map((flaw) => `${name}, ${theme}, ${width}: ${flaw}`))
        if (SHOTS) {
          mkdirSync(SHOTS, { recursive: true })
          await this.page.picture(join(SHOTS, `${this.name}-${name}-${width}-${theme}.png`))
        }
      }
    }
    await this.page.evaluate(() => void (document.documentElement.dataset.theme = 'light'))
    await this.page.size(WIDTHS.wide)
    assert.deepEqual(flaws, [])
  }
}
