/**
 * The published comparison: one token exchange, beside its peers.
 *
 * Everything runs interleaved in one process, round after round, because a
 * shared machine drifts; what is compared is CPU time, and what is quoted are
 * medians and ratios. Each round goes through the same tokens, every one of
 * which is another: nothing is served from a cache of verified tokens.
 *
 *     node benches/exchange.mjs [--rounds 40] [--write benches/RESULTS.md]
 */
import { createPrivateKey, generateKeyPairSync, randomUUID, sign, verify } from 'node:crypto'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'

import { createExchequer } from 'exchequer'
import * as jose from 'jose'

import { writeSection } from './results.mjs'

const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '40' }, write: { type: 'string' } },
})
const ROUNDS = Number(options.rounds)
const TOKENS = 200

const ISSUER = 'https://idp.example.com'
const STS = 'https://sts.example.com'
const API = 'https://api.example.com'

// RS256-2048 in, ES256 out, tokens of 1.4 KB.
const theirs = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ours = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const theirJwk = { ...theirs.publicKey.export({ format: 'jwk' }), kid: 'idp-1', alg: 'RS256', use: 'sig' }
const ourJwk = { ...ours.privateKey.export({ format: 'jwk' }), kid: 'sts-1', alg: 'ES256' }
const tokens = await Promise.all(Array.from({ length: TOKENS }, (_, n) => subjectToken(n)))

const contenders = {
  'exchequer': await exchequer(),
  'jose, hand-written': await handWritten(),
  'two native signatures': twoSignatures(),
}

/** A token like those of a CI system: 1.4 KB of claims about a build. */
function subjectToken(n) {
  const claims = {
    sub: `repo:octo-org/octo-repo:ref:refs/heads/main:${n}`,
    ref: 'refs/heads/main',
    repository: 'octo-org/octo-repo',
    repository_owner: 'octo-org',
    workflow: 'deploy',
    workflow_ref: 'octo-org/octo-repo/.github/workflows/deploy.yml@refs/heads/main',
    job_workflow_ref: 'octo-org/octo-automation/.github/workflows/oidc.yml@refs/heads/main',
    environment: 'production',
    email: 'builder@example.com',
    filler: 'x'.repeat(240),
    jti: randomUUID(),
  }
  return new jose.SignJWT(claims)
    .setProtectedHeader({ alg: 'RS256', kid: 'idp-1', typ: 'JWT' })
    .setIssuer(ISSUER)
    .setAudience(STS)
    .setIssuedAt()
    .setNotBefore('0s')
    .setExpirationTime('2h')
    .sign(theirs.privateKey)
}

async function exchequer() {
  const sts = await createExchequer({
    issuer: STS,
    keys: [ourJwk],
    trustedTokenIssuers: [
      {
        name: 'CI',
        issuer: ISSUER,
        certificate: { jwks: { keys: [theirJwk] } },
        algorithms: ['RS256'],
        maxTokenAgeSeconds: 7200,
        claims: [{ from: 'email', to: 'email' }],
      },
    ],
    applications: [
      {
        name: 'Deploy bot',
        clientId: 'deploy-bot',
        clientSecret: 'a-secret-that-nobody-uses-here',
        type: 'machine',
        grantTypes: ['urn:ietf:params:oauth:grant-type:token-exchange'],
        trustedTokenIssuers: ['CI'],
        audiences: [API],
        scopes: ['deploy:read'],
        accessToken: { attributes: ['email'] },
      },
    ],
  })
  return (token) =>
    sts.exchange({ clientId: 'deploy-bot', subjectToken: token, subjectTokenType: 'jwt', scope: 'deploy:read' })
}

/** What one writes without us: the same checks and the same token, by hand. */
async function handWritten() {
  const keys = jose.createLocalJWKSet({ keys: [theirJwk] })
  const key = await jose.importJWK(ourJwk, 'ES256')
  return async (token) => {
    const { payload } = await jose.jwtVerify(token, keys, {
      issuer: ISSUER,
      audience: STS,
      algorithms: ['RS256'],
      maxTokenAge: 7200,
      clockTolerance: 30,
      requiredClaims: ['sub', 'exp'],
    })
    const access_token = await new jose.SignJWT({ client_id: 'deploy-bot', scope: 'deploy:read', email: payload.email })
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'sts-1' })
      .setIssuer(STS)
      .setSubject(payload.sub)
      .setAudience(API)
      .setIssuedAt()
      .setExpirationTime('1h')
      .setJti(randomUUID())
      .sign(key)
    return { access_token, token_type: 'Bearer', expires_in: 3600, scope: 'deploy:read' }
  }
}

/** The limit: synchronous `node:crypto` and nothing else. */
function twoSignatures() {
  const key = createPrivateKey({ key: ourJwk, format: 'jwk' })
  const message = Buffer.alloc(420, 7)
  return (token) => {
    const at = token.lastIndexOf('.')
    const good = verify('sha256', Buffer.from(token.slice(0, at)), theirs.publicKey, Buffer.from(token.slice(at + 1), 'base64url'))
    if (!good) throw new Error('not verified')
    return sign('sha256', message, { key, dsaEncoding: 'ieee-p1363' })
  }
}

/** CPU and wall microseconds for each exchange of one round. */
async function round(exchange) {
  const cpu = process.cpuUsage()
  const wall = process.hrtime.bigint()
  for (const token of tokens) await exchange(token)
  const { user, system } = process.cpuUsage(cpu)
  return { cpu: (user + system) / TOKENS, wall: Number(process.hrtime.bigint() - wall) / 1000 / TOKENS }
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]

const names = Object.keys(contenders)
for (const name of names) for (let n = 0; n < 3; n++) await round(contenders[name])
const rounds = Object.fromEntries(names.map((name) => [name, []]))
for (let n = 0; n < ROUNDS; n++) for (const name of names) rounds[name].push(await round(contenders[name]))

const [own, peer, limit] = names
const ratio = (a, b) => median(rounds[a].map((one, n) => one.cpu / rounds[b][n].cpu))
const rows = names.map((name) => {
  const cpu = median(rounds[name].map((one) => one.cpu))
  const wall = median(rounds[name].map((one) => one.wall))
  return `| ${name} | ${cpu.toFixed(1)} | ${wall.toFixed(1)} | ${ratio(name, limit).toFixed(2)} |`
})
const report = `# One exchange

RS256-2048 in, ES256 out, a subject token of ${tokens[0].length} bytes, in Node ${process.versions.node} on
${cpus()[0].model.trim()}. ${ROUNDS} rounds of ${TOKENS} different tokens each, interleaved in one
process; medians. Made by \`cargo xtask bench\`.

| | CPU µs | wall µs | CPU against two signatures |
|---|---|---|---|
${rows.join('\n')}

An exchange costs ${ratio(own, limit).toFixed(2)} times two native signatures, and is
**${ratio(peer, own).toFixed(2)} times faster than the same written by hand with \`jose\`** (median of the
ratios of each round).
`
process.stdout.write(report)
if (options.write) writeSection(options.write, report)
process.exit(0)
