/** What a DPoP proof costs, in Node and in workerd: an exchange with one beside an exchange without. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { calculateJwkThumbprint, decodeJwt } from 'jose'

import { workerd } from '../../tests/runtimes/support/workerd.mjs'
import { BOTH, BOUND, UNBOUND } from '../inside/bound.mjs'
import { prover } from '../inside/proofs.mjs'
import { makeKeys, tokenMaker } from '../inside/tokens.mjs'
import { children, cost } from '../support/cpu.mjs'
import { WARM, interleave, median, table } from '../support/measure.mjs'
import { verifyIssued } from '../support/truth.mjs'
import { versionOf } from '../support/versions.mjs'
import { workerParties } from '../support/worker-parties.mjs'

const HERE = fileURLToPath(new URL('..', import.meta.url))
const SCRIPT = fileURLToPath(new URL('../inside/bound-in-node.mjs', import.meta.url))
const PARTIES = [UNBOUND, BOUND, BOTH]

export async function measure({ smoke }) {
  const options = smoke ? { rounds: 2, warmup: 0, tokens: 10 } : { rounds: 300, warmup: WARM / 50, tokens: 50 }
  // In Node the quartiles lie twenty hundredths apart: with 300 rounds the median moves by two.
  const ofNode = smoke ? options : { ...options, rounds: 1000 }
  const node = await inNode(ofNode)
  const worker = await inWorkerd(options)
  const beyond = (samples) => `${Math.round(100 * median(shares(samples)))} %`
  const summary = `beyond one native verification by ES256, a bound exchange costs ${beyond(node)} more than an unbound one in Node, and ${beyond(worker)} in workerd`
  return {
    title: 'an exchange that is bound to a key',
    versions: { Node: process.versions.node, workerd: versionOf('workerd', 'tests/runtimes/') },
    summary,
    text: `Rounds of ${options.tokens} requests for each party, all in one process: ${ofNode.rounds} in Node, ${options.rounds} in workerd. A client sends each request
with a new DPoP proof by its key. The proof is verified, and spent in a store in memory. A process has made ${WARM.toLocaleString('en')} exchanges of each before it is measured.

Node:

${table(node, { 'CPU, not bound = 1': UNBOUND })}

workerd:

${table(worker, { 'CPU, not bound = 1': UNBOUND })}

In CPU time, ${summary}.`,
  }
}

/** What a bound exchange costs beyond an unbound one and a verification, as a share of an unbound one. */
const shares = (samples) => samples[BOUND].map(({ cpu }, round) => (cpu - samples[BOTH][round].cpu) / samples[UNBOUND][round].cpu)

async function inNode(options) {
  const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT, JSON.stringify(options)], { maxBuffer: 64 << 20 })
  const { samples, truth } = JSON.parse(stdout)
  await verifyBound(truth)
  return samples
}

async function inWorkerd({ rounds, warmup, tokens: count }) {
  const others = new Set(children('workerd'))
  const miniflare = await workerd(HERE, `export { default } from './inside/bound-worker.mjs'`)
  try {
    const pid = children('workerd').find((one) => !others.has(one))
    const keys = makeKeys()
    const tokens = tokenMaker(keys)
    const { client, prove } = prover()
    const made = (count) => tokens(count).map((token) => ({ token, proof: prove() }))
    const { put, run } = workerParties(miniflare, PARTIES)
    const { theirs, ours } = keys
    await put('keys', { theirs, ours, client })
    const [request] = made(1)
    await put('requests', [request])
    await verifyBound({ subject: request.token, issued: await run(BOUND), ours, client })
    const measured = Object.fromEntries(PARTIES.map((name) => [name, () => cost(pid, count, () => run(name))]))
    return await interleave(measured, { rounds, warmup, input: () => put('requests', made(count)) })
  } finally {
    await miniflare.dispose()
  }
}

/** Throws unless this token is good, about the subject token, and bound to the client's key. */
async function verifyBound({ subject, issued, ours, client }) {
  await verifyIssued(BOUND, issued, subject, { ours })
  assert.equal(decodeJwt(issued).cnf?.jkt, await calculateJwkThumbprint(client))
}
