/**
 * The stores that run in Node, each through what every store must do. A store
 * that comes new is one more line in STORES. What only one of them has to do is
 * in the tests beside; Cloudflare's are in `tests/runtimes`.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it, mock } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { createClient as createSqlite } from '@libsql/client'
import { memoryStore } from 'exchequer/stores/memory'
import { postgresStore } from 'exchequer/stores/postgres'
import { redisStore } from 'exchequer/stores/redis'
import { sqliteStore } from 'exchequer/stores/sqlite'
import { createClient } from 'redis'

import { NOW, conformance, put } from './support/conformance.mjs'
import { noPostgres, postgresServer } from './support/postgres.mjs'
import { noRedis, redisCluster, redisServer } from './support/redis.mjs'
import { noSqld, sqldServer } from './support/sqld.mjs'

const directory = mkdtempSync(join(tmpdir(), 'exchequer-stores-'))
let files = 0

/** How each is opened, and why not; what stands behind it is stopped after it. */
const STORES = {
  memory: { open: () => memoryStore() },
  sqlite: { open: () => sqliteStore(`file:${join(directory, `${++files}.sqlite`)}`) },
  'a libSQL server': { skip: noSqld, behind: sqldServer, open: ({ url }) => sqliteStore(url) },
  postgres: { skip: noPostgres, behind: () => postgresServer(), open: ({ url }) => postgresStore(url) },
  redis: { skip: noRedis, behind: () => redisServer(), open: ({ url }) => redisStore(url) },
  'a cluster of redis': { skip: noRedis, behind: cluster, open: ({ url }) => redisStore(url) },
  'a cluster of six redis': { skip: noRedis, behind: redisCluster, open: ({ url }) => redisStore(url) },
}

/** One server that owns all slots, and refuses what is not in one of them. */
async function cluster() {
  const server = await redisServer('--cluster-enabled', 'yes')
  const client = await createClient({ url: server.url }).connect()
  await client.clusterAddSlotsRange({ start: 0, end: 16_383 })
  for (let tries = 0; !(await client.clusterInfo()).includes('cluster_state:ok'); tries++) {
    assert.ok(tries < 500, 'the cluster does not come up')
    await setTimeout(20)
  }
  client.destroy()
  return server
}

after(() => rmSync(directory, { recursive: true, force: true }))

for (const [name, store] of Object.entries(STORES)) conformance(name, store)

describe('the sweeps of a store', () => {
  /** The records that are held at this time of the clock, after seconds that passed in the process. */
  const history = async (steps) => {
    const store = memoryStore()
    let passed = 0
    const passing = mock.method(performance, 'now', () => passed * 1000)
    await store.commit([put('short', 'x', 'any', NOW + 100), put('long', 'x', 'any', NOW + 7200)], NOW)
    for (const [seconds, clock] of steps) {
      passed += seconds
      await store.commit([put('other')], clock)
    }
    passing.mock.restore()
    // At the beginning of time nothing has expired.
    return (await store.list('', undefined, 10, 0)).map(({ key }) => key).filter((key) => key !== 'other')
  }

  it('remove what expired ten minutes ago', async () => {
    assert.deepEqual(await history([[690, NOW + 690]]), ['long', 'short'])
    assert.deepEqual(await history([[700, NOW + 700]]), ['long'])
    assert.deepEqual(await history([[700, NOW + 700], [7100, NOW + 7800]]), [])
  })

  it('follow no clock that is faster than the time that passes', async () => {
    assert.deepEqual(await history([[1, NOW + 100_000], [60, NOW + 100_060]]), ['long', 'short'])
    assert.deepEqual(await history([[700, NOW + 100_000]]), ['long'])
  })

  it('go on after the clock went back', async () => {
    assert.deepEqual(await history([[60, NOW - 100_000], [100_700, NOW + 700]]), ['long'])
    assert.deepEqual(await history([[1000, NOW + 1000], [1, NOW - 5000], [7000, NOW + 2000], [6000, NOW + 8000]]), [])
  })
})

describe('store in sqlite, across processes', () => {
  it('lets exactly one of two connections create', async () => {
    const url = `file:${join(directory, 'shared.sqlite')}`
    const [one, other] = [await sqliteStore(url), await sqliteStore(url)]
    const outcomes = await Promise.all([one, other].map((store) => store.commit([put('key', 'x', 'absent')], NOW)))
    assert.deepEqual(outcomes.toSorted(), [false, true])
    await one.close()
    await other.close()
  })

  it('opens a new file that somebody else is writing to', { timeout: 20_000 }, async () => {
    const url = `file:${join(directory, 'first.sqlite')}`
    const other = createSqlite({ url })
    const transaction = await other.transaction('write')
    await transaction.execute('CREATE TABLE other (a)')
    const opening = sqliteStore(url)
    await setTimeout(50)
    await transaction.commit()
    other.close()
    await (await opening).close()
  })

  it('loses no acknowledged write when its process is killed', async () => {
    const url = `file:${join(directory, 'killed.sqlite')}`
    const writer = spawn(process.execPath, [fileURLToPath(new URL('support/writer.mjs', import.meta.url)), 'sqlite', url])
    let acknowledged = ''
    await new Promise((resolve, reject) => {
      writer.once('error', reject)
      writer.stdout.on('data', (data) => {
        acknowledged += data
        if (acknowledged.length > 1000) writer.kill('SIGKILL')
      })
      writer.once('close', resolve)
    })
    const written = acknowledged.split('\n').slice(0, -1)
    assert.ok(written.length > 100, `only ${written.length} writes were acknowledged`)

    const store = await sqliteStore(url)
    const found = await store.read(written, NOW)
    assert.ok(found.every((record) => record !== undefined))
    // At most one write was under way when the end came.
    const all = await store.list('w', undefined, 10_000, NOW)
    assert.ok(all.length <= written.length + 1, `${all.length} records, ${written.length} acknowledged`)
    await store.close()
  })
})
