/**
 * A fresh project with the package in it, packed and installed as a user would,
 * and with the shared suite: `inside/`, the cases, and what plays them.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { fileURLToPath } from 'node:url'

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url))
const vectors = path('../../vectors/')
const NO_GROUPS = ['configs', 'forge', 'keys', 'runner']

export const modules = path('../node_modules/')

const npm = (cwd, ...args) =>
  execFileSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], { cwd, encoding: 'utf8' })

/** Makes it; it is removed after the tests of the file. */
export function project() {
  const directory = mkdtempSync(join(tmpdir(), 'exchequer-project-'))
  after(() => rmSync(directory, { recursive: true, force: true }))
  write(directory, 'package.json', JSON.stringify({ name: 'project', private: true, type: 'module' }))
  const [{ filename }] = JSON.parse(npm(path('../../../pkg/'), 'pack', '--json', '--pack-destination', directory))
  // Of its peers there is `jose`, which checks what is issued, and no other.
  const jose = join(modules, 'jose')
  npm(directory, 'install', '--ignore-scripts', '--omit=optional', '--install-links', '--offline', join(directory, filename), jose)
  for (const [from, to] of [[path('../inside/'), ''], [join(vectors, 'runner'), 'runner']]) {
    cpSync(from, join(directory, to), { recursive: true })
  }
  write(directory, 'cases.mjs', `export default ${JSON.stringify(everyFile())}\n`)
  return { directory, tarball: join(directory, filename), write: (name, text) => write(directory, name, text) }
}

/** The files below `tests/vectors` by their paths: there are runtimes that read none. */
function everyFile() {
  const groups = readdirSync(vectors, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !['forge', 'runner'].includes(entry.name))
    .map((entry) => entry.name)
  const names = groups.flatMap((group) => readdirSync(join(vectors, group)).map((name) => `${group}/${name}`))
  const files = Object.fromEntries(['web.json', ...names].map((name) => [name, readFileSync(join(vectors, name), 'utf8')]))
  const cases = names.filter((name) => name.endsWith('.json') && !NO_GROUPS.includes(name.split('/')[0]))
  return { files, cases }
}

function write(directory, name, text) {
  writeFileSync(join(directory, name), text)
}
