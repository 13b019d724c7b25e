/** A program in another language that measures the job: it reads the job on its standard input and prints samples. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'

import { API, CLIENT, ISSUER, LEEWAY, LIFETIME, MAX_AGE, SCOPE, STS, configuration } from '../inside/job.mjs'
import { makeKeys, tokenMaker } from '../inside/tokens.mjs'
import { verifyIssued } from './truth.mjs'

/** What it printed, after every token that it issued was verified. `more` goes into the job. */
export async function measured(command, args, { rounds, warmup, tokens }, more = {}) {
  const keys = makeKeys()
  const make = tokenMaker(keys)
  const { theirs, ours } = keys
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (data) => (said += data))
  const job = {
    document: configuration(keys), theirs, ours, client: CLIENT, issuer: ISSUER, sts: STS, api: API, scope: SCOPE,
    lifetime: LIFETIME, leeway: LEEWAY, max_age: MAX_AGE, rounds, warmup,
    cold: Array.from({ length: rounds + warmup }, () => make(tokens)),
    repeated: make(tokens),
    ...more,
  }
  // One that ends early says why itself.
  child.stdin.on('error', () => undefined).end(JSON.stringify(job))
  const [code] = await exited
  if (code !== 0) throw new Error(`${command} ended with ${code}`)
  const report = JSON.parse(said)
  for (const { subject, issued } of report.truth) {
    for (const [name, token] of Object.entries(issued)) await verifyIssued(name, token, subject, keys)
  }
  return report
}
