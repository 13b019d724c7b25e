/** The versions of npm packages that are installed. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** The version of a package below a folder of this repository. */
export function versionOf(name, folder = '') {
  return JSON.parse(readFileSync(`${root}${folder}node_modules/${name}/package.json`, 'utf8')).version
}

export const own = () => JSON.parse(readFileSync(`${root}pkg/package.json`, 'utf8')).version
