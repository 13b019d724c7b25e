/** One exchange over HTTP: `exchequer serve` beside npm `oidc-provider` and a server that does nothing, one process each. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

import { freePort } from '../../tests/node/support/ports.mjs'
import { serve } from '../../tests/node/support/serve.mjs'
import { configuration } from '../inside/job.mjs'
import { twoSignatures } from '../inside/node-signatures.mjs'
import { makeKeys, tokenMaker } from '../inside/tokens.mjs'
import { cost } from '../support/cpu.mjs'
import { client } from '../support/load.mjs'
import { WARMTH, YOUTH, grown, interleave, median, ratio, table } from '../support/measure.mjs'
import { tokenRequest } from '../support/requests.mjs'
import { verifyIssued } from '../support/truth.mjs'
import { own, versionOf } from '../support/versions.mjs'

const REQUESTS = 200
const [OWN, PEER, NOTHING, LIMIT] = [
  '`exchequer serve`',
  '`oidc-provider` with a custom grant',
  'a server that does nothing',
  'the limit: two native signatures',
]

export async function measure({ smoke }) {
  const rounds = smoke ? 1 : 25
  const requests = smoke ? 10 : REQUESTS
  const warmup = smoke ? 0 : 5
  const keys = makeKeys()
  const tokens = tokenMaker(keys)
  const servers = { [OWN]: { ...(await serve(() => configuration(keys))), path: '/oauth2/token' } }
  try {
    servers[PEER] = await peer('oidc-provider', keys)
    servers[NOTHING] = await peer('nothing', keys)
    const clients = Object.fromEntries(Object.entries(servers).map(([name, { url }]) => [name, client(new URL(url).port)]))
    const [token] = tokens(1)
    for (const name of [OWN, PEER]) {
      const { status, text } = await clients[name].send(tokenRequest(token, servers[name].path))
      if (status !== 200) throw new Error(`${name}: ${status} ${text}`)
      await verifyIssued(name, JSON.parse(text).access_token, token, keys)
    }
    const limit = twoSignatures(keys)
    const ask = (name) => (all) =>
      cost(servers[name].pid, all.length, () => clients[name].flood(all.map((one) => tokenRequest(one, servers[name].path))))
    const parties = {
      [OWN]: ask(OWN),
      [PEER]: ask(PEER),
      [NOTHING]: ask(NOTHING),
      [LIMIT]: (all) => cost(process.pid, all.length, () => all.forEach((one) => limit(one))),
    }
    const { young, warm: cold } = await grown(parties, { rounds, each: requests, smoke, input: () => tokens(requests) })
    const same = tokens(requests)
    const repeated = await interleave(parties, { rounds, warmup: Math.max(1, warmup), input: () => same })
    return told({ young, cold, repeated, rounds })
  } finally {
    for (const server of Object.values(servers)) await server.stop()
  }
}

/** A server of `benches/peers`. */
async function peer(name, keys) {
  const port = await freePort()
  const child = fork(fileURLToPath(new URL(`../peers/${name}.mjs`, import.meta.url)), { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  let errors = ''
  child.stderr.on('data', (data) => (errors += data))
  const exited = once(child, 'exit')
  child.send({ port, keys })
  const said = await Promise.race([once(child, 'message'), exited.then(() => undefined)])
  if (said === undefined) throw new Error(`${name} does not listen: ${errors}`)
  return {
    url: `http://127.0.0.1:${port}`,
    path: '/token',
    pid: child.pid,
    async stop() {
      child.kill()
      await exited
    },
  }
}

function told({ young, cold, repeated, rounds }) {
  const perSecond = (samples, name) => (1e6 / median(samples[name].map(({ cpu }) => cpu))).toFixed(0)
  const times = (samples, over, under) => ratio(samples, over, under).toFixed(2)
  const coldly = `cold ${times(cold, PEER, OWN)} times the requests per CPU second of the server that \`oidc-provider\` answers (${perSecond(cold, OWN)} against ${perSecond(cold, PEER)})`
  const again = `repeated ${times(repeated, PEER, OWN)} times (${perSecond(repeated, OWN)} against ${perSecond(repeated, PEER)})`
  const [nothing, limit] = [NOTHING, LIMIT].map((name) => median(cold[name].map(({ cpu }) => cpu)))
  const most = (median(cold[PEER].map(({ cpu }) => cpu)) / (nothing + limit)).toFixed(2)
  const references = { 'CPU, limit = 1': LIMIT, 'CPU, exchequer = 1': OWN }
  return {
    title: 'one exchange over HTTP',
    versions: { Node: process.versions.node, exchequer: own(), 'oidc-provider': versionOf('oidc-provider'), jose: versionOf('jose') },
    summary: `${coldly}, ${again}`,
    text: `${rounds} rounds of ${REQUESTS} requests for each server, 8 at once over connections that are
kept. CPU time is the server's. \`exchequer serve\` writes its audit log; the other one
writes none. The server that does nothing reads the request and answers: what HTTP costs in Node.
The limit is \`node:crypto\`'s, in the process that asks.

${YOUTH}

${table(young, references)}

${WARMTH}

Cold: every token is new (hit rate 0).

${table(cold, references)}

Repeated: every token was exchanged before (hit rate 1).

${table(repeated, references)}

\`exchequer serve\` answers ${coldly}, ${again}. A server that
did nothing but HTTP and two signatures would answer ${most} times as many as \`oidc-provider\`, cold.`,
  }
}
