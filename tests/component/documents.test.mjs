/** The page about components, carried out with the wasmtime that is tested. */
import assert from 'node:assert/strict'
import { chmodSync, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { fileURLToPath } from 'node:url'

import { noShell, walkPage } from '../node/support/pages.mjs'

const VENV = fileURLToPath(new URL('../.venv', import.meta.url))
const noWasmtime = !existsSync(join(VENV, 'bin/wasmtime')) && !process.env.CI && 'wasmtime is not installed'

/** What pip installs is not marked as a program. */
function wasmtime() {
  for (const python of readdirSync(join(VENV, 'lib'))) {
    const folder = join(VENV, 'lib', python, 'site-packages/wasmtime_cli')
    for (const name of readdirSync(folder).filter((name) => name.startsWith('wasmtime'))) chmodSync(join(folder, name), 0o755)
  }
  return join(VENV, 'bin')
}

it('docs/tutorials/component.md prints what it says', { skip: noShell || noWasmtime, timeout: 120_000 }, async () => {
  assert.ok((await walkPage('docs/tutorials/component.md', { path: [wasmtime()] })) > 0)
})
