/**
 * What a person has who works by keyboard alone: keys, and eyes for what the page
 * says and where the focus is.
 */
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { AXE, hasAxe, optionsIn } from './axe.mjs'
import { WIDTHS } from './browsers.mjs'

const SHOTS = process.env.CONSOLE_SHOTS
const PATIENCE_MS = 60_000
/** After so long the focus stays where it is, for a person. */
const STILL_MS = 100

/** A page that is being left answers nothing. */
function gone(error) {
  if (/context was destroyed|navigat|Target closed|discarded|no such frame/i.test(String(error.message))) return undefined
  throw error
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

  /** What `find` finds in the page; nothing in a page that is being left. */
  look(find, ...args) {
    return this.page.evaluate(find, ...args).catch(gone)
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
      const found = (await this.look(focused)) ?? ''
      if (is(found)) {
        // A page that has just been drawn may still move the focus.
        await sleep(STILL_MS)
        if (is((await this.look(focused)) ?? '')) return
        continue
      }
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

  /** Waits until the page shows this text. */
  async sees(text) {
    const has = (text) => (document.body?.innerText ?? '').replaceAll(/\s+/g, ' ').toLowerCase().includes(text.toLowerCase())
    for (const late = Date.now() + PATIENCE_MS; ; await sleep(50)) {
      if (await this.look(has, text)) return
      if (Date.now() > late) assert.fail(`${this.name} does not see “${text}”, but ${await this.look(() => document.body?.innerText)}`)
    }
  }

  /** Waits until the page has put the focus here. */
  async lands(name) {
    for (const late = Date.now() + PATIENCE_MS; ; await sleep(50)) {
      const found = (await this.look(focused)) ?? ''
      if (found.startsWith(name)) return
      if (Date.now() > late) assert.fail(`${this.name}: the focus is on “${found}” and not on “${name}”`)
    }
  }

  /** Waits for the page with this title. */
  async arrives(title) {
    const is = (title) => document.querySelector('h1')?.innerText === title && document.querySelector('main [aria-busy="true"]') === null
    for (const late = Date.now() + PATIENCE_MS; ; await sleep(50)) {
      if (await this.look(is, title)) return
      if (Date.now() > late) assert.fail(`${this.name} does not come to “${title}”, but to ${await this.look(() => document.querySelector('main')?.innerText)}`)
    }
  }

  /** A link of the navigation, which is before the page. */
  async goes(place) {
    await this.look(() => {
      document.querySelector('h1')?.focus()
      document.querySelector('h1')?.blur()
    })
    await this.reach(new RegExp(`^${place}$`))
    await this.press('Enter')
  }

  /** What axe finds in the page as it is, in both themes and at both widths, and what sticks out. */
  async looks(name) {
    const flaws = []
    if (!(await this.look(hasAxe))) await this.page.run(AXE)
    for (const theme of ['light', 'dark']) {
      await this.look((theme) => void (document.documentElement.dataset.theme = theme), theme)
      for (const [width, size] of Object.entries(WIDTHS)) {
        await this.page.size(size)
        const found = await this.look(async (options) => {
          await Promise.allSettled(document.getAnimations().filter((one) => one.effect.getComputedTiming().endTime !== Infinity).map(({ finished }) => finished))
          const { violations } = await globalThis.axe.run(document, options)
          const sticksOut = document.documentElement.scrollWidth - innerWidth
          return [...(sticksOut > 0 ? [`${sticksOut} px wider than the window`] : []), ...violations.filter(({ impact }) => impact !== 'minor').map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(', ')}`)]
        }, optionsIn(theme))
        flaws.push(...(found ?? ['it cannot be looked at']).map((flaw) => `${name}, ${theme}, ${width}: ${flaw}`))
        if (SHOTS) {
          mkdirSync(SHOTS, { recursive: true })
          await this.page.picture(join(SHOTS, `${this.name}-${name}-${width}-${theme}.png`))
        }
      }
    }
    await this.look(() => void (document.documentElement.dataset.theme = 'light'))
    await this.page.size(WIDTHS.wide)
    assert.deepEqual(flaws, [])
  }
  /** Closes the page, in which nothing went wrong. That a request was refused is no error of the page. */
  async leaves() {
    const errors = this.page.errors().filter((text) => !/status of (4\d\d|503)|fonts\.googleapis|ERR_/.test(text))
    assert.deepEqual(errors, [])
    await this.page.close()
  }
}
