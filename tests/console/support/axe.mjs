/** How pages are looked at with axe. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/** The script that makes `globalThis.axe`. */
export const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Whether it was run in this page before. */
export const hasAxe = () => globalThis.axe !== undefined

/** What is looked for in a theme: everything in the light one, and in the dark one, which is the same page in other colours, what depends on colours. */
export const optionsIn = (theme) => ({
  resultTypes: ['violations'],
  ...(theme === 'dark' && { runOnly: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] } }),
})
