/**
 * Every case through the npm package in Node: with signatures by `node:crypto`,
 * and with those of the engine itself.
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

for (const [computed, crypto] of Object.entries({ 'by node:crypto': undefined, 'by the engine': engineCrypto })) {
  for (const group of groups) {
    describe(`${group}, signatures ${computed}`, () => {
      for (const file of readdirSync(new URL(group, root)).filter((name) => name.endsWith('.json'))) {
        it(file.slice(0, -5), async () => {
          const testCase = JSON.parse(read(`${group}/${file}`))
          const problems = await play(testCase, { read, createExchequer, memoryStore, crypto })
          assert.deepEqual(problems, [], testCase.about)
        })
      }
    })
  }
}
