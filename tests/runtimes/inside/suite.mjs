/**
 * What runs inside a runtime: every vector, then what is the platform's own.
 * Needs nothing of the platform but modules.
 */
import { createExchequer, validate } from 'exchequer'
import { memoryStore } from 'exchequer/stores/memory'

import everything from './cases.mjs'
import { own } from './own.mjs'
import { play } from './runner/play.mjs'

const read = (path) => everything.files[path]

/**
 * @param keys a URL with keys of an issuer and a token of it, where this runtime may fetch
 * @param caches whether every case is played a second time, with tokens that are known already
 * @returns {Promise<{ name: string, problems: string[] }[]>}
 */
export async function suite(keys, { caches = false } = {}) {
  const results = []
  const run = async (name, work) => {
    const problems = await work().catch((error) => [String(error?.stack ?? error)])
    results.push({ name, problems })
  }
  for (const name of everything.cases) {
    const options = { read, createExchequer, memoryStore }
    await run(name.slice(0, -5), () => play(JSON.parse(read(name)), options))
    if (caches) await run(`${name.slice(0, -5)}, known`, () => play(JSON.parse(read(name)), { ...options, caches }))
  }
  for (const [name, work] of Object.entries(own(createExchequer, validate, keys))) await run(name, work)
  return results
}
