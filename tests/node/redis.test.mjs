/** What the store in Redis does beyond stores.test.mjs: crashes, a server that is gone or hangs, memory. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'

import { redisStore } from 'exchequer/stores/redis'
import { createClient } from 'redis'

import { NOW } from './support/conformance.mjs'
import { eventually, outages } from './support/outages.mjs'
import { noRedis, redisCluster, redisServer } from './support/redis.mjs'

const put = (key, value = 'x', expect = 'any', expiresAt = undefined) => ({ key, value: Buffer.from(value), expect, expiresAt })
const remove = (key) => ({ key, value: undefined, expect: 'any', expiresAt: undefined })

describe('store in redis', { skip: noRedis, timeout: 120_000 }, () => {
  let server, store, raw
  // Also one that should not have been had is closed in the end.
  const opened = []
  const open = async (...where) => {
    opened.push(await redisStore(...where))
    return opened.at(-1)
  }
  before(async () => {
    server = await redisServer()
    store = await open(server.url)
    raw = createClient({ url: server.url }).on('error', () => undefined)
    await raw.connect()
  })
  after(async () => {
    for (const one of opened) one.close()
    raw?.destroy()
    await server?.stop()
  })

  outages({ kind: 'redis', server: () => server, store: () => store })

  it('fails while the server hangs, and comes back when it goes on', { timeout: 40_000 }, async (t) => {
    t.after(() => server.resume())
    await eventually(() => store.read(['hangs'], NOW))
    server.pause()
    const outcomes = []
    const ask = async (i) => outcomes.push(await store.commit([put(`hangs/${i}`)], NOW).catch(() => 'failed'))
    const asked = [ask(0)]
    // A connection that is written to is not idle, and hangs all the same.
    while (outcomes.length === 0 && asked.length < 200) {
      await setTimeout(100)
      asked.push(ask(asked.length))
    }
    await Promise.all(asked)
    assert.deepEqual(outcomes, asked.map(() => 'failed'))
    await assert.rejects(async () => store.read(['hangs'], NOW))
    server.resume()
    assert.equal(await eventually(() => store.commit([put('hangs')], NOW)), true)
  })

  it('opens nothing where no server is, or one that does not answer', { timeout: 20_000 }, async (t) => {
    t.after(() => server.resume())
    await assert.rejects(open('redis://127.0.0.1:1'), { code: 'ECONNREFUSED' })
    server.pause()
    await assert.rejects(open(server.url))
    server.resume()
    await assert.rejects(open(server.url.replace('//', '//:wrong@')), /password|AUTH/i)
  })

  it('refuses a server that wants a password, and an account that may not write, or not read', async (t) => {
    const locked = await redisServer('--requirepass', 'a-password')
    t.after(() => locked.stop())
    await assert.rejects(open(locked.url), /NOAUTH/)
    const url = (account) => locked.url.replace('//', `//${account}@`)
    const admin = createClient({ url: url(':a-password') }).on('error', () => undefined)
    await admin.connect()
    try {
      const allowed = ['reset', 'on', '>a-password', '~*', '&*', '+@all']
      // Who may not ask for the memory may do everything else.
      await admin.aclSetUser('no-info', [...allowed, '-info'])
      await admin.aclSetUser('no-write', [...allowed, '-@write'])
      await admin.aclSetUser('no-read', [...allowed, '-@read'])
      await admin.aclSetUser('no-script', [...allowed, '-@scripting'])
      await admin.aclSetUser('other-keys', ['reset', 'on', '>a-password', '~other:*', '&*', '+@all'])
      for (const name of ['no-write', 'no-read', 'no-script', 'other-keys']) await assert.rejects(open(url(`${name}:a-password`)), /NOPERM|permission|can't run this command/i, name)
      const fit = await open(url('no-info:a-password'))
      assert.equal(await fit.commit([put('fit')], NOW), true)
      assert.deepEqual((await admin.keys('*record*')).sort(), ['{exchequer:}record/fit'], 'what was tried is gone')
    } finally {
      admin.destroy()
    }
  })

  it('refuses a replica, which takes no writes', async (t) => {
    const replica = await redisServer('--replicaof', '127.0.0.1', String(server.port))
    t.after(() => replica.stop())
    await assert.rejects(open(replica.url), /the server is a replica, which takes no writes; use the URL of its master/)
  })

  it('opens a server whose memory is full, which passes', async () => {
    await raw.configSet('maxmemory', '1')
    try {
      await open(server.url)
    } finally {
      await raw.configSet('maxmemory', '0')
    }
  })

  it('writes nothing of a batch when memory is full', async () => {
    await eventually(() => store.commit([put('full/before')], NOW))
    await raw.configSet('maxmemory', '1')
    try {
      await assert.rejects(async () => store.commit([put('full/before', 'y'), put('full/a')], NOW), /OOM/)
      const [before, a] = await store.read(['full/before', 'full/a'], NOW)
      assert.deepEqual([Buffer.from(before.value).toString(), a], ['x', undefined])
      // One that begins by making room may be done, and then whole.
      assert.equal(await store.commit([remove('full/before'), put('full/a')], NOW), true)
      assert.deepEqual((await store.list('full/', undefined, 10, NOW)).map(({ key }) => key), ['full/a'])
    } finally {
      await raw.configSet('maxmemory', '0')
    }
  })

  it('refuses a server that drops records when its memory is full', async () => {
    await raw.configSet({ maxmemory: '100mb', 'maxmemory-policy': 'volatile-lru' })
    await assert.rejects(open(server.url), /`maxmemory-policy` to `noeviction`/)
    await raw.configSet('maxmemory-policy', 'noeviction')
    await open(server.url)
    await raw.configSet('maxmemory', '0')
  })

  it('has the server forget what expired, whatever time it is there', async () => {
    const longAgo = 1_000_000
    for (const now of [longAgo, NOW, NOW + 1_000_000_000]) {
      await store.commit([put('ttl', 'x', 'any', now + 100), put('ttl/none')], now)
      const left = await raw.ttl('{exchequer:}record/ttl')
      assert.ok(left > 600 && left <= 700, `${left} s`)
      assert.equal(await raw.ttl('{exchequer:}record/ttl/none'), -1)
    }
    // What is written again without an end has none.
    await store.commit([put('ttl')], NOW)
    assert.equal(await raw.ttl('{exchequer:}record/ttl'), -1)
  })

  it('forgets a name with its record', async () => {
    const other = await open(server.url, 'swept:')
    for (let i = 0; i < 300; i++) await other.commit([put(`spent/${i}`, 'x', 'absent', NOW + 60)], NOW)
    // Some the server has forgotten by itself by now.
    for (let i = 0; i < 50; i++) await raw.del(`{swept:}record/spent/${i}`)
    assert.equal((await other.list('spent/', undefined, 1000, NOW)).length, 250)
    const later = await open(server.url, 'swept:')
    for (let i = 0; i < 3; i++) await later.commit([put('later')], NOW + 1000)
    assert.deepEqual((await raw.keys('{swept:}*')).sort(), ['{swept:}keys', '{swept:}record/later', '{swept:}versions'])
    assert.equal(await raw.zCard('{swept:}keys'), 1)
  })

  it('pages over what expired', async () => {
    const expiring = Array.from({ length: 50 }, (_, i) => put(`over/${String(i).padStart(2, '0')}`, 'x', 'any', NOW + 10))
    await store.commit([...expiring, put('over/z1'), put('over/z2'), put('over/z3')], NOW)
    const page = await store.list('over/', undefined, 2, NOW + 10)
    assert.deepEqual(page.map(({ key }) => key), ['over/z1', 'over/z2'])
    assert.deepEqual((await store.list('over/', 'over/z2', 2, NOW + 10)).map(({ key }) => key), ['over/z3'])
  })

  it('keeps two services on one server apart', async () => {
    const other = await open({ url: server.url }, 'other:')
    assert.equal(await store.commit([put('apart', '1', 'absent')], NOW), true)
    assert.equal(await other.commit([put('apart', '2', 'absent')], NOW), true)
    assert.equal((await other.list('', undefined, 10, NOW)).length, 1)
  })
})

describe('store in a cluster of redis', { skip: noRedis, timeout: 120_000 }, () => {
  let cluster, store
  before(async () => {
    cluster = await redisCluster()
    store = await eventually(() => redisStore(cluster.url))
  })
  after(async () => {
    store?.close()
    await cluster?.stop()
  })

  /** Asks a node of the cluster. */
  const asked = async (node, work) => {
    const client = createClient({ url: node.url }).on('error', () => undefined)
    await client.connect()
    try {
      return await work(client)
    } finally {
      client.destroy()
    }
  }
  /** The node that has the records. */
  const owner = async () => {
    for (const node of cluster.nodes) {
      const keys = await asked(node, async (client) => (String(await client.info('replication')).includes('role:master') ? client.dbSize() : 0)).catch(() => 0)
      if (keys > 0) return node
    }
    throw new Error('no node has the records')
  }

  it('goes on with the node that stands in for a lost one, and knows what that one had', async () => {
    const keys = Array.from({ length: 50 }, (_, i) => `before/${i}`)
    for (const key of keys) assert.equal(await store.commit([put(key, 'x', 'absent')], NOW), true)
    const lost = await owner()
    // Replicas of Redis follow; here, until they have everything.
    assert.equal(await asked(lost, (client) => client.wait(1, 5000)), 1)
    await lost.kill()
    assert.equal(await eventually(() => store.commit([put('after')], NOW)), true)
    const found = await store.read(keys, NOW)
    assert.deepEqual(keys.filter((_, i) => found[i] === undefined), [])
    assert.equal(await store.commit([put(keys[0], 'y', 'absent')], NOW), false)

    // The lost one comes back as a replica, and a new client gets along with both.
    await lost.restart()
    const other = await redisStore(cluster.url)
    assert.equal((await other.list('before/', undefined, 100, NOW)).length, 50)
    other.close()
  })

  it('fails while no node is there for the records, and comes back by itself', async () => {
    await Promise.all(cluster.nodes.map((node) => node.kill()))
    for (let i = 0; i < 20; i++) await assert.rejects(async () => store.commit([put('gone', 'x', 'absent')], NOW))
    await Promise.all(cluster.nodes.map((node) => node.restart()))
    assert.equal(await eventually(() => store.commit([put('gone', 'x', 'absent')], NOW)), true)
  })

  it('refuses a cluster of which one server drops records', async () => {
    const node = await owner()
    await asked(node, (client) => client.configSet({ maxmemory: '100mb', 'maxmemory-policy': 'allkeys-lru' }))
    await assert.rejects(redisStore(cluster.url), /`maxmemory-policy` to `noeviction`/)
    await asked(node, (client) => client.configSet('maxmemory', '0'))
  })

  it('opens nothing where no node is', { timeout: 20_000 }, async () => {
    await assert.rejects(redisStore('redis+cluster://127.0.0.1:1,127.0.0.1:2'))
  })
})
