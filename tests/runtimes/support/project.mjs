/**
 * A fresh project with the package in it, packed and installed as a user would,
 * and with the shared suite: `inside/`, the cases, and what plays them.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { constants, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { fileURLToPath } from 'node:url'

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url))
const vectors = path('../../vectors/')
const NO_GROUPS = ['configs', 'forge', 'keys', 'runner']

export const modules = path('../node_modules/')
const PACKAGE = path('../../../pkg/')
const INSTALLED = path('../../../target/packed/')

const npm = (cwd, ...args) =>
  execFileSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], { cwd, encoding: 'utf8' })

/** Makes it; it is removed after the tests of the file. */
export function project() {
  const directory = mkdtempSync(join(tmpdir(), 'exchequer-project-'))
  after(() => rmSync(directory, { recursive: true, force: true }))
  const { home, filename } = installed()
  cpSync(home, directory, { recursive: true, mode: constants.COPYFILE_FICLONE, verbatimSymlinks: true })
  for (const [from, to] of [[path('../inside/'), ''], [join(vectors, 'runner'), 'runner']]) {
    cpSync(from, join(directory, to), { recursive: true })
  }
  write(directory, 'cases.mjs', `export default ${JSON.stringify(everyFile())}\n`)
  return { directory, tarball: join(directory, filename), write: (name, text) => write(directory, name, text) }
}

/** A project with nothing but the package, which npm packs and installs once for each state of it: that takes seconds, and many files ask. */
function installed() {
  const home = join(INSTALLED, digest())
  if (!existsSync(home)) {
    mkdirSync(INSTALLED, { recursive: true })
    const others = readdirSync(INSTALLED)
    const made = mkdtempSync(join(INSTALLED, 'new-'))
    install(made)
    try {
      renameSync(made, home)
    } catch (error) {
      // Another file of tests was faster.
      if (!existsSync(home)) throw error
      rmSync(made, { recursive: true, force: true })
    }
    for (const other of others.filter((name) => !name.startsWith('new-'))) rmSync(join(INSTALLED, other), { recursive: true, force: true })
  }
  const [filename] = readdirSync(home).filter((name) => name.endsWith('.tgz'))
  return { home, filename }
}

function install(directory) {
  write(directory, 'package.json', JSON.stringify({ name: 'project', private: true, type: 'module' }))
  const [{ filename }] = JSON.parse(npm(PACKAGE, 'pack', '--json', '--pack-destination', directory))
  // Of its peers there is `jose`, which checks what is issued, and no other.
  const jose = join(modules, 'jose')
  npm(directory, 'install', '--ignore-scripts', '--omit=optional', '--install-links', '--offline', `./${filename}`, jose)
}

/** What the package is, and what is installed beside it. */
function digest() {
  const files = readdirSync(PACKAGE, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .filter((name) => !name.includes('node_modules'))
    .concat(join(modules, 'jose/package.json'), fileURLToPath(import.meta.url))
  const hash = createHash('sha256')
  for (const name of files.sort()) hash.update(name).update('\0').update(createHash('sha256').update(readFileSync(name)).digest())
  return hash.digest('hex')
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
