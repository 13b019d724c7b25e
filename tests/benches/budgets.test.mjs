/** No figure is above its budget, and one that were would be found. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { MARGIN, budgets, compared, problem, spent } from '../../benches/support/budgets.mjs'
import { noWasmtime } from '../../benches/support/instructions.mjs'

describe('the budgets', { skip: noWasmtime }, () => {
  if (noWasmtime) return
  const allowed = budgets()
  const all = compared(spent(), allowed)
  for (const one of all) it(`${one.name}: at most ${one.budget}`, () => assert.equal(problem(one), undefined))
  it('say their margin', () => assert.deepEqual(allowed.marginPercent, MARGIN))
})

describe('a figure', () => {
  const found = (bytes, allowed) => compared({ instructions: {}, bytes }, { instructions: {}, bytes: allowed }).map(problem)
  it('above its budget is named, with how to change that', () => {
    const [said] = found({ 'a.wasm': { raw: 102 } }, { 'a.wasm': { raw: 100 } })
    assert.match(said, /^bytes: a\.wasm: raw is 102, which is 2\.0 % above its budget of 100; .*cargo xtask bench budgets --write/)
  })
  it('at its budget is good', () => assert.deepEqual(found({ a: { raw: 100 } }, { a: { raw: 100 } }), [undefined]))
  it('without a budget, and a budget without a figure, are faults', () => {
    assert.match(found({ a: { raw: 1 } }, {})[0], /has no budget/)
    assert.match(found({}, { a: { raw: 1 } })[0], /is not measured any more/)
  })
})
