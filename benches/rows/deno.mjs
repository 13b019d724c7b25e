/** One exchange in Deno, cold and repeated. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { binary } from '../../tests/runtimes/support/process.mjs'
import { runtimeRow } from '../support/runtime-row.mjs'
import { versionOf } from '../support/versions.mjs'

export async function measure(options) {
  const directory = mkdtempSync(join(tmpdir(), 'exchequer-deno-'))
  // It compiles to memory; what it would keep goes with the folder.
  const env = { DENO_DIR: directory, DENO_NO_UPDATE_CHECK: '1' }
  const args = ['run', '--no-prompt', '--cached-only', '--allow-all', '--node-modules-dir=manual']
  try {
    const version = versionOf('deno', 'tests/runtimes/')
    // Signatures take their time there.
    return await runtimeRow({ runtime: 'Deno', version, command: binary('@deno', 'deno'), args, env, perRound: 50 }, options)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
