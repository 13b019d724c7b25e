/** The published types: as a program without the DOM's sees them, and as the engine has them. */
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

// That the schemas are the engine's, tests/reference.rs knows.
it('has the types of the configuration and of results from their schemas', () => {
  const path = (name) => fileURLToPath(new URL(`../../${name}`, import.meta.url))
  const schemas = ['config', 'results'].map((name) => path(`pkg/src/generated/${name}.schema.json`))
  const { status, stderr } = spawnSync(process.execPath, [path('xtask/types.mjs'), ...schemas, '--check'], { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
})
