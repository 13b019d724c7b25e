/**
 * Measures the parties of `bound.mjs` in this process, and prints the samples as JSON.
 *
 *     node inside/bound-in-node.mjs '{"rounds": 40, "warmup": 3, "tokens": 200}'
 */
import { createPublicKey, verify } from 'node:crypto'

import { interleave } from '../support/measure.mjs'
import { BOUND, boundParties } from './bound.mjs'
import { prover } from './proofs.mjs'
import { makeKeys, tokenMaker } from './tokens.mjs'

const { rounds, warmup, tokens: count } = JSON.parse(process.argv[2])
const keys = makeKeys()
const tokens = tokenMaker(keys)
const { client, prove } = prover()

const verified = (jwk) => {
  const key = { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' }
  return (proof) => {
    const at = proof.lastIndexOf('.')
    const good = verify('sha256', Buffer.from(proof.slice(0, at)), key, Buffer.from(proof.slice(at + 1), 'base64url'))
    if (!good) throw new Error('the signature is not good')
  }
}

/** CPU and wall microseconds for each request of a round. */
const measured = (party) => async (given) => {
  const [cpu, wall] = [process.cpuUsage(), performance.now()]
  for (const request of given) await party(request)
  const { user, system } = process.cpuUsage(cpu)
  return { cpu: (user + system) / given.length, wall: ((performance.now() - wall) * 1000) / given.length }
}

const parties = await boundParties({ ...keys, client }, verified)
const input = () => tokens(count).map((token) => ({ token, proof: prove() }))
const [request] = input()
const issued = (await parties[BOUND](request)).access_token
const every = Object.fromEntries(Object.entries(parties).map(([name, party]) => [name, measured(party)]))
const samples = await interleave(every, { rounds, warmup, input })
console.log(JSON.stringify({ samples, truth: { subject: request.token, issued, ours: keys.ours, client } }))
