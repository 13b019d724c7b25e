/** The row of a JavaScript runtime: every party in one process of it. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { JOSE, told } from './report.mjs'
import { verifyIssued } from './truth.mjs'
import { versionOf } from './versions.mjs'

const SCRIPT = fileURLToPath(new URL('../inside/runtime.mjs', import.meta.url))
const NAMES = {
  own: 'exchequer',
  cached: 'exchequer with its cache',
  peer: '`jose`, hand-written',
  map: '`jose` and a Map of verified tokens',
  limit: 'the limit: two native signatures',
}

/**
 * @param runtime its name, with its version, its command, and what stands before the script
 * @param perRound how many tokens a round has
 */
export async function runtimeRow({ runtime, version, command, args = [], env = {}, perRound = 200 }, { smoke }) {
  const [rounds, warmup, tokens] = smoke ? [2, 1, 10] : [40, 20, perRound]
  const options = JSON.stringify({ rounds, warmup, tokens, smoke })
  const { stdout } = await promisify(execFile)(command, [...args, SCRIPT, options], {
    maxBuffer: 64 << 20,
    env: { ...process.env, ...env },
  })
  const { cold, repeated, keys, truth, length } = JSON.parse(stdout)
  for (const { subject, issued } of truth) {
    for (const [name, token] of Object.entries(issued)) await verifyIssued(name, token, subject, keys)
  }

  const how = `${rounds} rounds of ${tokens} tokens of ${length} bytes for each party, all in one process.`
  return {
    title: `one exchange in ${runtime}`,
    versions: { [runtime]: version, jose: versionOf('jose'), 'fast-jwt': versionOf('fast-jwt') },
    ...told(cold, repeated, { where: `In ${runtime}`, how, names: NAMES, called: JOSE }),
  }
}
