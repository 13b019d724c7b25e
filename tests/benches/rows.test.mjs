/** Rows that need nothing installed work: every party does the job, and a section comes of it. */
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
