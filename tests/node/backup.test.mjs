/**
 * The commands of docs/tasks/backup.md for stores that the walk through the page does not have:
 * what is restored is the state of the backup, and the store goes on from it.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'

import { postgresStore } from 'exchequer/stores/postgres'
import { redisStore } from 'exchequer/stores/redis'

import { NOW, put } from './support/conformance.mjs'
import { blocksOf } from './support/document.mjs'
import { DOCS } from './support/pages.mjs'
import { noPostgres, postgresServer } from './support/postgres.mjs'
import { noRedis, redisServer } from './support/redis.mjs'

const PATIENCE_MS = 120_000
const blocks = blocksOf(readFileSync(join(DOCS, 'tasks/backup.md'), 'utf8'))

/** The commands under a heading of the page. */
const commandsOf = (heading) => blocks.find((block) => block.heading === heading && block.language === 'sh').text.trim().split('\n')

const run = (command, cwd, env) => execFileSync('bash', ['-c', command], { cwd, env: { ...process.env, ...env }, stdio: 'pipe' })

async function valueOf(store, key) {
  const [record] = await store.read([key], NOW)
  return record && Buffer.from(record.value).toString()
}

/** What was written before the backup is there, what came later is not, and writes go on. */
async function checkRestored(store) {
  assert.equal(await valueOf(store, 'spent'), undefined)
  assert.equal(await valueOf(store, 'kept'), 'before')
  assert.equal(await store.commit([put('kept', 'after', 'absent')], NOW), false)
  const [{ version }] = await store.read(['kept'], NOW)
  assert.equal(await store.commit([put('kept', 'after', version)], NOW), true)
  assert.equal(await valueOf(store, 'kept'), 'after')
}

async function inFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), 'exchequer-backup-'))
  try {
    await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

describe('a backup that is restored', { timeout: 2 * PATIENCE_MS }, () => {
  it('is the state of PostgreSQL at that time', { skip: noPostgres, timeout: PATIENCE_MS }, () =>
    inFolder(async (folder) => {
      const [dump, restore] = commandsOf('PostgreSQL')
      const server = await postgresServer()
      try {
        const former = await postgresStore(server.url)
        await former.commit([put('kept', 'before')], NOW)
        run(dump, folder, { DATABASE_URL: server.url })
        await former.commit([put('kept', 'later'), put('spent', 'x')], NOW)
        await former.close()
        run(restore, folder, { DATABASE_URL: server.url })
        const store = await postgresStore(server.url)
        await checkRestored(store)
        await store.close()
      } finally {
        await server.stop()
      }
    }),
  )

  it('is the state of Redis at that time', { skip: noRedis, timeout: PATIENCE_MS }, () =>
    inFolder(async (folder) => {
      const [save] = commandsOf('Redis')
      const server = await redisServer()
      const ask = (url, ...command) => execFileSync('redis-cli', ['-u', url, ...command]).toString()
      try {
        const former = await redisStore(server.url)
        await former.commit([put('kept', 'before')], NOW)
        run(save, folder, { REDIS_URL: server.url })
        while (!ask(server.url, 'INFO', 'persistence').includes('rdb_bgsave_in_progress:0')) await setTimeout(50)
        copyFileSync(join(ask(server.url, 'CONFIG', 'GET', 'dir').trim().split('\n')[1], 'dump.rdb'), join(folder, 'dump.rdb'))
        await former.commit([put('kept', 'later'), put('spent', 'x')], NOW)
        await former.close()
      } finally {
        await server.stop()
      }
      const other = await redisServer('--dir', folder, '--appendonly', 'no')
      try {
        ask(other.url, 'CONFIG', 'SET', 'appendonly', 'yes')
        const store = await redisStore(other.url)
        await checkRestored(store)
        await store.close()
      } finally {
        await other.stop()
      }
    }),
  )
})
