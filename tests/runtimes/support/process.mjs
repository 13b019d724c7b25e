/** Runs the suite in a runtime that is a command. */
import { execFile } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { modules } from './project.mjs'

const LONGEST_MS = 120_000

/** What `print.mjs` printed. */
export async function printed(command, args, cwd, env = {}) {
  const { stdout } = await promisify(execFile)(command, args, {
    cwd, timeout: LONGEST_MS, maxBuffer: 64 << 20, env: { ...process.env, ...env },
  })
  return JSON.parse(stdout)
}

/**
 * The command in the package of this platform. The package without a platform
 * copies it from there when it is installed, by a script, and none is run here.
 */
export function binary(scope, file) {
  const directory = join(modules, scope)
  const found = existsSync(directory) ? readdirSync(directory).map((name) => join(directory, name, file)).find(existsSync) : undefined
  if (found === undefined) throw new Error(`there is no ${scope} package for this platform: ${process.platform} ${process.arch}`)
  return found
}
