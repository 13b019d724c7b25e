/**
 * What the store in PostgreSQL does beyond stores.test.mjs: outages, a server that
 * hangs, servers that would forget, migrations, and batches that wait
 * for each other.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'

import { postgresStore } from 'exchequer/stores/postgres'

import { NOW, put } from './support/conformance.mjs'
import { eventually, outages } from './support/outages.mjs'
import { noPostgres, postgresServer } from './support/postgres.mjs'

describe('store in postgres', { skip: noPostgres, timeout: 240_000 }, () => {
  let server, store
  // Also one that should not have been had is closed in the end.
  const opened = []
  const open = async (where) => {
    opened.push(await postgresStore(where))
    return opened.at(-1)
  }
  before(async () => {
    server = await postgresServer()
    store = await open(server.url)
  })
  after(async () => {
    for (const one of opened) await one.close()
    await server?.stop()
  })

  outages({ kind: 'postgres', server: () => server, store: () => store })

  it('fails while the server hangs, and comes back when it goes on', { timeout: 60_000 }, async (t) => {
    t.after(() => server.resume())
    await eventually(() => store.read(['hangs'], NOW))
    server.pause()
    // More than there are connections.
    const asked = Array.from({ length: 25 }, (_, i) => store.commit([put(`hangs/${i}`, 'x')], NOW).catch(() => 'failed'))
    assert.deepEqual(await Promise.all(asked), asked.map(() => 'failed'))
    await assert.rejects(async () => store.read(['hangs'], NOW))
    server.resume()
    assert.equal(await eventually(() => store.commit([put('hangs', 'x')], NOW)), true)
  })

  it('opens nothing where no server is, or with a wrong password, and does not say the password', { timeout: 60_000 }, async () => {
    await assert.rejects(open('postgres://me:a-secret@127.0.0.1:1/x'), (error) => error.code === 'ECONNREFUSED' && !error.message.includes('a-secret'))
    const wrong = server.url.replace(/:[^:@]+@/, ':another-password@')
    await assert.rejects(open(wrong), (error) => /password authentication failed/.test(error.message) && !error.message.includes('another'))
    await assert.rejects(open(server.url.replace(/postgres$/, 'nowhere')), /"nowhere" does not exist/)
  })

  for (const [setting, expected] of [
    ['synchronous_commit=off', /`synchronous_commit` to `on`/],
    ['fsync=off', /`fsync` to `on`/],
  ]) {
    it(`refuses a server with ${setting}`, async (t) => {
      const forgetful = await postgresServer(setting)
      t.after(() => forgetful.stop())
      await assert.rejects(open(forgetful.url), expected)
    })
  }

  it('refuses a standby', async (t) => {
    const standby = await postgresServer('restore_command=false', { standby: true })
    t.after(() => standby.stop())
    await assert.rejects(open(standby.url), /is a standby, which takes no writes/)
  })

  it('makes its tables once when five servers start at once', async () => {
    const url = await server.database('five')
    const stores = await Promise.all(Array.from({ length: 5 }, () => open(url)))
    const outcomes = await Promise.all(stores.map((one, i) => one.commit([put('first', String(i), 'absent')], NOW)))
    assert.equal(outcomes.filter(Boolean).length, 1)
    assert.deepEqual(await server.ask('SELECT version FROM exchequer_migrations', url), [{ version: 1 }])
  })

  it('refuses a database that a newer version has migrated, and changes nothing in it', async () => {
    const url = await server.database('newer')
    await open(url)
    await server.ask('INSERT INTO exchequer_migrations (version) VALUES (99)', url)
    await assert.rejects(open(url), /migrated by a newer version of Exchequer \(to 99;/)
  })

  it('needs no right to make tables where they are', async () => {
    const url = await server.database('given')
    await open(url)
    await server.ask("CREATE ROLE clerk LOGIN PASSWORD 'clerk-of-the-tests'", url)
    await server.ask('GRANT SELECT, INSERT, UPDATE, DELETE ON exchequer_records TO clerk', url)
    await server.ask('GRANT SELECT ON exchequer_migrations TO clerk', url)
    await server.ask('GRANT USAGE ON SEQUENCE exchequer_versions TO clerk', url)
    const clerk = await open(url.replace(/\/\/[^@]+@/, '//clerk:clerk-of-the-tests@'))
    assert.equal(await clerk.commit([put('clerk', 'x', 'absent')], NOW), true)
    assert.equal(await clerk.commit([put('clerk', 'x', 'absent')], NOW), false)
    assert.equal(await clerk.commit([put('clerk', undefined)], NOW), true)
  })

  it('keeps two services in one database apart by their schemas', async () => {
    const url = await server.database('schemas')
    const schema = async (name) => {
      await server.ask(`CREATE SCHEMA ${name}`, url)
      return open(`${url}?options=-csearch_path%3D${name}`)
    }
    const [one, other] = [await schema('one'), await schema('other')]
    assert.equal(await one.commit([put('apart', '1', 'absent')], NOW), true)
    assert.equal(await other.commit([put('apart', '2', 'absent')], NOW), true)
    assert.equal((await other.list('', undefined, 10, NOW)).length, 1)
  })

  it('writes batches that name the same keys in any order, and none is lost', async () => {
    const other = await open(server.url)
    const keys = Array.from({ length: 8 }, (_, i) => `order/${i}`)
    const batch = (i) => (i % 2 ? keys : keys.toReversed()).map((key) => put(key, String(i)))
    const outcomes = await Promise.all(Array.from({ length: 200 }, (_, i) => (i % 3 ? store : other).commit(batch(i), NOW)))
    assert.ok(outcomes.every(Boolean))
    const values = (await store.read(keys, NOW)).map(({ value }) => Buffer.from(value).toString())
    assert.equal(new Set(values).size, 1, 'a batch was written by half')
    // The server counts them when a connection has been idle for a second.
    await setTimeout(1500)
    const [{ deadlocks }] = await server.ask("SELECT deadlocks FROM pg_stat_database WHERE datname = 'postgres'")
    assert.equal(deadlocks, '0')
  })

  it('counts up without losing one when everybody writes what they read', async () => {
    const other = await open(server.url)
    await store.commit([put('count', '0')], NOW)
    const add = async (one) => {
      for (;;) {
        const [{ value, version }] = await one.read(['count'], NOW)
        if (await one.commit([put('count', String(Number(Buffer.from(value)) + 1), version)], NOW)) return
      }
    }
    await Promise.all(Array.from({ length: 60 }, (_, i) => add(i % 2 ? store : other)))
    const [{ value }] = await store.read(['count'], NOW)
    assert.equal(Buffer.from(value).toString(), '60')
  })

  it('tries again what a serializable database took back', async () => {
    const url = await server.database('serializable')
    await server.ask('ALTER DATABASE serializable SET default_transaction_isolation = serializable', url)
    const one = await open(url)
    await one.commit([put('taken', '0')], NOW)
    const outcomes = await Promise.all(Array.from({ length: 8 }, (_, i) => one.commit([put('taken', String(i)), put(`taken/${i}`, 'x')], NOW)))
    assert.ok(outcomes.every(Boolean))
    assert.equal((await one.list('taken/', undefined, 100, NOW)).length, 8)
  })

  it('goes on after the server ended its connections', async () => {
    await server.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'exchequer'")
    assert.equal(await eventually(() => store.commit([put('ended', 'x')], NOW)), true)
  })

  it('removes what expired in steps, and never what it did not expire', async () => {
    const url = await server.database('swept')
    const one = await open(url)
    for (let i = 0; i < 15; i++) {
      const batch = Array.from({ length: 100 }, (_, n) => put(`spent/${i}/${n}`, 'x', 'absent', NOW + 60))
      await one.commit(batch, NOW)
    }
    const left = async () => Number((await server.ask('SELECT count(*) FROM exchequer_records', url))[0].count)
    // A server that starts takes the clock as it is.
    await (await open(url)).commit([put('later', 'x')], NOW + 1000)
    assert.equal(await left(), 501)
    await (await open(url)).commit([put('later', 'x')], NOW + 1060)
    assert.equal(await left(), 1)
  })
})
