/** The keys that a server makes: `exchequer keys`, a wrapping key, and a key that somebody else signs with. */
import assert from 'node:assert/strict'
import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import { createExchequer } from 'exchequer'
import { importJWK, jwtVerify } from 'jose'

import { ADMIN_TOKEN, admin } from './support/admin.mjs'
import { run } from './support/command.mjs'
import { serve } from './support/serve.mjs'
import { NOW, config, issuer, jwksFetch } from './support/tokens.mjs'

const JWT = 'urn:ietf:params:oauth:token-type:jwt'
const WRAPPING = Buffer.alloc(32, 7).toString('base64')
const KEYS = '/api/server/v1/keys'

describe('exchequer keys', { timeout: 120_000 }, () => {
  let server
  const keys = (...args) => run(['keys', ...args], { env: { EXCHEQUER_ADMIN_TOKEN: ADMIN_TOKEN } })
  const list = async () => JSON.parse((await keys('list', server.url, '--json')).out).keys

  before(async () => {
    const env = { EXCHEQUER_KEY_WRAPPING_KEY: WRAPPING }
    server = await serve((url) => ({ issuer: url, keyRotation: { everyDays: 30, overlapDays: 3 } }), { adminToken: ADMIN_TOKEN, env })
  })
  after(() => server?.stop())

  it('lists, rotates and withdraws the keys of a server', async () => {
    const [first, ...none] = await list()
    assert.deepEqual([first.state, first.source, none], ['current', 'store', []])
    const { code, out } = await keys('rotate', server.url)
    assert.equal(code, 0)
    assert.match(out, /ES256 {2}next, signs from 20\d\d-/)
    const [current, next] = await list()
    assert.deepEqual([current.kid, next.state], [first.kid, 'next'])
    assert.ok(Math.abs(next.signsFrom - next.firstSeen - 3 * 86_400) < 2)

    const again = await keys('rotate', server.url)
    assert.equal(again.code, 1)
    assert.match(again.err, /a key is published already/)
    assert.equal((await keys('withdraw', server.url, next.kid)).code, 0)
    assert.equal((await keys('rotate', server.url, '--overlap-days', '0', '--alg', 'EdDSA')).code, 0)
    const states = (await list()).map(({ alg, state }) => [alg, state])
    assert.deepEqual(states, [['EdDSA', 'current'], ['ES256', 'retiring']])
    const refused = await keys('withdraw', server.url, (await list())[0].kid)
    assert.equal(refused.code, 1)
    assert.match(refused.err, /the key signs/)
  })

  it('says what is wrong with how it is used', async () => {
    for (const [args, sentence] of [
      [['rotate'], /takes the URL/],
      [['withdraw', server.url], /`kid`/],
      [['rotate', server.url, '--overlap-days', 'x'], /is no number of days/],
      [['list', 'http://sts.example.com'], /is not https/],
      [['turn', server.url], /`new`, `list`, `rotate` or `withdraw`/],
    ]) {
      const { code, err } = await keys(...args)
      assert.equal(code, 2, err)
      assert.match(err, sentence)
    }
    const { code, err } = await run(['keys', 'list', server.url], { env: { EXCHEQUER_ADMIN_TOKEN: '' } })
    assert.equal(code, 2)
    assert.match(err, /EXCHEQUER_ADMIN_TOKEN is not set/)
    assert.equal((await run(['keys', 'list', server.url], { env: { EXCHEQUER_ADMIN_TOKEN: 'not-the-admin-token' } })).code, 1)
  })

  it('leaves no private key in the store, and no secret in what is said', async () => {
    await list()
    const files = ['store.sqlite', 'store.sqlite-wal'].map((name) => join(server.directory, name)).filter(existsSync)
    const stored = files.map((file) => readFileSync(file, 'latin1')).join('')
    assert.match(stored, /"jwe":"ey/)
    assert.ok(!stored.includes('"d":"'))
    for (const secret of [WRAPPING, ADMIN_TOKEN, '"jwe"', '"d":']) assert.ok(!server.said().includes(secret), secret)
  })
})

describe('a wrapping key', () => {
  it('that is none is a problem of the configuration, and is not repeated', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'exchequer-keys-'))
    writeFileSync(join(directory, 'exchequer.json'), JSON.stringify({ issuer: 'https://sts.example.com' }))
    const { code, out, err } = await run(['serve', '--config', 'exchequer.json', '--store', 'memory:'], {
      cwd: directory,
      env: { EXCHEQUER_KEY_WRAPPING_KEY: 'hunter2' },
    })
    rmSync(directory, { recursive: true })
    assert.equal(code, 2)
    assert.match(err, /the key wrapping key/)
    assert.ok(!`${out}${err}`.includes('hunter2'))
    await assert.rejects(createExchequer(config(), { keyWrappingKey: 'hunter2' }), (error) => {
      assert.match(error.problems[0].remedy, /openssl rand -base64 32/)
      return !error.message.includes('hunter2')
    })
  })
})

describe('a key whose private half is elsewhere', () => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const held = { ...pair.publicKey.export({ format: 'jwk' }), kid: 'hsm', alg: 'ES256', private: 'host' }
  const device = (key) => (request) => {
    device.asked.push(request.kid)
    return sign('sha256', request.message, { key, dsaEncoding: 'ieee-p1363' })
  }
  const exchange = async (options) => {
    device.asked = []
    const idp = await issuer()
    const errors = []
    const sts = await createExchequer({ ...config(), keys: [held] }, { fetch: jwksFetch(idp.jwks), now: () => NOW, onError: (error) => errors.push(error.message), ...options })
    const issued = await sts.exchange({ clientId: 'app', subjectToken: await idp.token(), subjectTokenType: JWT }).finally(() => sts.close()).catch((error) => error)
    return { issued, errors }
  }

  it('signs where it is', async () => {
    const { issued } = await exchange({ sign: device(pair.privateKey) })
    const { protectedHeader } = await jwtVerify(issued.access_token, await importJWK(held), { currentDate: new Date(NOW * 1000) })
    assert.equal(protectedHeader.kid, 'hsm')
    assert.deepEqual(device.asked, ['hsm'])
  })

  it('gives out no token that another key signed', async () => {
    const other = createPrivateKey({ key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }), format: 'jwk' })
    const { issued } = await exchange({ sign: device(other) })
    assert.equal(issued.code, 'temporarily_unavailable')
  })

  it('is of no use without what signs, and that is said', async () => {
    const { issued, errors } = await exchange({})
    assert.equal(issued.code, 'temporarily_unavailable')
    assert.match(errors[0], /give `sign` to createExchequer/)
  })

  it('shows no private member to anybody', async () => {
    const sts = await createExchequer({ ...config(), keys: [held] }, { adminToken: ADMIN_TOKEN, sign: device(pair.privateKey) })
    const { body } = await admin('https://sts.example.com', 'GET', KEYS, undefined, sts.fetch)
    assert.equal(body.keys[0].source, 'configuration')
    await sts.close()
  })
})
