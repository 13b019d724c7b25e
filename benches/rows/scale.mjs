/**
 * What an exchange costs in a store of a million users, beside one of ten: the
 * same requests, in one process. The full store is filled once, which takes ten
 * minutes, and kept under target/.
 */
import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { createExchequer } from 'exchequer'
import { sqliteStore } from 'exchequer/stores/sqlite'
import { SignJWT, decodeJwt } from 'jose'

import { ADMIN_TOKEN, API, ISSUER, configuration, fill } from '../support/fill.mjs'
import { cost } from '../support/cpu.mjs'
import { interleave, markdown, quantile, ratios, spread } from '../support/measure.mjs'
import { own, versionOf } from '../support/versions.mjs'

/** Requests of one round. */
const REQUESTS = 100
/** How many clients ask, in either store: what is remembered for four seconds is as much in both. */
const CLIENTS = 10

const target = process.env.CARGO_TARGET_DIR ?? fileURLToPath(new URL('../../target', import.meta.url))
const cache = join(target, 'bench')

/** The store of this size, from the cache or filled now, with the keys that go with it. */
async function prepared(size, refill) {
  const name = `scale-${size.users}-${size.applications}`
  const [file, about] = [join(cache, `${name}.sqlite`), join(cache, `${name}.json`)]
  if (refill || !existsSync(file) || !existsSync(about)) {
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
      new SignJWT({ email: 'somebody@example.com' })
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
    return access_token
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
  expect(decodeJwt(await jwt(0)).sub, ids[0])
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

export async function measure({ smoke, refill = false }) {
  const rounds = smoke ? 2 : 30
  const full = smoke ? { users: 1_000, applications: 100 } : { users: 1_000_000, applications: 10_000 }
  // A small one is made again: what records look like may have changed.
  const again = smoke || refill
  const stores = { full: await prepared(full, again), ten: await prepared({ users: 10, applications: 20 }, again) }
  const cases = { full: await party(stores.full), ten: await party(stores.ten) }
  const names = Object.keys(cases.full)
  const sizes = Object.keys(cases)
  const parties = Object.fromEntries(names.flatMap((name) => sizes.map((size) => [`${size}: ${name}`, () => asked(cases[size][name])])))
  const samples = await interleave(parties, { rounds, warmup: smoke ? 0 : 2 })

  const rows = names.map((name) => {
    const [large, small] = sizes.map((size) => `${size}: ${name}`)
    const cpu = (party) => spread(samples[party].map((one) => one.cpu), 0)
    const walls = (party) => samples[party].flatMap((one) => one.walls)
    const wall = (party) => [0.5, 0.99].map((share) => quantile(walls(party), share).toFixed(0)).join(' / ')
    return [name, cpu(large), cpu(small), spread(ratios(samples, large, small), 2), wall(large), wall(small)]
  })
  const number = (n) => n.toLocaleString('en')
  const of = (name) => quantile(ratios(samples, `full: ${name}`, `ten: ${name}`), 0.5).toFixed(2)
  const summary = `with ${number(full.users)} users an exchange costs ${of('exchange, JWT')} times what it costs with ten; \`applications, name eq\` ${of('applications, `name eq`')} times`
  return {
    title: `a store of ${number(full.users)} users`,
    versions: { Node: process.versions.node, exchequer: own(), '@libsql/client': versionOf('@libsql/client') },
    summary,
    text: `Beside one of ten, both in SQLite: ${number(full.users)} users, each with a link, and
${number(full.applications)} applications, all made through the administration API; a file of
${(statSync(stores.full.file).size / 1e9).toFixed(2)} GB, filled in ${stores.full.seconds.toFixed(0)} s. About a linked local user. ${rounds} rounds of
${REQUESTS} requests each in one process; wall time of a request at the 50th and 99th
percentile. Each subject token is asked with again in every round.

${markdown([['', 'CPU µs, full', 'CPU µs, ten', 'CPU, ten = 1', 'wall µs, full', 'wall µs, ten'], ...rows])}

In all ${summary}.`,
  }
}

/** One round of a request: what each cost, and how long every one took. */
async function asked(request) {
  const walls = []
  const { cpu, wall } = await cost(process.pid, REQUESTS, async () => {
    for (let n = 0; n < REQUESTS; n++) {
      const began = process.hrtime.bigint()
      await request(n)
      walls.push(Number(process.hrtime.bigint() - began) / 1000)
    }
  })
  return { cpu, wall, walls }
}
