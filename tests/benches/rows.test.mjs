/** Rows that need nothing installed work: every party does the job, and a section comes of it. README quotes the results. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const MAIN = fileURLToPath(new URL('../../benches/main.mjs', import.meta.url))
const RESULTS = new URL('../../benches/RESULTS.md', import.meta.url)
const run = (...args) => promisify(execFile)(process.execPath, [MAIN, ...args])

describe('a row', () => {
  for (const name of ['node', 'start', 'http', 'configuration', 'scale']) {
    it(`${name} is measured, and with --smoke nothing is written`, async () => {
      const before = readFileSync(RESULTS, 'utf8')
      const { stdout } = await run('--smoke', name)
      assert.match(stdout, new RegExp(`^## ${name}: `))
      assert.match(stdout, /\n\| exchequer |\n\| `exchequer serve` |\n\| large |\n\| exchange, JWT /)
      assert.equal(readFileSync(RESULTS, 'utf8'), before)
    })
  }

  it('that is not there is refused', async () => {
    await assert.rejects(run('nodes'), ({ code, stderr }) => code === 2 && /no row nodes/.test(stderr))
  })
})

describe('README', () => {
  const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  const results = readFileSync(RESULTS, 'utf8')
  const JOSE = '`jose`, hand-written'
  const PROVIDER = '`oidc-provider` with a custom grant'

  /** The last column of a party's line in the table of tokens that nobody has seen. */
  const ofExchequer = (row, party) => {
    const section = results.split(`\n## ${row}: `)[1].split('\n## ')[0]
    const table = section.split('\nCold:')[1].split('\nRepeated:')[0]
    const line = table.split('\n').find((one) => one.startsWith(`| ${party} |`))
    return line.split('|').at(-2).trim().split(' ')[0]
  }

  for (const [where, row, peer] of [
    ['Node', 'node', JOSE],
    ['Deno', 'deno', JOSE],
    ["Cloudflare's workerd", 'workerd', JOSE],
    ['`exchequer serve`', 'http', PROVIDER],
  ]) {
    it(`says what RESULTS.md says of ${where}`, () => {
      const line = README.split('\n').find((one) => one.startsWith(`| ${where} |`))
      const quoted = [...line.matchAll(/ (\d+\.\d\d) times as much/g)].map(([, figure]) => figure)
      assert.deepEqual(quoted, [ofExchequer(row, peer), ofExchequer(row, 'the limit: two native signatures')])
    })
  }
})
