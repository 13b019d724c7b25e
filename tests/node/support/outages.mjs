/**
 * What a store on a server must do when that server is killed, is gone, or comes
 * back. `server` and `store` are functions, because both exist only once the tests
 * run; `kind` names the store of the package for the writer.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { NOW, put } from './conformance.mjs'

/** Tries until it works, for twenty seconds. */
export async function eventually(work) {
  for (let tries = 0; ; tries++) {
    try {
      return await work()
    } catch (error) {
      if (tries === 1000) throw error
      await setTimeout(20)
    }
  }
}

export function outages({ kind, server, store }) {
  it('loses no acknowledged write when the server is killed', async () => {
    const writer = spawn(process.execPath, [fileURLToPath(new URL('writer.mjs', import.meta.url)), kind, server().url])
    let acknowledged = ''
    let killed
    await new Promise((resolve, reject) => {
      writer.once('error', reject)
      writer.stdout.on('data', (data) => {
        acknowledged += data
        if (acknowledged.length > 1000) killed ??= server().kill()
      })
      // A write that fails ends it.
      writer.once('close', resolve)
    })
    await killed
    await server().restart()
    const written = acknowledged.split('\n').slice(0, -1)
    assert.ok(written.length > 100, `only ${written.length} writes were acknowledged`)
    const found = await eventually(() => store().read(written, NOW))
    assert.deepEqual(written.filter((_, i) => found[i] === undefined), [])
    // At most one write was under way when the end came.
    const all = await store().list('w', undefined, 100_000, NOW)
    assert.ok(all.length <= written.length + 1, `${all.length} records, ${written.length} acknowledged`)
  })

  it('gives no version a second time after a crash, either', async () => {
    await store().commit([put('crash', 'x')], NOW)
    const [{ version }] = await store().read(['crash'], NOW)
    await store().commit([put('crash', undefined)], NOW)
    await server().kill()
    await server().restart()
    await eventually(() => store().commit([put('crash', 'x')], NOW))
    assert.equal(await store().commit([put('crash', 'y', version)], NOW), false)
  })

  it('fails while the server is gone, each call at once, and comes back by itself', { timeout: 60_000 }, async () => {
    await server().kill()
    for (let i = 0; i < 100; i++) await assert.rejects(async () => store().commit([put('gone', 'x', 'absent')], NOW))
    await assert.rejects(async () => store().read(['gone'], NOW))
    await assert.rejects(async () => store().list('gone', undefined, 1, NOW))
    await server().restart()
    // None of those that failed waits to be done now.
    assert.deepEqual(await eventually(() => store().read(['gone'], NOW)), [undefined])
  })
}
