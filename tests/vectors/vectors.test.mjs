/**
 * Every case through the npm package in Node: with signatures by `node:crypto`,
 * with those of the engine itself, and with tokens that are known already.
 */
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { describe, it } from 'node:test'

import { createExchequer } from 'exchequer'
import { memoryStore } from 'exchequer/stores/memory'

import { play } from './runner/play.mjs'

const root = new URL('./', import.meta.url)
const NO_GROUPS = ['configs', 'forge', 'keys', 'runner']
const read = (path) => readFileSync(new URL(path, root), 'utf8')

const groups = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !NO_GROUPS.includes(entry.name))
  .map((entry) => entry.name)

/** Answers for no algorithm, so the engine computes every one. */
const engineCrypto = { verifies: [], signs: [] }

const WAYS = {
  'signatures by node:crypto': {},
  'signatures by the engine': { crypto: engineCrypto },
  'tokens known already': { caches: true },
}

for (const [way, options] of Object.entries(WAYS)) {
  for (const group of groups) {
    describe(`${group}, ${way}`, () => {
      for (const file of readdirSync(new URL(group, root)).filter((name) => name.endsWith('.json'))) {
        it(file.slice(0, -5), async () => {
          const testCase = JSON.parse(read(`${group}/${file}`))
          const problems = await play(testCase, { read, createExchequer, memoryStore, ...options })
          assert.deepEqual(problems, [], testCase.about)
        })
      }
    })
  }
}
