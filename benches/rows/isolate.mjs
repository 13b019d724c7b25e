/** A young Worker: from the start of an isolate to its first exchange, and the next fifty. */
import { fileURLToPath } from 'node:url'

import { workerd } from '../../tests/runtimes/support/workerd.mjs'
import { makeKeys, tokenMaker } from '../inside/tokens.mjs'
import { children, cost, cpuOf } from '../support/cpu.mjs'
import { interleave, markdown, median, ratio, spread } from '../support/measure.mjs'
import { verifyIssued } from '../support/truth.mjs'
import { versionOf } from '../support/versions.mjs'

const HERE = fileURLToPath(new URL('..', import.meta.url))
const NEXT = 50
const PARTIES = { 'exchequer': 'exchequer', '`jose`, hand-written': 'jose', 'a Worker that does nothing': 'nothing' }
const [OWN, JOSE, NOTHING] = Object.keys(PARTIES)

export async function measure({ smoke }) {
  const rounds = smoke ? 1 : 15
  const keys = makeKeys()
  const tokens = tokenMaker(keys)
  const starts = Object.fromEntries(Object.keys(PARTIES).map((name) => [name, () => start(name, keys, tokens)]))
  return told(await interleave(starts, { rounds, warmup: smoke ? 0 : 1 }), rounds)
}

/** Milliseconds of CPU until workerd is ready, of the first exchange, and of each of the next ones. */
async function start(name, keys, tokens) {
  const others = new Set(children('workerd'))
  const miniflare = await workerd(HERE, `export { default } from './inside/isolate-${PARTIES[name]}.mjs'`)
  try {
    const pid = children('workerd').find((one) => !others.has(one))
    const { theirs, ours } = keys
    const exchange = async (token) => {
      const response = await miniflare.dispatchFetch('http://worker/', { method: 'POST', body: JSON.stringify({ keys: { theirs, ours }, token }) })
      if (response.status !== 200) throw new Error(`${name}: ${await response.text()}`)
      return (await response.json()).access_token
    }
    const [token] = tokens(1)
    const ready = cpuOf(pid)
    let issued
    const first = await cost(pid, 1, async () => (issued = await exchange(token)))
    if (name !== NOTHING) await verifyIssued(name, issued, token, keys)
    const following = tokens(NEXT)
    const next = await cost(pid, NEXT, async () => {
      for (const one of following) await exchange(one)
    })
    return { ready: ready / 1000, cpu: first.cpu / 1000, wall: first.wall / 1000, next: next.cpu / 1000 }
  } finally {
    await miniflare.dispose()
  }
}

function told(samples, rounds) {
  /** What a party needs beyond the Worker that does nothing. */
  const beyond = (name, field) => samples[name].map((one, round) => one[field] - samples[NOTHING][round][field])
  const started = beyond(OWN, 'ready').map((ready, round) => ready + beyond(OWN, 'cpu')[round])
  const lines = Object.entries(samples).map(([name, all]) => [
    name,
    ...['ready', 'cpu', 'wall', 'next'].map((field) => spread(all.map((one) => one[field]))),
  ])
  const summary = `from the start of an isolate to its first exchange ${median(started).toFixed(0)} ms CPU beyond a Worker that does nothing, ${ratio(samples, OWN, JOSE).toFixed(2)} times the first exchange of \`jose\``
  return {
    title: 'a young Worker',
    versions: { workerd: versionOf('workerd', 'tests/runtimes/'), jose: versionOf('jose') },
    summary,
    text: `${rounds} rounds; for each party a workerd is started with one Worker, which is asked for
one exchange and then for ${NEXT} more, one a request. CPU time is that of the process
workerd; the Worker that does nothing says how much of it is workerd's own.

${markdown([['ms', 'CPU until ready', 'CPU, first exchange', 'wall, first exchange', `CPU, each of the next ${NEXT}`], ...lines])}

It takes ${summary}.`,
  }
}
