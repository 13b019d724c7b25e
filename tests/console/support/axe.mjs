/** How pages are looked at with axe. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/** The script that makes `globalThis.axe`. */
export const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Whether it was run in this page before. */
export const hasAxe = () => globalThis.axe !== undefined

/** What is looked for. */
export const OPTIONS = { resultTypes: ['violations'] }

/** The folder for pictures of the pages. */
export const SHOTS = process.env.CONSOLE_SHOTS

/**
 * The themes and widths in which a page is looked at: each theme and each width once, in pairs that its name decides.
 * So what many pages have, like the navigation, is seen in all four. A look costs half a second.
 */
export function looksAt(name) {
  const all = ['light', 'dark'].flatMap((theme) => ['narrow', 'wide'].map((width) => [theme, width]))
  const isOdd = name.length % 2 === 1
  return SHOTS ? all : all.filter(([theme, width]) => ((theme === 'dark') === (width === 'wide')) === isOdd)
}
