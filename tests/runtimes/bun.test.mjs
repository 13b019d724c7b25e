/** The packed package in Bun. */
import { keysToFetch } from './support/issuer.mjs'
import { binary, printed } from './support/process.mjs'
import { project } from './support/project.mjs'
import { report } from './support/report.mjs'

const { directory } = project()
const keys = JSON.stringify(await keysToFetch())
report('Bun', await printed(binary('@oven', 'bin/bun'), ['run', 'print.mjs', keys], directory))
