/** Memory over a long run of tokens that are all different. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { markdown } from '../support/measure.mjs'
import { own, versionOf } from '../support/versions.mjs'

const SCRIPT = fileURLToPath(new URL('../inside/memory.mjs', import.meta.url))
const PARTIES = { 'exchequer': 'exchequer', '`jose` and a Map of at most 10,000 verified tokens': 'map' }

export async function measure({ smoke }) {
  const count = smoke ? 2_000 : 100_000
  const runs = Object.entries(PARTIES).map(async ([name, what]) => [name, await run(what, count)])
  const samples = Object.fromEntries(await Promise.all(runs))
  const megabytes = (bytes) => (bytes / 1e6).toFixed(1)
  /** Caches are full and code is compiled by then. */
  const settled = (all) => all[Math.floor(all.length / 3)]
  const rows = Object.entries(samples).map(([name, all]) => {
    const [first, middle, last] = [all[0], settled(all), all.at(-1)]
    const of = (field) => [first, middle, last].map((one) => megabytes(one[field])).join(' → ')
    return [name, of('rss'), of('heapUsed'), of('external'), megabytes(Math.max(...all.map(({ rss }) => rss)))]
  })
  const [own_] = Object.values(samples)
  const grown = own_.at(-1).rss / settled(own_).rss
  const summary = `after ${count.toLocaleString('en')} exchanges a process has ${grown.toFixed(2)} times the memory that it had after a third of them (${megabytes(own_.at(-1).rss)} MB)`
  return {
    title: 'memory over a long run',
    versions: { Node: process.versions.node, exchequer: own(), jose: versionOf('jose') },
    summary,
    text: `${count.toLocaleString('en')} exchanges of tokens that are all different, in one Node process for each party;
memory after a collection at the start, after a third, and at the end.

${markdown([['MB', 'resident', 'JavaScript heap', 'outside of it, WebAssembly included', 'most resident'], ...rows])}

Measured so, ${summary}.`,
  }
}

async function run(what, count) {
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', SCRIPT, what, String(count)], { maxBuffer: 1 << 20 })
  return stdout.trim().split('\n').map((line) => JSON.parse(line))
}
