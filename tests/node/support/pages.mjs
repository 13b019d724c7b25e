/** Pages of docs/ whose commands are carried out, in a directory of their own. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { blocksOf, commandsOf } from './document.mjs'
import { freePort } from './ports.mjs'
import { walk } from './walkthrough.mjs'

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
export const DOCS = join(ROOT, 'docs')

/** Pages that need what only another suite has. */
export const WALKED_ELSEWHERE = {
  'docs/tutorials/component.md': 'tests/component/documents.test.mjs',
  'docs/tutorials/envoy.md': 'tests/envoy/documents.test.mjs',
  'docs/tutorials/worker.md': 'tests/runtimes/worker-tutorial.test.mjs',
}

/** What pages listen on: each is replaced by one that is free here. */
const PORTS = ['9443', '9444', '8080', '9901']

const missing = ['bash --version', 'curl --version', 'openssl version'].find((command) => spawnSync('sh', ['-c', command]).status !== 0)

/** Why nothing can be walked here, or `false`. In CI it has to be. */
export const noShell = missing !== undefined && !process.env.CI && `there is no ${missing.split(' ')[0]} on this machine`

/** A directory to try things in, with `exchequer` to be imported and on the path. */
export function workplace(path = []) {
  const directory = mkdtempSync(join(tmpdir(), 'exchequer-docs-'))
  symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'))
  writeFileSync(join(directory, 'package.json'), '{"type":"module"}')
  const env = {
    ...process.env,
    DOCS,
    PATH: [join(ROOT, 'node_modules/.bin'), dirname(process.execPath), ...path, process.env.PATH].join(delimiter),
    NO_COLOR: '1',
  }
  return { directory, env, remove: () => rmSync(directory, { recursive: true, force: true }) }
}

/**
 * Carries out what a page says, and compares what it prints.
 *
 * @param name from the root of the repository
 * @param path directories of further commands
 * @returns how many outputs were compared
 */
export async function walkPage(name, { path } = {}) {
  const { directory, env, remove } = workplace(path)
  const ports = new Map()
  for (const port of PORTS) ports.set(port, String(await freePort()))
  const here = (text) => [...ports].reduce((done, [port, free]) => done.replaceAll(port, free), text)
  try {
    return await walk(commandsOf(blocksOf(readFileSync(join(ROOT, name), 'utf8'))), { cwd: directory, env, here })
  } finally {
    remove()
  }
}
