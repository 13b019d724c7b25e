/** From the start of a Node process to its first exchange. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { makeKeys, tokenMaker } from '../inside/tokens.mjs'
import { interleave, median, ratio, table } from '../support/measure.mjs'
import { verifyIssued } from '../support/truth.mjs'
import { own, versionOf } from '../support/versions.mjs'

const SCRIPT = fileURLToPath(new URL('../inside/start.mjs', import.meta.url))
const [OWN, JOSE, LIMIT, BARE] = ['exchequer', '`jose`, hand-written', 'the limit: two native signatures', 'Node and nothing else']
const WHAT = { [OWN]: 'exchequer', [JOSE]: 'jose', [LIMIT]: 'signatures', [BARE]: 'nothing' }

export async function measure({ smoke }) {
  const rounds = smoke ? 1 : 40
  const keys = makeKeys()
  const tokens = tokenMaker(keys)
  const parties = Object.fromEntries([OWN, JOSE, LIMIT, BARE].map((name) => [name, () => start(name, keys, tokens(1)[0])]))
  const samples = await interleave(parties, { rounds, warmup: smoke ? 0 : 2 })
  const against = ratio(samples, OWN, JOSE, 'wall').toFixed(2)
  const ms = (name) => median(samples[name].map(({ wall }) => wall)).toFixed(0)
  const summary = `a process makes its first exchange after ${ms(OWN)} ms, ${against} times what it takes with \`jose\` (${ms(JOSE)} ms; Node alone ${ms(BARE)} ms)`
  return {
    title: 'process start to first exchange',
    versions: { Node: process.versions.node, exchequer: own(), jose: versionOf('jose') },
    summary,
    text: `${rounds} rounds; each party is a process that loads its packages, makes one exchange
and ends. Wall time is from starting the process to the issued token; CPU time is
all that the process has used until then.

${table(samples, { 'CPU, `jose` = 1': JOSE, 'CPU, Node alone = 1': BARE }, { unit: 'ms', digits: 1 })}

On the clock ${summary}.`,
  }
}

async function start(name, keys, token) {
  const { theirs, ours } = keys
  const began = process.hrtime.bigint()
  const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT, WHAT[name], JSON.stringify({ keys: { theirs, ours }, token })])
  const { issued, at, cpu } = JSON.parse(stdout)
  if (issued !== undefined) await verifyIssued(name, issued, token, keys)
  return { cpu: cpu / 1000, wall: Number(BigInt(at) - began) / 1e6 }
}
