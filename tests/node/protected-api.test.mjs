/**
 * examples/protected-api/README.md tells the truth: its commands are run in one
 * shell, in order, and print what it says they print; the configuration it
 * shows is the one that is used. And what it does not say: what the API does
 * to those who try.
 */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'

import { freePort } from './support/ports.mjs'

const EXAMPLE = new URL('../../examples/protected-api/', import.meta.url)
const PATIENCE_MS = 30_000
const { status } = spawnSync('bash', ['-c', 'curl --version'], { timeout: PATIENCE_MS })
const skip = status !== 0 && 'there is no bash with curl on this machine'

/** The fenced blocks of the document, by language, in order. */
const blocks = [...readFileSync(new URL('README.md', EXAMPLE), 'utf8').matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(
  ([, language, text]) => ({ language, text }),
)

/** What runs, with its output up to now. */
class Child {
  output = ''

  constructor(command, args) {
    this.process = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true })
    this.closed = once(this.process, 'close')
    this.lines = createInterface({ input: this.process.stdout })
    this.process.stderr.on('data', (data) => (this.output += data))
  }

  /** The lines up to one that says so; they are waited for, but not for ever. */
  until(isLast) {
    return new Promise((resolve, reject) => {
      const read = []
      const fail = (why) => reject(new Error(`${why}\n${read.join('\n')}\n${this.output}`))
      const late = setTimeout(() => settle(() => fail('it took too long')), PATIENCE_MS)
      const settle = (how) => {
        clearTimeout(late)
        this.lines.removeAllListeners('line').removeAllListeners('close')
        how()
      }
      this.lines.on('line', (line) => (isLast(line) ? settle(() => resolve(read)) : read.push(line)))
      this.lines.on('close', () => settle(() => fail('it ended too early')))
    })
  }

  /** Ends it with what it started: a command that hangs holds the pipe open. */
  async stop() {
    process.kill(-this.process.pid, 'SIGTERM')
    const [status] = await this.closed
    return status
  }
}

describe('examples/protected-api', { skip, timeout: 4 * PATIENCE_MS }, () => {
  let example, shell, api, login
  before(async () => {
    const script = fileURLToPath(new URL('start.mjs', EXAMPLE))
    example = new Child(process.execPath, [script, '--tethered', String(await freePort()), String(await freePort())])
    const said = (await example.until((line) => line.startsWith('Serving'))).join('\n')
    api = /API +(http:.*)\/orders/.exec(said)[1]
    login = /login +(http:.*)/.exec(said)[1]
    shell = new Child('bash', ['-u'])
  })
  after(async () => {
    await shell?.stop()
    assert.equal(await example.stop(), 0, example.output)
  })

  /** The document's ports are those of a machine on which they are free. */
  const here = (text) => text.replaceAll('http://127.0.0.1:8243', api).replaceAll('http://127.0.0.1:9444', login)

  async function run(commands) {
    shell.process.stdin.write(`${here(commands)}\necho; echo "--- done"\n`)
    const lines = await shell.until((line) => line === '--- done')
    return lines.map((line) => line.replace(/\r$/, '')).join('\n').trim()
  }

  it('has a README whose commands print what it says', async () => {
    const commands = blocks.filter(({ language }) => language === 'sh')
    assert.ok(commands.length >= 10, 'the six steps, and the error')
    for (const [index, { language, text }] of blocks.entries()) {
      if (language !== 'sh') continue
      const next = blocks[index + 1]
      assert.equal(next?.language, 'output', `there is no output to compare with after\n${text}`)
      const printed = await run(text)
      assert.match(printed, pattern(here(next.text)), `${text}\nprints\n${printed}\n`)
    }
    assert.equal(shell.output, '', 'nothing is complained about')
  })

  it('shows the configuration that is used', () => {
    const { trustedTokenIssuers, applications } = JSON.parse(readFileSync(new URL('exchequer.json', EXAMPLE), 'utf8'))
    const shown = blocks.filter(({ language }) => language === 'json').map(({ text }) => JSON.parse(text))
    assert.deepEqual(shown, [...trustedTokenIssuers, ...applications])
  })

  it('refuses callers without a token for it', async () => {
    const status = async (headers, method = 'GET') => (await fetch(`${api}/orders`, { headers, method })).status
    assert.equal(await status({}), 401)
    assert.equal(await status({ authorization: 'Basic YTpi' }), 401)
    assert.equal(await status({ authorization: `Bearer ${'A'.repeat(43)}` }), 401)
    assert.equal(await status({ authorization: 'Bearer' }), 401)
    assert.equal(await status({}, 'DELETE'), 405)
    // The path is exact; what is not the API's is the token service's.
    assert.equal((await fetch(`${api}/orders/`)).status, 404)
  })
})

/** The text as it is, `…` for anything on its line. */
function pattern(text) {
  const literal = text.trim().replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`^${literal.replaceAll('…', '.*')}$`)
}
