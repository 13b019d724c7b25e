/** The browsers in which people work by keyboard, behind one interface: keys, script, pictures and the errors of a page. */
import { launch } from './console.mjs'
import * as debian from './firefox.mjs'

export const WIDTHS = { narrow: { width: 390, height: 844 }, wide: { width: 1440, height: 900 } }

/** Why there is no Firefox. CI has to have one. */
export const noFirefox = !debian.isThere && !process.env.CI && 'Firefox is not installed'

export const firefox = () => debian.firefox(WIDTHS.wide)

/** Chromium, by Playwright. */
export async function chromium() {
  const browser = await launch()
  return {
    async page() {
      const context = await browser.newContext({ viewport: WIDTHS.wide, reducedMotion: 'reduce' })
      const page = await context.newPage()
      const errors = []
      page.on('pageerror', ({ message }) => errors.push(message))
      page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
      return {
        goto: (url) => page.goto(url),
        press: (key) => page.keyboard.press(key),
        type: (text) => page.keyboard.insertText(text),
        evaluate: (look, ...args) => page.evaluate(([source, args]) => globalThis.eval(`(${source})`)(...args), [look.toString(), args]),
        run: (script) => page.evaluate(script),
        size: (size) => page.setViewportSize(size),
        picture: (path) => page.screenshot({ path, fullPage: true }),
        errors: () => errors,
        close: () => context.close(),
      }
    },
    stop: () => browser.close(),
  }
}
