/**
 * What an exchange costs in a store of a million users, beside one of ten: the
 * same requests, interleaved in one process, round after round. What is
 * compared is CPU time; what is quoted are medians and ratios.
 *
 * The full store is filled once and kept under target/.
 *
 *     node benches/scale.mjs [--users 1000000] [--applications 10000] [--rounds 30]
 *                            [--refill] [--write benches/RESULTS.md]
 */
import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import { createExchequer } from 'exchequer'
import { sqliteStore } from 'exchequer/stores/sqlite'
import * as jose from 'jose'

import { ADMIN_TOKEN, API, ISSUER, configuration, fill } from './fill.mjs'
import { writeSection } from './results.mjs'

const { values: options } = parseArgs({
  options: {
    users: { type: 'string', default: '1000000' },
    applications: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '30' },
    refill: { type: 'boolean', default: false },
    write: { type: 'string' },
  },
})
const ROUNDS = Number(options.rounds)
const FULL = { users: Number(options.users), applications: Number(options.applications) }
const TEN = { users: 10, applications: 20 }
/** Requests of one round. */
const REQUESTS = 100
/** What walks through all there are is asked for less often. */
const REQUESTS_OF = { 'applications, `name eq`': 3 }
/** How many clients ask, in either store: what is remembered for four seconds is as much in both. */
const CLIENTS = 10

const target = process.env.CARGO_TARGET_DIR ?? fileURLToPath(new URL('../target', import.meta.url))
const cache = join(target, 'bench')

/** The store of this size, from the cache or filled now, with the keys that go with it. */
async function prepared(size) {
  const name = `scale-${size.users}-${size.applications}`
  const [file, about] = [join(cache, `${name}.sqlite`), join(cache, `${name}.json`)]
  if (options.refill || !existsSync(file) || !existsSync(about)) {
    for (const old of [about, file, `${file}-wal`, `${file}-shm`, `${file}.part`]) rmSync(old, { force: true })
    mkdirSync(cache, { recursive: true })
    const theirs = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const ours = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const made = {
      theirs: theirs.privateKey.export({ format: 'jwk' }),
      jwk: { ...theirs.publicKey.export({ format: 'jwk' }), kid: 'idp-1', alg: 'RS256', use: 'sig' },
      keys: [{ ...ours.privateKey.export({ format: 'jwk' }), kid: 'sts-1', alg: 'ES256' }],
    }
    const began = performance.now()
    const progress = (users) => users % 50_000 === 0 && console.error(`${users} users, ${((performance.now() - began) / 1000).toFixed(0)} s`)
    await fill(`${file}.part`, { ...size, ...made, progress })
    for (const more of ['-wal', '-shm']) rmSync(`${file}.part${more}`, { force: true })
    renameSync(`${file}.part`, file)
    writeFileSync(about, JSON.stringify({ ...made, seconds: (performance.now() - began) / 1000 }))
  }
  return { file, ...size, ...JSON.parse(readFileSync(about, 'utf8')) }
}

/** A service on a store of this size, and the requests that it is measured by. */
async function party({ file, users, applications, theirs, keys }) {
  const clock = { ahead: 0 }
  const now = () => Math.floor(Date.now() / 1000) + clock.ahead
  const store = await sqliteStore(`file:${file}`)
  const sts = await createExchequer(configuration(keys), { store, adminToken: ADMIN_TOKEN, now })
  const key = createPrivateKey({ key: theirs, format: 'jwk' })
  const chosen = Array.from({ length: REQUESTS }, (_, n) => Math.floor(((n + 0.5) / REQUESTS) * users))
  const tokens = await Promise.all(
    chosen.map((n) =>
      new jose.SignJWT({ email: 'somebody@example.com' })
        .setProtectedHeader({ alg: 'RS256', kid: 'idp-1', typ: 'JWT' })
        .setIssuer(ISSUER)
        .setSubject(`sub-${n}`)
        .setAudience(API)
        .setIssuedAt()
        .setExpirationTime('12h')
        .sign(key),
    ),
  )
  // Spread over all there are.
  const client = (type, n) => `${type}-${Math.floor((((n % CLIENTS) + 0.5) / CLIENTS) * (applications / 2))}`
  const exchange = (type) => async (n) => {
    const { access_token } = await sts.exchange({ clientId: client(type, n), subjectToken: tokens[n], subjectTokenType: 'jwt', scope: 'read write' })
    if (access_token === undefined) throw new Error('no token')
  }
  const get = async (path) => {
    const reply = await sts.handle({ method: 'GET', target: path, headers: ['authorization', `Bearer ${ADMIN_TOKEN}`] })
    const body = new TextDecoder().decode(reply.body)
    if (reply.status !== 200) throw new Error(`${path}: ${reply.status} ${body}`)
    return JSON.parse(body)
  }
  const expect = (found, wanted) => {
    if (found !== wanted) throw new Error(`${found} in the place of ${wanted}`)
  }
  const named = (n) => get(`/scim2/Users?filter=userName%20eq%20%22user-${chosen[n]}%22`)
  const ids = await Promise.all(chosen.map(async (_, n) => (await named(n)).Resources[0].id))
  const [jwt, opaque] = [exchange('jwt'), exchange('opaque')]
  return {
    'exchange, JWT': jwt,
    'exchange, JWT, nothing remembered': (n) => {
      // Neither issuer nor application was read within the last four seconds.
      clock.ahead = (n % 2) * 60
      return jwt(n).finally(() => (clock.ahead = 0))
    },
    'exchange, opaque': opaque,
    'users, the first ten': async () => expect((await get('/scim2/Users?count=10')).totalResults, users),
    'users, `userName eq`': async (n) => expect((await named(n)).Resources[0].userName, `user-${chosen[n]}`),
    'links of a user': async (n) => expect((await get(`/api/users/v1/${ids[n]}/federated-associations`))[0].federatedUserId, `sub-${chosen[n]}`),
    'applications, the first ten': async () => expect((await get('/api/server/v1/applications?limit=10')).totalResults, applications),
    'applications, `name eq`': async (n) => {
      const name = `Application ${chosen[n] % applications}`
      const { applications: found } = await get(`/api/server/v1/applications?filter=${encodeURIComponent(`name eq "${name}"`)}`)
      expect(found[0].name, name)
    },
  }
}

