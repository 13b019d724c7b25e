/** The published types, as a program without the DOM's sees them. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { it } from 'node:test'
import { fileURLToPath } from 'node:url'

it('compiles a program that uses every published name', () => {
  const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'))
  const project = fileURLToPath(new URL('support/types', import.meta.url))
  const { status, stdout } = spawnSync(process.execPath, [join(typescript, 'bin/tsc'), '--project', project], { encoding: 'utf8' })
  assert.equal(status, 0, stdout)
})
