/** The packed package in Deno, which may do nothing: not read, not fetch, not look at the environment. */
import { join } from 'node:path'

import { binary, printed } from './support/process.mjs'
import { project } from './support/project.mjs'
import { report } from './support/report.mjs'

const { directory } = project()
const args = ['run', '--no-prompt', '--cached-only', '--node-modules-dir=manual', 'print.mjs']
const env = { DENO_DIR: join(directory, '.deno'), DENO_NO_UPDATE_CHECK: '1' }
report('Deno', await printed(binary('@deno', 'deno'), args, directory, env))
