/** What `exchequer serve` says of a store that it cannot open, and where it takes the password from. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import { run } from './support/command.mjs'
import { noRedis, redisServer } from './support/redis.mjs'
import { serve } from './support/serve.mjs'

const SECRET = 'a-secret-of-the-store'

describe('the URL of a store', { timeout: 120_000 }, () => {
  let directory
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'exchequer-store-urls-'))
    writeFileSync(join(directory, 'exchequer.json'), JSON.stringify({ issuer: 'http://127.0.0.1:1' }))
  })
  after(() => rmSync(directory, { recursive: true, force: true }))

  const served = (store, env) => run(['serve', '--config', 'exchequer.json', '--port', '0', '--json', '--store', store], { cwd: directory, env })

  it('is printed without what is secret in it', async () => {
    for (const [store, shown] of [
      [`postgres://127.0.0.1:1/db?password=${SECRET}`, 'postgres://127.0.0.1:1/db?…'],
      [`postgres://ada:${SECRET}@127.0.0.1:1/db?sslmode=disable`, 'postgres://…@127.0.0.1:1/db?…'],
      [`postgres://127.0.0.1:1/db?password=x@${SECRET}`, 'postgres://…'],
      [`libsql://127.0.0.1:1?tls=0&authToken=${SECRET}`, 'libsql://127.0.0.1:1?…'],
      // Words of the client, which has the whole URL in them.
      [`libsql://127.0.0.1:1?authToken=${SECRET}&nonsense=${SECRET}`, 'libsql://127.0.0.1:1?…'],
      [`https://127.0.0.1:1/#${SECRET}`, 'https://127.0.0.1:1/#…'],
      [`redis://:${SECRET}@127.0.0.1:1`, 'redis://…@127.0.0.1:1'],
      [`redis://:a?${SECRET}@127.0.0.1:1`, 'redis://…'],
      [`mysql://ada:${SECRET}@127.0.0.1:1`, 'mysql://…@127.0.0.1:1'],
      [`ada:${SECRET}@127.0.0.1`, 'ada:…@127.0.0.1'],
    ]) {
      const { code, out, err } = await served(store)
      assert.ok(code === 1 || code === 2, store)
      assert.ok(err.includes(`\`${shown}\``), `${shown}: ${err}`)
      assert.ok(!(out + err).includes(SECRET), err)
    }
  })

  it('keeps its password when the one of the environment is empty', { skip: noRedis }, async (t) => {
    const server = await redisServer('--requirepass', SECRET)
    t.after(() => server.stop())
    const store = server.url.replace('//', `//:${SECRET}@`)
    const sts = await serve((url) => ({ issuer: url }), { store, env: { EXCHEQUER_STORE_TOKEN: '' } })
    assert.equal((await fetch(`${sts.url}/healthz`)).status, 200)
    await sts.stop()
  })
})
