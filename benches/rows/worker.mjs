/** One exchange by a Worker, HTTP included: `createWorker` beside one written by hand with `jose`. */
import { fileURLToPath } from 'node:url'

import { workerd } from '../../tests/runtimes/support/workerd.mjs'
import { configuration } from '../inside/job.mjs'
import { twoSignatures } from '../inside/node-signatures.mjs'
import { makeKeys, tokenMaker } from '../inside/tokens.mjs'
import { children, cost } from '../support/cpu.mjs'
import { client } from '../support/load.mjs'
import { WARMTH, YOUTH, grown, interleave, median, ratio, table } from '../support/measure.mjs'
import { tokenRequest } from '../support/requests.mjs'
import { verifyIssued } from '../support/truth.mjs'
import { own, versionOf } from '../support/versions.mjs'

const HERE = fileURLToPath(new URL('..', import.meta.url))
const [OWN, SILENT, JOSE, NOTHING, LIMIT] = [
  'exchequer',
  'exchequer without its audit log',
  '`jose`, hand-written',
  'a Worker that does nothing',
  'the limit: two native signatures',
]
const SOURCES = {
  [OWN]: `import { createWorker } from 'exchequer/worker'\nexport default createWorker()`,
  [SILENT]: `import { createWorker } from 'exchequer/worker'\nexport default createWorker({ audit: false })`,
  [JOSE]: `export { default } from './inside/http-jose.mjs'`,
  [NOTHING]: `export { default } from './inside/http-nothing.mjs'`,
}

export async function measure({ smoke }) {
  const [rounds, warmup, requests] = smoke ? [2, 0, 20] : [30, 8, 200]
  const keys = makeKeys()
  const tokens = tokenMaker(keys)
  const { theirs, ours } = keys
  const bindings = { EXCHEQUER_CONFIG: JSON.stringify(configuration(keys)), KEYS: JSON.stringify({ theirs, ours }) }
  const workers = []
  try {
    const parties = {}
    for (const name of [OWN, SILENT, JOSE, NOTHING]) {
      const worker = await start(SOURCES[name], bindings)
      workers.push(worker)
      if (name !== NOTHING) await truth(name, worker, tokens(1)[0], keys)
      parties[name] = (all) => cost(worker.pid, all.length, () => worker.flood(all.map((token) => tokenRequest(token))))
    }
    const limit = twoSignatures(keys)
    parties[LIMIT] = (all) => cost(process.pid, all.length, () => all.forEach((token) => limit(token)))
    const { young, warm: cold } = await grown(parties, { rounds, each: requests, smoke, input: () => tokens(requests) })
    const same = tokens(requests)
    const repeated = await interleave(parties, { rounds, warmup: warmup + 1, input: () => same })
    return told({ young, cold, repeated, rounds, requests })
  } finally {
    for (const worker of workers) await worker.stop()
  }
}

/** A workerd of its own, reached without Miniflare in between. */
async function start(source, bindings) {
  const others = new Set(children('workerd'))
  const miniflare = await workerd(HERE, source, {
    bindings,
    unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
    // What it writes to its log is read and not shown.
    handleRuntimeStdio: (...streams) => streams.forEach((stream) => stream.resume()),
  })
  const pid = children('workerd').find((one) => !others.has(one))
  return { pid, ...client((await miniflare.unsafeGetDirectURL()).port), stop: () => miniflare.dispose() }
}

async function truth(name, worker, token, keys) {
  const { status, text } = await worker.send(tokenRequest(token))
  if (status !== 200) throw new Error(`${name}: ${status} ${text}`)
  await verifyIssued(name, JSON.parse(text).access_token, token, keys)
}

function told({ young, cold, repeated, rounds, requests }) {
  const times = (samples, own) => ratio(samples, JOSE, own).toFixed(2)
  const each = (samples) => median(samples[OWN].map(({ cpu }) => cpu)).toFixed(0)
  const summary = `a Worker makes an exchange with ${each(cold)} µs of CPU, HTTP included, with a repeated token ${each(repeated)}; one written by hand with \`jose\`, which keeps no audit log, costs ${times(cold, OWN)} and ${times(repeated, OWN)} times as much, and ${times(cold, SILENT)} and ${times(repeated, SILENT)} times as much as exchequer without its own`
  const references = { 'CPU, limit = 1': LIMIT, 'CPU, exchequer = 1': OWN }
  return {
    title: 'one exchange by a Worker over HTTP',
    versions: { workerd: versionOf('workerd', 'tests/runtimes/'), exchequer: own(), jose: versionOf('jose') },
    summary,
    text: `${rounds} rounds of ${requests} requests for each Worker, 8 at once over connections that are kept,
each Worker in a workerd of its own, whose CPU time counts. The limit is
\`node:crypto\`'s, in the process that asks.

${YOUTH}

${table(young, references)}

${WARMTH}

Cold: every token is new (hit rate 0).

${table(cold, references)}

Repeated: every token was exchanged before (hit rate 1).

${table(repeated, references)}

In all ${summary}. While it is young an exchange costs ${each(young)} µs, and the one by hand ${times(young, OWN)} times as much.`,
  }
}