/** CPU microseconds for each request of one round, and the wall microseconds of every one. */
async function round(request, requests = REQUESTS) {
  const walls = []
  const cpu = process.cpuUsage()
  for (let n = 0; n < requests; n++) {
    const began = process.hrtime.bigint()
    await request(n)
    walls.push(Number(process.hrtime.bigint() - began) / 1000)
  }
  const { user, system } = process.cpuUsage(cpu)
  return { cpu: (user + system) / requests, walls }
}

const at = (numbers, share) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length * share)]
const median = (numbers) => at(numbers, 0.5)

const [full, ten] = [await prepared(FULL), await prepared(TEN)]
const parties = { full: await party(full), ten: await party(ten) }
const names = Object.keys(parties.full)
for (const name of names) for (const cases of Object.values(parties)) for (let n = 0; n < 2; n++) await round(cases[name], REQUESTS_OF[name])

const rounds = Object.fromEntries(names.map((name) => [name, { full: [], ten: [] }]))
for (let n = 0; n < ROUNDS; n++) {
  // Who goes first takes turns.
  const order = n % 2 === 0 ? ['full', 'ten'] : ['ten', 'full']
  for (const name of names) for (const size of order) rounds[name][size].push(await round(parties[size][name], REQUESTS_OF[name]))
}

const rows = names.map((name) => {
  const of = (size) => rounds[name][size]
  const cpu = (size) => median(of(size).map((one) => one.cpu)).toFixed(0)
  const ratio = median(of('full').map((one, n) => one.cpu / of('ten')[n].cpu)).toFixed(2)
  const walls = (size) => of(size).flatMap((one) => one.walls)
  const wall = (size) => `${at(walls(size), 0.5).toFixed(0)} / ${at(walls(size), 0.99).toFixed(0)}`
  return `| ${name} | ${cpu('full')} | ${cpu('ten')} | **${ratio}** | ${wall('full')} | ${wall('ten')} |`
})
const number = (n) => n.toLocaleString('en')
const report = `# A store of ${number(FULL.users)} users

Beside one of ten, both in SQLite: ${number(FULL.users)} users, each with a link, and
${number(FULL.applications)} applications, all made through the administration API; a file of
${(statSync(full.file).size / 1e9).toFixed(1)} GB, filled in ${full.seconds.toFixed(0)} s. RS256-2048 in, ES256 out, about a linked local user.
Node ${process.versions.node} on ${cpus()[0].model.trim()}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GB. ${ROUNDS} rounds of ${REQUESTS} requests each,
interleaved in one process; medians of CPU time, and of the ratios of each round;
wall time at the 50th and 99th percentile. Made by \`cargo xtask bench scale\`.

| | CPU µs, full | CPU µs, ten | ratio | wall µs, full | wall µs, ten |
|---|---|---|---|---|---|
${rows.join('\n')}

What is named is looked up, however many there are. A filter of applications is
held against each of them.
`
process.stdout.write(report)
if (options.write) writeSection(options.write, report)
process.exit(0)
