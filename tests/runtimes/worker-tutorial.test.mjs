/** The page about Workers, carried out with the wrangler that is tested. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { it } from 'node:test'

import { noShell, walkPage } from '../node/support/pages.mjs'
import { modules } from './support/project.mjs'

it('docs/tutorials/worker.md prints what it says', { skip: noShell, timeout: 120_000 }, async () => {
  assert.ok((await walkPage('docs/tutorials/worker.md', { path: [join(modules, '.bin')] })) > 0)
})
