/**
 * What every store must do, whatever keeps the records and wherever its adapter
 * runs: `open` opens one, with what `behind` has started, or `skip` says why not.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

/** The time of all of them. */
export const NOW = 1_790_000_000

/** A write. */
export const put = (key, value, expect = 'any', expiresAt = undefined) => ({
  key,
  value: value === undefined ? undefined : Buffer.from(value),
  expect,
  expiresAt,
})

export function conformance(name, { open, behind, skip = false }) {
  describe(`store in ${name}`, { skip, timeout: 120_000 }, () => {
    let store, server
    before(async () => {
      server = await behind?.()
      store = await open(server)
    })
    after(async () => {
      await store?.close?.()
      await server?.stop()
    })

    const texts = async (keys, now = NOW) =>
      (await store.read(keys, now)).map((record) => record && Buffer.from(record.value).toString())

    it('answers a read in the order of its keys, a missing one too', async () => {
      assert.equal(await store.commit([put('order/b', 'B'), put('order/a', 'A')], NOW), true)
      assert.deepEqual(await texts(['order/b', 'order/none', 'order/a', 'order/b']), ['B', undefined, 'A', 'B'])
    })

    it('keeps bytes as they are', async () => {
      const bytes = Uint8Array.from({ length: 256 }, (_, i) => i)
      await store.commit([{ key: 'bytes', value: bytes, expect: 'any', expiresAt: undefined }], NOW)
      const [record] = await store.read(['bytes'], NOW)
      assert.deepEqual(new Uint8Array(record.value), bytes)
      await store.commit([put('bytes/none', '')], NOW)
      const [empty] = await store.read(['bytes/none'], NOW)
      assert.equal(empty.value.length, 0)
    })

    it('does not see what its caller does to the bytes later', async () => {
      const value = Buffer.from('kept')
      await store.commit([{ key: 'copied', value, expect: 'any', expiresAt: undefined }], NOW)
      value.fill(0)
      assert.deepEqual(await texts(['copied']), ['kept'])
    })

    it('creates only what is not there', async () => {
      assert.equal(await store.commit([put('create', '1', 'absent')], NOW), true)
      assert.equal(await store.commit([put('create', '2', 'absent')], NOW), false)
      assert.deepEqual(await texts(['create']), ['1'])
    })

    it('replaces only the version it was told', async () => {
      await store.commit([put('version', '1')], NOW)
      const [first] = await store.read(['version'], NOW)
      assert.ok(first.version > 0)
      assert.equal(await store.commit([put('version', '2', first.version)], NOW), true)
      assert.equal(await store.commit([put('version', '3', first.version)], NOW), false)
      assert.deepEqual(await texts(['version']), ['2'])
      assert.equal(await store.commit([put('version/none', '1', 7)], NOW), false)
    })

    it('never gives the same version twice, also over a deletion', async () => {
      await store.commit([put('again', '1')], NOW)
      const [first] = await store.read(['again'], NOW)
      await store.commit([put('again', undefined)], NOW)
      await store.commit([put('again', '1')], NOW)
      const [second] = await store.read(['again'], NOW)
      assert.notEqual(first.version, second.version)
      assert.equal(await store.commit([put('again', '2', first.version)], NOW), false)
    })

    it('deletes the version it was told, and what is not there', async () => {
      await store.commit([put('delete', '1')], NOW)
      const [{ version }] = await store.read(['delete'], NOW)
      assert.equal(await store.commit([put('delete', undefined, version + 1000)], NOW), false)
      assert.equal(await store.commit([put('delete', undefined, version)], NOW), true)
      assert.deepEqual(await texts(['delete']), [undefined])
      assert.equal(await store.commit([put('delete', undefined)], NOW), true)
    })

    it('writes a batch whole or not at all', async () => {
      await store.commit([put('batch/taken', '1')], NOW)
      const batch = [put('batch/a', 'A'), put('batch/taken', '2', 'absent'), put('batch/b', 'B')]
      assert.equal(await store.commit(batch, NOW), false)
      assert.deepEqual(await texts(['batch/a', 'batch/taken', 'batch/b']), [undefined, '1', undefined])
      assert.equal(await store.commit([put('batch/a', 'A'), put('batch/taken', undefined)], NOW), true)
      assert.deepEqual(await texts(['batch/a', 'batch/taken']), ['A', undefined])
    })

    it('takes a batch of a hundred', async () => {
      const batch = Array.from({ length: 100 }, (_, i) => put(`hundred/${i}`, String(i), 'absent'))
      assert.equal(await store.commit(batch, NOW), true)
      assert.equal((await store.list('hundred/', undefined, 1000, NOW)).length, 100)
    })

    it('treats an expired record as absent, to the second', async () => {
      await store.commit([put('expiry', '1', 'any', NOW + 10)], NOW)
      assert.deepEqual(await texts(['expiry'], NOW + 9), ['1'])
      const [{ version }] = await store.read(['expiry'], NOW)
      assert.deepEqual(await texts(['expiry'], NOW + 10), [undefined])
      assert.deepEqual(await store.list('expiry', undefined, 10, NOW + 10), [])
      assert.equal(await store.commit([put('expiry', '2', version)], NOW + 10), false)
      assert.equal(await store.commit([put('expiry', '2', 'absent')], NOW + 10), true)
      assert.deepEqual(await texts(['expiry'], NOW + 1000), ['2'])
    })

    it('sweeps nothing that is alive', async () => {
      const soon = ['sweep/gone', 'sweep/renewed', 'sweep/endless'].map((key) => put(key, '1', 'any', NOW + 5))
      await store.commit([...soon, put('sweep/kept', '1', 'any', NOW + 5000)], NOW)
      await store.commit([put('sweep/renewed', '2', 'any', NOW + 5000), put('sweep/endless', '2')], NOW)
      await store.commit([put('sweep/other', '1')], NOW + 4000)
      const keys = ['sweep/gone', 'sweep/kept', 'sweep/renewed', 'sweep/endless']
      assert.deepEqual(await texts(keys, NOW + 4000), [undefined, '1', '2', '2'])
    })

    it('sweeps nothing because of a clock that jumped ahead and came back', async () => {
      await store.commit([put('jump/spent', '1', 'absent', NOW + 5)], NOW)
      for (const later of [4000, 5000, 400_000]) await store.commit([put('jump/other', '1')], NOW + later)
      assert.deepEqual(await texts(['jump/spent'], NOW), ['1'])
      assert.equal(await store.commit([put('jump/spent', '2', 'absent')], NOW), false)
    })

    it('sweeps nothing that a replica with a slower clock still needs', async () => {
      const [begin, end] = [NOW + 10_000, NOW + 10_005]
      await store.commit([put('grace/kept', '1', 'any', end)], begin)
      // Another one, whose clock is ahead by ten minutes.
      await store.commit([put('grace/other', '1')], end + 599)
      assert.deepEqual(await texts(['grace/kept'], begin), ['1'])
      assert.deepEqual(await texts(['grace/kept'], end), [undefined])
    })

    it('lists a key once that went and came again, and one that is new, in its place', async () => {
      await store.commit([put('back/a', '1'), put('back/c', '1')], NOW)
      const keys = async (prefix) => (await store.list(prefix, undefined, 10, NOW)).map(({ key }) => key)
      assert.deepEqual(await keys('back/'), ['back/a', 'back/c'])
      await store.commit([put('back/a', undefined)], NOW)
      assert.deepEqual(await keys('back/'), ['back/c'])
      await store.commit([put('back/b', '1')], NOW)
      await store.commit([put('back/a', '2')], NOW)
      for (const prefix of ['back/', 'back', 'ba']) assert.deepEqual((await keys(prefix)).filter((key) => key.startsWith('back')), ['back/a', 'back/b', 'back/c'], prefix)
    })

    it('lists in the byte order of keys, page by page', async () => {
      const keys = ['page/', 'page/!', 'page/A', 'page/Z', 'page/a', 'page/a/b', 'page/~', 'page0', 'pag']
      await store.commit(keys.toReversed().map((key) => put(key, key)), NOW)
      const expected = keys.filter((key) => key.startsWith('page/'))
      const listed = []
      for (let after; ; ) {
        const page = await store.list('page/', after, 3, NOW)
        listed.push(...page.map((record) => record.key))
        if (page.length < 3) break
        after = page.at(-1).key
      }
      assert.deepEqual(listed, expected)
    })

    it('goes on behind a cursor that is gone', async () => {
      await store.commit(['cursor/a', 'cursor/b', 'cursor/c'].map((key) => put(key, key)), NOW)
      await store.commit([put('cursor/b', undefined)], NOW)
      const page = await store.list('cursor/', 'cursor/b', 10, NOW)
      assert.deepEqual(page.map((record) => record.key), ['cursor/c'])
    })

    it('goes on behind a key that never was', async () => {
      await store.commit(['place/1.a', 'place/1.b', 'place/3.a'].map((key) => put(key, key)), NOW)
      const behind = async (after) => (await store.list('place/', after, 10, NOW)).map((record) => record.key)
      assert.deepEqual(await behind('place/1'), ['place/1.a', 'place/1.b', 'place/3.a'])
      assert.deepEqual(await behind('place/1~'), ['place/3.a'])
      assert.deepEqual(await behind('place/2'), ['place/3.a'])
      assert.deepEqual(await behind('place/4'), [])
    })

    it('lets exactly one of twenty parallel creations win', async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, i) => store.commit([put('race', String(i), 'absent'), put(`race/${i}`, 'x')], NOW)),
      )
      assert.equal(outcomes.filter(Boolean).length, 1)
      assert.deepEqual(await texts(['race']), [String(outcomes.indexOf(true))])
      assert.equal((await store.list('race/', undefined, 100, NOW)).length, 1)
    })
  })
}
