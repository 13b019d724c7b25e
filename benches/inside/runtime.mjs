/**
 * Measures every party that runs in this process, in Node, Bun or Deno, and
 * prints the samples as JSON with a token that each has issued.
 *
 *     node inside/runtime.mjs '{"rounds": 40, "warmup": 3, "tokens": 200, "smoke": false}'
 */
import { grown, interleave } from '../support/measure.mjs'
import { exchequer } from './exchequer.mjs'
import { fastJwt } from './fast-jwt.mjs'
import { handWritten, handWrittenWithMap } from './jose.mjs'
import { oneSignature, twoSignatures } from './node-signatures.mjs'
import { makeKeys, tokenMaker } from './tokens.mjs'

const { rounds, warmup, tokens: count, smoke } = JSON.parse(process.argv[2])
const keys = makeKeys()
const tokens = tokenMaker(keys)

const cold = {
  'exchequer': await exchequer(keys),
  '`jose`, hand-written': await handWritten(keys),
  '`fast-jwt`, hand-written': fastJwt(keys),
  'the limit: two native signatures': twoSignatures(keys),
}
const repeated = {
  'exchequer': await exchequer(keys),
  'exchequer with its cache': await exchequer(keys, { cache: true }),
  '`jose`, hand-written': await handWritten(keys),
  '`jose` and a Map of verified tokens': await handWrittenWithMap(keys),
  '`fast-jwt` with its cache': fastJwt(keys, { cache: true }),
  'the limit: two native signatures': twoSignatures(keys),
  'one native signature': oneSignature(keys),
}

/** CPU and wall microseconds for each token of a round. */
const measured = (exchange) => async (given) => {
  const [cpu, wall] = [process.cpuUsage(), performance.now()]
  for (const token of given) await exchange(token)
  const { user, system } = process.cpuUsage(cpu)
  return { cpu: (user + system) / given.length, wall: ((performance.now() - wall) * 1000) / given.length }
}

const every = (parties, make) => Object.fromEntries(Object.entries(parties).map(([name, party]) => [name, make(party)]))

async function issuedBy(parties) {
  const [subject] = tokens(1)
  const issued = {}
  for (const [name, exchange] of Object.entries(parties)) {
    // Twice: the second one is a repeated token.
    await exchange(subject)
    const token = (await exchange(subject)).access_token
    if (token !== undefined) issued[name] = token
  }
  return { subject, issued }
}

const truth = [await issuedBy(cold), await issuedBy(repeated)]
const same = tokens(count)
const report = {
  length: same[0].length,
  cold: await grown(every(cold, measured), { rounds, each: count, smoke, input: () => tokens(count) }),
  repeated: await interleave(every(repeated, measured), { rounds, warmup, input: () => same }),
  keys: { ours: keys.ours },
  truth,
}
console.log(JSON.stringify(report))
