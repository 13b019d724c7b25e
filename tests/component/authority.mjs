/**
 * A host of the world `authority` in JavaScript: the component as jco makes it
 * run, with imports that answer at once, because they are called and not asked.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { transpileBytes } from '@bytecodealliance/jco-transpile'

const COMPONENT = new URL('../../pkg/dist/exchequer-authority.component.wasm', import.meta.url)
const MAIN = 'authority.core.wasm'

/** What makes instances of the component over imports; `alter` changes the module that is most of it. */
export async function load({ alter = (core) => core } = {}) {
  const { files, imports } = await transpileBytes(readFileSync(COMPONENT), { name: 'authority', instantiation: 'sync' })
  const cores = new Map()
  for (const [name, bytes] of Object.entries(files)) {
    if (name.endsWith('.wasm')) cores.set(name, new WebAssembly.Module(name === MAIN ? alter(Buffer.from(bytes)) : bytes))
  }
  const folder = mkdtempSync(join(tmpdir(), 'exchequer-jco-'))
  writeFileSync(join(folder, 'authority.mjs'), files['authority.js'])
  const { instantiate } = await import(pathToFileURL(join(folder, 'authority.mjs')).href)
  rmSync(folder, { recursive: true })
  return { imports, instantiate: (world) => instantiate((name) => cores.get(name), importsOf(world)).service.Authority }
}

/** The imports over a world: `now()`, `fetch(url)`, and a store that answers at once. What throws text has failed for that reason. */
function importsOf(world) {
  const at = () => world.now()
  return {
    'exchequer:sts/clock': { now: () => BigInt(at()) },
    'exchequer:sts/random': { draw: () => world.draw?.() ?? new Uint8Array(randomBytes(32)) },
    'exchequer:sts/fetch': { get: (ask) => world.fetch(ask) },
    'exchequer:sts/store': {
      read: (keys) => world.store.read(keys, at()).map((record) => record && stored(record)),
      list({ prefix, cursor, limit }) {
        const records = world.store.list(prefix, cursor, limit + 1, at())
        const page = records.slice(0, limit).map(stored)
        return { records: page, next: records.length > limit ? page.at(-1).key : undefined }
      },
      commit: (batch) => (world.store.commit(batch.map(write), at()) ? 'committed' : 'conflict'),
    },
  }
}

const stored = ({ key, value, version }) => ({ key, value, version: BigInt(version) })
const write = ({ key, value, expect, expiresAt }) => ({
  key,
  value,
  expect: expect.tag === 'version' ? Number(expect.val) : expect.tag,
  expiresAt: expiresAt === undefined ? undefined : Number(expiresAt),
})
