/** What an exchange costs under a large configuration, beside a small one, in one Node process. */
import { createExchequer } from 'exchequer'

import { CLIENT, ISSUER, SCOPE, application, configuration, trusted } from '../inside/job.mjs'
import { twoSignatures } from '../inside/node-signatures.mjs'
import { makeKeys, tokenMaker } from '../inside/tokens.mjs'
import { cost } from '../support/cpu.mjs'
import { WARM, interleave, ratio, table } from '../support/measure.mjs'
import { verifyIssued } from '../support/truth.mjs'
import { own } from '../support/versions.mjs'

const TOKENS = 200
const [LARGE, SMALL, LIMIT] = ['large', 'one issuer, one application', 'the limit: two native signatures']

export async function measure({ smoke }) {
  const rounds = smoke ? 2 : 40
  const warmup = smoke ? 0 : WARM / TOKENS
  const [issuers, applications] = smoke ? [20, 100] : [2_000, 10_000]
  const tokens = smoke ? 10 : TOKENS
  const keys = makeKeys()
  const document = JSON.stringify(large(keys, issuers, applications))
  let services
  const load = await cost(process.pid, 1, async () => (services = { [LARGE]: await createExchequer(document) }))
  services[SMALL] = await createExchequer(configuration(keys))
  const make = Object.fromEntries([LARGE, SMALL].map((name) => [name, name === LARGE ? spreadTokens(keys, issuers, applications) : oneToken(keys)]))

  const exchange = (name, { token, clientId }) => services[name].exchange({ clientId, subjectToken: token, subjectTokenType: 'jwt', scope: SCOPE })
  const measured = (name) => (given) =>
    cost(process.pid, tokens, async () => {
      for (const one of given[name]) await exchange(name, one)
    })
  const limit = twoSignatures(keys)
  const parties = {
    [LARGE]: measured(LARGE),
    [SMALL]: measured(SMALL),
    [LIMIT]: (given) => cost(process.pid, tokens, () => given[SMALL].forEach(({ token }) => limit(token))),
  }
  const [one] = make[SMALL](1)
  await verifyIssued(SMALL, (await exchange(SMALL, one)).access_token, one.token, keys)
  if ((await exchange(LARGE, make[LARGE](1)[0])).access_token === undefined) throw new Error('no token')

  const input = () => Object.fromEntries(Object.entries(make).map(([name, of]) => [name, of(tokens)]))
  const samples = await interleave(parties, { rounds, warmup, input })
  const number = (n) => n.toLocaleString('en')
  const summary = `an exchange under ${number(issuers)} issuers and ${number(applications)} applications costs ${ratio(samples, LARGE, SMALL).toFixed(2)} times one under a single issuer and application`
  return {
    title: 'a large configuration',
    versions: { Node: process.versions.node, exchequer: own() },
    summary,
    text: `${rounds} rounds of ${TOKENS} new tokens for each party, after ${WARM.toLocaleString('en')} exchanges, all in one process; in the large
configuration issuer and application are other ones each time, spread over all
there are. Its document of ${(document.length / 1e6).toFixed(1)} MB is loaded in ${(load.cpu / 1000).toFixed(0)} ms of CPU.

${table(samples, { 'CPU, limit = 1': LIMIT, 'CPU, small = 1': SMALL })}

In all ${summary}.`,
  }
}

/** The same service with many more issuers and applications than the one of the job. */
function large(keys, issuers, applications) {
  const document = configuration(keys)
  return {
    ...document,
    trustedTokenIssuers: Array.from({ length: issuers }, (_, n) => trusted(`CI ${n}`, `${ISSUER}/${n}`, keys.theirs)),
    applications: Array.from({ length: applications }, (_, n) => application(`Deploy bot ${n}`, `${CLIENT}-${n}`, `CI ${n % issuers}`)),
  }
}

/** Tokens of issuers that are spread over all there are, each with a client that trusts it. */
function spreadTokens(keys, issuers, applications) {
  const every = new Map()
  const maker = (n) => every.get(n) ?? every.set(n, tokenMaker(keys, { iss: `${ISSUER}/${n}` })).get(n)
  let at = 0
  return (count) =>
    Array.from({ length: count }, () => {
      // A step that shares no factor with either number visits all of them.
      at = (at + 7_919) % applications
      return { token: maker(at % issuers)(1)[0], clientId: `${CLIENT}-${at}` }
    })
}

function oneToken(keys) {
  const tokens = tokenMaker(keys)
  return (count) => tokens(count).map((token) => ({ token, clientId: CLIENT }))
}
