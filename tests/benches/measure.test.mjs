/** The arithmetic behind benches/RESULTS.md, and how its sections are kept. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { decodeJwt } from 'jose'

import { handWritten } from '../../benches/inside/jose.mjs'
import { makeKeys, tokenMaker } from '../../benches/inside/tokens.mjs'
import { WARM, grown, interleave, ratio, spread, table } from '../../benches/support/measure.mjs'
import { withSection } from '../../benches/support/results.mjs'
import { verifyIssued } from '../../benches/support/truth.mjs'

describe('rounds', () => {
  const party = (seen, name) => (input) => {
    seen.push(`${name}${input}`)
    return { cpu: input, wall: input }
  }
  const seenIn = async (rounds, warmup) => {
    const seen = []
    const parties = { a: party(seen, 'a'), b: party(seen, 'b') }
    const samples = await interleave(parties, { rounds, warmup, input: (round) => round })
    return { seen, samples }
  }

  it('have each party once, with the input of the round, and those of the warm-up are not told', async () => {
    const { seen, samples } = await seenIn(2, 1)
    const rounds = [seen.slice(0, 2), seen.slice(2, 4), seen.slice(4)].map((round) => round.toSorted())
    assert.deepEqual(rounds, [['a-1', 'b-1'], ['a0', 'b0'], ['a1', 'b1']])
    assert.deepEqual(samples.a.map(({ cpu }) => cpu), [0, 1])
    assert.deepEqual(samples.b.map(({ cpu }) => cpu), [0, 1])
  })

  it('begin with each party now and then', async () => {
    const { seen } = await seenIn(200, 0)
    const first = seen.filter((_, place) => place % 2 === 0).map(([name]) => name)
    assert.deepEqual([...new Set(first)].toSorted(), ['a', 'b'])
  })

  it('are told of the first exchanges, and of those that come after a warm process', async () => {
    const each = 1_000
    let exchanges = 0
    const parties = { a: () => ({ cpu: (exchanges += each) }) }
    const { young, warm } = await grown(parties, { rounds: 3, each })
    assert.deepEqual(young.a.map(({ cpu }) => cpu), [1_000, 2_000])
    assert.deepEqual(warm.a.map(({ cpu }) => cpu), [1, 2, 3].map((round) => WARM + round * each))
  })

  it('warm up every instance of a party', async () => {
    let rounds = 0
    const { young } = await grown({ a: () => ({ cpu: rounds++ }) }, { rounds: 1, each: 1_000, processes: 2 })
    assert.equal(young.a.length, 4)
    assert.equal(rounds, 61)
  })

  it('have the ratio of each round taken first, then the median', () => {
    const samples = { a: [10, 40, 90].map((cpu) => ({ cpu })), b: [10, 10, 30].map((cpu) => ({ cpu })) }
    assert.equal(ratio(samples, 'a', 'b'), 3)
  })
})

describe('a table', () => {
  it('has a median with its quartiles', () => assert.equal(spread([5, 1, 2, 4, 3], 0), '3 (2–4)'))

  it('has a line for each party', () => {
    const samples = { a: [{ cpu: 2, wall: 3 }], b: [{ cpu: 1, wall: 1 }] }
    assert.equal(
      table(samples, { 'b = 1': 'b' }, { digits: 0 }),
      '| | CPU µs | wall µs | b = 1 |\n|---|---|---|---|\n' +
        '| a | 2 (2–2) | 3 (3–3) | 2.00 (2.00–2.00) |\n| b | 1 (1–1) | 1 (1–1) | 1.00 (1.00–1.00) |',
    )
  })
})

describe('a section', () => {
  const order = ['node', 'http', 'scale']
  const first = withSection('', 'http', '## http: one\n\nfigures\n', order)

  it('is written in the order of the rows', () => {
    const both = withSection(first, 'node', '## node: two\n', order)
    assert.match(both, /^# Results\n[^]*\n## node: two\n\n## http: one\n\nfigures\n$/)
  })

  it('replaces the one of its row and leaves the others', () => {
    const all = withSection(withSection(first, 'scale', '## scale: stale\n', order), 'scale', '## scale: new title\n', order)
    assert.match(all, /## http: one\n\nfigures\n\n## scale: new title\n$/)
    assert.doesNotMatch(all, /stale/)
  })
})

describe('the job', () => {
  const keys = makeKeys()
  const [token] = tokenMaker(keys)(1)

  it('has a token of about 1.4 KB', () => assert.ok(Math.abs(token.length - 1450) < 100, `${token.length} bytes`))

  it('is done by nobody who issues another token', async () => {
    const { access_token } = await (await handWritten(keys))(token)
    await verifyIssued('jose', access_token, token, keys)
    await assert.rejects(verifyIssued('jose', access_token, token, makeKeys()), /signature/)
    const [other] = tokenMaker(keys)(1)
    assert.notEqual(decodeJwt(other).sub, decodeJwt(token).sub)
    await assert.rejects(verifyIssued('jose', access_token, other, keys), /issued another token/)
  })
})
