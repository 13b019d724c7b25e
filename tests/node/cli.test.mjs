/** The command: its exit codes, and what it says to a newcomer. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'

import { calculateJwkThumbprint } from 'jose'

import { config } from './support/tokens.mjs'

const CLI = fileURLToPath(new URL('../cli.js', import.meta.resolve('exchequer')))
const directory = mkdtempSync(join(tmpdir(), 'exchequer-cli-'))
after(() => rmSync(directory, { recursive: true, force: true }))

let files = 0
function file(content) {
  const path = join(directory, `${++files}.json`)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

function start(args, env = {}) {
  return spawn(process.execPath, [CLI, ...args], { cwd: directory, env: { ...process.env, ...env } })
}

async function run(args, env) {
  const child = start(args, env)
  let [out, err] = ['', '']
  child.stdout.on('data', (data) => (out += data))
  child.stderr.on('data', (data) => (err += data))
  const code = await new Promise((resolve) => child.on('close', resolve))
  return { code, out, err }
}

/** Serves, and stops with a signal once `use` is through. */
async function serving(args, use, { env, signal = 'SIGTERM' } = {}) {
  const child = start(['serve', '--port', '0', '--json', ...args], env)
  let err = ''
  child.stderr.on('data', (data) => (err += data))
  const closed = new Promise((resolve) => child.on('close', resolve))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  try {
    const { value } = await lines.next()
    assert.ok(value, err)
    await use(JSON.parse(value).url, lines)
  } finally {
    child.kill(signal)
  }
  return { code: await closed, err }
}

describe('exchequer check', () => {
  it('says ok', async () => {
    assert.deepEqual((({ code, out }) => ({ code, out }))(await run(['check', file(config())])), { code: 0, out: 'ok\n' })
  })

  it('says where, what and what to do', async () => {
    const { code, err } = await run(['check', file({ isuer: 'https://sts.example.com' })])
    assert.equal(code, 2)
    assert.match(err, /1 problem\n\n {2}isuer\n {4}.*\n {4}remedy: .*issuer/)
  })

  it('says the same as JSON', async () => {
    const { code, out } = await run(['check', '--json', file('{')])
    assert.equal(code, 2)
    const { ok, problems } = JSON.parse(out)
    assert.equal(ok, false)
    assert.deepEqual(Object.keys(problems[0]), ['path', 'problem', 'remedy'])
    const good = await run(['check', '--json', file(config())])
    assert.equal(JSON.parse(good.out).ok, true)
  })

  it('warns, and passes', async () => {
    // A secret that is written out is one thing to be warned of.
    const { code, out } = await run(['check', '--json', file(config())])
    assert.equal(code, 0)
    assert.ok(JSON.parse(out).warnings.length > 0)
  })

  it('fails for a warning when it is strict', async () => {
    const [application] = config().applications
    const clientSecret = { env: 'EXCHEQUER_TEST_SECRET' }
    const clean = file(config({ applications: [{ ...application, clientSecret }] }))
    const env = { EXCHEQUER_TEST_SECRET: 'a-long-secret-in-the-environment-1234' }
    assert.equal((await run(['check', '--strict', clean], env)).code, 0)
    const { code, out, err } = await run(['check', '--strict', file(config())])
    assert.deepEqual({ code, out }, { code: 1, out: '' })
    assert.match(err, /1 warning\n/)
  })

  it('misses a file, an environment variable, a secret in a file', async () => {
    const missing = await run(['check', 'none.json'])
    assert.equal(missing.code, 2)
    assert.match(missing.err, /there is no such file/)

    const [application] = config().applications
    for (const [clientSecret, said] of [
      [{ env: 'EXCHEQUER_TEST_SECRET' }, /EXCHEQUER_TEST_SECRET.*not set/],
      [{ file: 'none.txt' }, /none\.txt/],
    ]) {
      const { code, err } = await run(['check', file(config({ applications: [{ ...application, clientSecret }] }))])
      assert.equal(code, 2)
      assert.match(err, /applications\[0\]\.clientSecret/)
      assert.match(err, said)
    }
  })

  it('finds secrets in the environment and beside the configuration', async () => {
    const [application] = config().applications
    const clientSecret = { env: 'EXCHEQUER_TEST_SECRET' }
    const env = { EXCHEQUER_TEST_SECRET: 'a-long-secret-in-the-environment-1234' }
    const inEnvironment = file(config({ applications: [{ ...application, clientSecret }] }))
    assert.equal((await run(['check', inEnvironment], env)).code, 0)

    writeFileSync(join(directory, 'secret.txt'), 'a-long-secret-in-a-file-0123456789\n')
    const inFile = file(config({ applications: [{ ...application, clientSecret: { file: 'secret.txt' } }] }))
    assert.equal((await run(['check', inFile])).code, 0)
  })
})

