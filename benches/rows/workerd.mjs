/** One exchange in workerd, cold and repeated: all parties in one isolate. */
import { fileURLToPath } from 'node:url'

import { workerd } from '../../tests/runtimes/support/workerd.mjs'
import { makeKeys, tokenMaker } from '../inside/tokens.mjs'
import { children, cost } from '../support/cpu.mjs'
import { grown, interleave } from '../support/measure.mjs'
import { JOSE as CALLED, told } from '../support/report.mjs'
import { verifyIssued } from '../support/truth.mjs'
import { versionOf } from '../support/versions.mjs'
import { workerParties } from '../support/worker-parties.mjs'

const HERE = fileURLToPath(new URL('..', import.meta.url))
const TOKENS = 200
const [OWN, CACHED, JOSE, MAP, LIMIT, ONE] = [
  'exchequer',
  'exchequer with its cache',
  '`jose`, hand-written',
  '`jose` and a Map of verified tokens',
  'the limit: two native signatures',
  'one native signature',
]
/** The parties in the order in which the Worker has them. */
const PARTIES = [OWN, CACHED, JOSE, MAP, LIMIT, ONE]

export async function measure({ smoke }) {
  const rounds = smoke ? 2 : 40
  const warmup = smoke ? 1 : 20
  const others = new Set(children('workerd'))
  const miniflare = await workerd(HERE, `export { default } from './inside/worker.mjs'`)
  try {
    const pid = children('workerd').find((one) => !others.has(one))
    const keys = makeKeys()
    const tokens = tokenMaker(keys)
    const { put, run } = workerParties(miniflare, PARTIES)
    const { theirs, ours } = keys
    await put('keys', { theirs, ours })
    await truth(keys, tokens(1), put, run)

    const measured = (names) => Object.fromEntries(names.map((name) => [name, () => cost(pid, TOKENS, () => run(name))]))
    const fresh = () => put('tokens', tokens(TOKENS))
    const cold = await grown(measured([OWN, JOSE, LIMIT]), { rounds, each: TOKENS, smoke, input: fresh })
    await fresh()
    const repeated = await interleave(measured([OWN, CACHED, JOSE, MAP, LIMIT, ONE]), { rounds, warmup })
    return report(cold, repeated, rounds)
  } finally {
    await miniflare.dispose()
  }
}

async function truth(keys, [token], put, run) {
  await put('tokens', [token, token])
  for (const name of [OWN, CACHED, JOSE, MAP]) await verifyIssued(name, await run(name), token, keys)
}

function report(cold, repeated, rounds) {
  const how = `${rounds} rounds of ${TOKENS} tokens for each party, all in one isolate, ${TOKENS} exchanges a
request. CPU time is that of the process workerd. The limit is WebCrypto's.`
  return {
    title: 'one exchange in workerd',
    versions: { workerd: versionOf('workerd', 'tests/runtimes/'), jose: versionOf('jose') },
    ...told(cold, repeated, { where: 'In workerd', how, names: { own: OWN, cached: CACHED, peer: JOSE, map: MAP, limit: LIMIT }, called: CALLED }),
  }
}
