/**
 * Every case through the engine's component, as jco runs it in Node: with
 * signatures by `node:crypto`, and with those of the engine itself.
 */
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { describe, it } from 'node:test'

import { memoryStore } from 'exchequer/stores/memory'

import { play } from '../vectors/runner/play.mjs'
import { ALGORITHMS, creator, load } from './jco.mjs'

const root = new URL('../vectors/', import.meta.url)
const NO_GROUPS = ['configs', 'forge', 'keys', 'runner']
const read = (path) => readFileSync(new URL(path, root), 'utf8')

const groups = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !NO_GROUPS.includes(entry.name))
  .map((entry) => entry.name)

const { steps, imports } = await load()

it('imports nothing', () => assert.deepEqual(imports, []))

for (const [computed, algorithms] of Object.entries({ 'by node:crypto': ALGORITHMS, 'by the engine': [] })) {
  const createExchequer = creator(steps, algorithms)
  for (const group of groups) {
    describe(`${group}, signatures ${computed}`, () => {
      for (const file of readdirSync(new URL(group, root)).filter((name) => name.endsWith('.json'))) {
        it(file.slice(0, -5), async (test) => {
          const testCase = JSON.parse(read(`${group}/${file}`))
          // A component is told nothing of connections, and so of client certificates.
          if (testCase.steps.some(({ request }) => request.connection !== undefined)) return test.skip()
          const problems = await play(testCase, { read, createExchequer, memoryStore })
          assert.deepEqual(problems, [], testCase.about)
        })
      }
    })
  }
}
