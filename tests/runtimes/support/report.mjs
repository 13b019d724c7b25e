/** Makes tests of what a runtime says about its cases. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

/** Fewer means that the suite was not there. */
const AT_LEAST = 900

export function report(runtime, results) {
  describe(runtime, () => {
    it('ran every case', () => assert.ok(results.length >= AT_LEAST, `${results.length} cases ran`))
    for (const { name, problems } of results) it(name, () => assert.deepEqual(problems, []))
  })
}
