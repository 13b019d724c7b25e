/** One exchange in Bun, cold and repeated. */
import { binary } from '../../tests/runtimes/support/process.mjs'
import { runtimeRow } from '../support/runtime-row.mjs'
import { versionOf } from '../support/versions.mjs'

export function measure(options) {
  const version = versionOf('bun', 'tests/runtimes/')
  return runtimeRow({ runtime: 'Bun', version, command: binary('@oven', 'bin/bun'), args: ['run'] }, options)
}
