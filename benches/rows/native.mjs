/** One exchange in a native program that has the engine as a crate. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { API, CLIENT, ISSUER, LEEWAY, LIFETIME, MAX_AGE, SCOPE, STS, configuration } from '../inside/job.mjs'
import { makeKeys, tokenMaker } from '../inside/tokens.mjs'
import { told } from '../support/report.mjs'
import { verifyIssued } from '../support/truth.mjs'

const root = fileURLToPath(new URL('../../', import.meta.url))
const PROGRAM = join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), 'native/exchequer-bench')
const NAMES = {
  own: 'exchequer, signatures by `aws-lc-rs`',
  peer: '`jsonwebtoken`, hand-written',
  map: '`jsonwebtoken` and a map of verified tokens',
  limit: 'the limit: two native signatures',
}
const CALLED = { peer: '`jsonwebtoken`', map: '`jsonwebtoken` with a map' }

export async function measure({ smoke }) {
  const [rounds, warmup, tokens] = smoke ? [2, 1, 10] : [30, 3, 200]
  const keys = makeKeys()
  const make = tokenMaker(keys)
  const { theirs, ours } = keys
  const report = await run({
    document: configuration(keys), theirs, ours, client: CLIENT, issuer: ISSUER, sts: STS, api: API, scope: SCOPE,
    lifetime: LIFETIME, leeway: LEEWAY, max_age: MAX_AGE, rounds, warmup,
    cold: Array.from({ length: rounds + warmup }, () => make(tokens)),
    repeated: make(tokens),
  })
  for (const { subject, issued } of report.truth) {
    for (const [name, token] of Object.entries(issued)) await verifyIssued(name, token, subject, keys)
  }
  const how = `${rounds} rounds of ${tokens} tokens of ${report.length} bytes for each party, all in one thread.`
  return {
    title: 'one exchange in a native program',
    versions: { 'aws-lc-rs': version('aws-lc-rs'), jsonwebtoken: version('jsonwebtoken') },
    ...told(report.cold, report.repeated, { where: 'In a native program', how, names: NAMES, called: CALLED }),
  }
}

async function run(job) {
  const child = spawn(PROGRAM, { stdio: ['pipe', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (data) => (said += data))
  child.stdin.end(JSON.stringify(job))
  const [code] = await exited
  if (code !== 0) throw new Error(`the native program ended with ${code}`)
  return JSON.parse(said)
}

/** The version of a crate in Cargo.lock. */
function version(crate) {
  return new RegExp(`name = "${crate}"\nversion = "(.*)"`).exec(readFileSync(`${root}Cargo.lock`, 'utf8'))[1]
}