describe('exchequer', () => {
  it('is a command that npx finds in a checkout, as the README has it', { timeout: 60_000 }, async () => {
    const root = fileURLToPath(new URL('../..', import.meta.url))
    const child = spawn('npx', ['--no-install', 'exchequer', '--help'], { cwd: root })
    let out = ''
    child.stdout.on('data', (data) => (out += data))
    assert.equal(await new Promise((resolve) => child.on('close', resolve)), 0)
    assert.match(out, /exchequer serve/)
  })

  it('says how it is used when it is used wrongly', async () => {
    for (const [args, said] of [
      [[], /exchequer serve/],
      [['no-such-thing'], /no command `no-such-thing`/],
      [['serve'], /--config FILE` is missing/],
      [['serve', '--no-such-flag'], /no-such-flag/],
      [['serve', '--config', 'x', '--port', '70000'], /`70000` is no port/],
      [['serve', '--config', 'x', '--store', 'floppy:a'], /`floppy:a` is no store/],
      [['check'], /takes one file/],
      [['check', 'a', 'b'], /takes one file/],
      [['keys', 'old'], /`new`/],
      [['keys', 'new', '--alg', 'HS256'], /`HS256` is none of/],
    ]) {
      const { code, out, err } = await run(args)
      assert.equal(code, 2, args.join(' '))
      assert.match(out + err, said)
    }
  })

  it('says so as JSON, too', async () => {
    for (const args of [['serve'], ['check'], ['explain'], ['token'], ['keys', 'old']]) {
      const { code, out } = await run([...args, '--json'])
      assert.equal(code, 2)
      const { ok, error } = JSON.parse(out)
      assert.ok(ok === false && error.length > 0)
    }
  })

  it('knows its version', async () => {
    assert.match((await run(['--version'])).out, /^\d+\.\d+\.\d+\n$/)
  })

  it('helps', async () => {
    for (const args of [['--help'], ['serve', '--help'], ['check', '-h'], ['keys', '--help'], ['explain', '-h'], ['token', '--help']]) {
      const { code, out } = await run(args)
      assert.equal(code, 0)
      assert.match(out, /usage:/)
      if (args.length > 1) assert.match(out, /--json[^]*\nExamples:\n[^]*\nExit code: 0/)
    }
  })

  it('makes a key for every algorithm that this server signs with', async () => {
    for (const alg of ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']) {
      const { code, out } = await run(['keys', 'new', '--alg', alg])
      assert.equal(code, 0)
      const key = JSON.parse(out)
      assert.equal(key.alg, alg)
      assert.equal(key.kid, await calculateJwkThumbprint(key))
      assert.equal((await run(['check', file(config({ keys: [JSON.parse(out)] }))])).code, 0)
    }
  })
})

describe('exchequer serve', () => {
  it('serves until a signal, and keeps its key across restarts', async () => {
    const args = ['--config', file(config()), '--store', 'sqlite:kept.sqlite']
    const keys = []
    for (const signal of ['SIGTERM', 'SIGINT']) {
      const { code, err } = await serving(
        args,
        async (url) => {
          keys.push(await (await fetch(`${url}/oauth2/jwks`)).text())
        },
        { signal },
      )
      assert.equal(code, 0, err)
      assert.match(err, /exchequer listens on http:\/\/127\.0\.0\.1:\d+/)
    }
    assert.equal(keys[0], keys[1])
  })

  it('keeps its database to its owner', { skip: process.platform === 'win32' && 'there are no modes' }, async () => {
    await serving(['--config', file(config()), '--store', 'sqlite:private.sqlite'], async (url) => {
      await (await fetch(`${url}/oauth2/jwks`)).text()
      const made = readdirSync(directory).filter((name) => name.startsWith('private.sqlite'))
      assert.ok(made.length > 1, 'there is a write-ahead log, too')
      for (const name of made) assert.equal(statSync(join(directory, name)).mode & 0o077, 0, name)
    })
  })

  it('writes a line of JSON for each token request', async () => {
    await serving(['--config', file(config()), '--store', 'memory:'], async (url, lines) => {
      const body = new URLSearchParams({ grant_type: 'x', client_id: 'app', client_secret: 'wrong' })
      assert.equal((await fetch(`${url}/oauth2/token`, { method: 'POST', body })).status, 401)
      const line = JSON.parse((await lines.next()).value)
      assert.equal(line.event, 'token')
      assert.equal(line.error, 'invalid_client')
    })
  })

  it('warns of an issuer on this machine that it does not serve', async () => {
    const args = ['--config', file(config({ issuer: 'http://127.0.0.1:1' })), '--store', 'memory:']
    const { err } = await serving(args, () => undefined)
    assert.match(err, /warning: the issuer is http:\/\/127\.0\.0\.1:1/)
  })

  it('makes no database for a configuration that is wrong', async () => {
    const { code, err } = await run(['serve', '--config', file('{}'), '--store', 'sqlite:unused.sqlite'])
    assert.equal(code, 2)
    assert.match(err, /issuer/)
    assert.equal(existsSync(join(directory, 'unused.sqlite')), false)
  })

  it('says that a store cannot be opened, or a port not be had', async () => {
    const config1 = file(config())
    const store = await run(['serve', '--config', config1, '--store', 'sqlite:none/none/x.sqlite', '--port', '0'])
    assert.equal(store.code, 1)
    assert.match(store.err, /the store `sqlite:none\/none\/x\.sqlite` cannot be opened/)
    const redis = await run(['serve', '--config', config1, '--store', 'redis://me:a-password@127.0.0.1:1/', '--port', '0'])
    assert.equal(redis.code, 1)
    assert.match(redis.err, /the store `redis:\/\/…@127\.0\.0\.1:1\/` cannot be opened: .*ECONNREFUSED/)
    const postgres = await run(['serve', '--config', config1, '--store', 'postgres://me:a-password@127.0.0.1:1/x', '--port', '0'])
    assert.equal(postgres.code, 1)
    assert.match(postgres.err, /the store `postgres:\/\/…@127\.0\.0\.1:1\/x` cannot be opened: .*ECONNREFUSED/)
    await serving(['--config', config1, '--store', 'memory:'], async (url) => {
      const { port } = new URL(url)
      const taken = await run(['serve', '--config', config1, '--store', 'memory:', '--port', port])
      assert.equal(taken.code, 1)
      assert.match(taken.err, /EADDRINUSE/)
    })
  })
})
