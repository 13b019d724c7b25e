/**
 * Gives `wrangler dev` the variables of this example, the first time: `.dev.vars` as
 * `.dev.vars.example`. Change it as you like; it stays on this machine, and nothing of
 * it is deployed.
 */
import { copyFileSync, existsSync } from 'node:fs'

const inside = (name) => new URL(name, import.meta.url)
if (!existsSync(inside('.dev.vars'))) copyFileSync(inside('.dev.vars.example'), inside('.dev.vars'))
