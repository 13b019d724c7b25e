/**
 * The walk-throughs under tests/walkthroughs are true: whoever knows one of the
 * systems that Exchequer succeeds gets, step by step and with `curl` alone, what
 * that system gave; from a server that knows nobody but its administrator.
 */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { createInterface } from 'node:readline'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'

import { freePort } from './support/ports.mjs'
import { stepsOf, walk } from './support/walkthrough.mjs'

const PATIENCE_MS = 120_000
const WALKTHROUGHS = new URL('../walkthroughs/', import.meta.url)
const DOCUMENTS = ['wso2-identity-server', 'asgardeo', 'api-manager']
const missing = ['bash --version', 'curl --version', 'openssl version'].find((command) => spawnSync('sh', ['-c', command]).status !== 0)
const skip = missing !== undefined && !process.env.CI && `there is no ${missing.split(' ')[0]} on this machine`

/** The parties, as a reader starts them; `env` is what they print to be pasted. */
async function start() {
  const script = fileURLToPath(new URL('start.mjs', WALKTHROUGHS))
  const child = spawn(process.execPath, [script, '--tethered', String(await freePort()), String(await freePort())], { stdio: ['pipe', 'pipe', 'pipe'] })
  const closed = once(child, 'close')
  let [said, errors] = ['', '']
  child.stderr.on('data', (data) => (errors += data))
  const late = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
  for await (const line of createInterface({ input: child.stdout })) {
    said += `${line}\n`
    if (line.includes('Serving')) break
  }
  clearTimeout(late)
  child.stdout.resume()
  const found = (pattern) => {
    const [, value] = pattern.exec(said) ?? assert.fail(`it does not start: ${said}${errors}`)
    return value
  }
  return {
    exchequer: found(/^# Exchequer +(.*)$/m),
    provider: found(/^# identity provider +(.*)$/m),
    cwd: found(/^cd (.*)$/m),
    env: Object.fromEntries([...said.matchAll(/^export (\w+)=(.*)$/gm)].map(([, name, value]) => [name, value])),
    async stop() {
      child.stdin.end()
      assert.deepEqual(await closed, [0, null], errors)
    },
  }
}

describe('walk-throughs', { skip, timeout: 3 * PATIENCE_MS }, () => {
  for (const name of DOCUMENTS) {
    it(`${name}.md prints what it says`, async (test) => {
      const markdown = readFileSync(new URL(`${name}.md`, WALKTHROUGHS), 'utf8')
      const parties = await start()
      const api = `http://127.0.0.1:${await freePort()}`
      // The document's ports are those of a machine on which they are free.
      const here = (text) =>
        text
          .replaceAll('http://127.0.0.1:9443', parties.exchequer)
          .replaceAll('http://127.0.0.1:9444', parties.provider)
          .replaceAll('http://127.0.0.1:8280', api)
      const env = { ...process.env, ...parties.env }
      try {
        const checks = await walk(markdown, { cwd: parties.cwd, env, here })
        test.diagnostic(`${checks} checks`)
      } finally {
        await parties.stop()
      }
    })
  }
})

describe('who carries documents out', { skip }, () => {
  const document = (...blocks) => blocks.map(([language, text]) => `\`\`\`${language}\n${text}\n\`\`\`\n`).join('')
  const walked = (...blocks) => walk(`# One\n\n${document(...blocks)}`, { cwd: tmpdir(), env: process.env })

  it('compares text, `…` being anything on its line', async () => {
    assert.equal(await walked(['bash', 'A=1'], ['bash', 'echo "a $A"; echo b'], ['console', 'a …\nb']), 1)
    await assert.rejects(walked(['bash', 'echo a; echo b'], ['console', '…b']), /“One”[^]*echo a[^]*prints\n\na\nb[^]*instead of/)
  })

  it('compares JSON by what it says', async () => {
    const printed = ['bash', `echo '{"a":1,"b":["x-1",{"c":null,"d":2}]}'`]
    assert.equal(await walked(printed, ['json', '{ "b": ["x-…", { "c": null, "…": "…" }], "a": "…" }']), 1)
    for (const [other, path] of [
      ['{"a":1}', '/b'],
      ['{"a":1,"b":["x-1",{"c":null}]}', '/b/1/d'],
      ['{"a":"1","b":"…"}', '/a'],
      ['{"a":1,"b":"…","c":"…"}', '/c'],
      ['{"a":1,"b":["y-…","…"]}', '/b/0'],
      ['{"a":1,"b":["x-1"]}', '/b/1'],
    ]) {
      await assert.rejects(walked(printed, ['json', other]), new RegExp(`differs at \`${path}\``), other)
    }
    await assert.rejects(walked(['bash', 'echo no'], ['json', '{}']), /not JSON/)
  })

  it('fails where a command fails, or complains, or ends the shell', async () => {
    const good = [['bash', 'echo a'], ['console', 'a']]
    await assert.rejects(walked(['bash', 'false'], ...good), /fails with 1/)
    await assert.rejects(walked(['bash', 'false | cat'], ...good), /fails with 1/)
    await assert.rejects(walked(['bash', 'echo a; echo b >&2'], ['console', 'a']), /instead of/)
    await assert.rejects(walked(['bash', 'exit 0'], ...good), /ends the shell/)
    await assert.rejects(walked(['bash', 'echo "$UNSET"'], ...good), /ends the shell|fails/)
  })

  it('gives commands no more to read than they have', async () => {
    assert.equal(await walked(['bash', 'cat; echo "it\'s"'], ['console', "it's"]), 1)
  })

  it('takes no document that checks nothing, or that it does not understand', () => {
    assert.throws(() => stepsOf('# One\n'), /checks nothing/)
    assert.throws(() => stepsOf(document(['bash', 'true'])), /checks nothing/)
    assert.throws(() => stepsOf(document(['console', 'a'])), /output of no command/)
    assert.throws(() => stepsOf(document(['bash', 'true'], ['json', '{}'], ['json', '{}'])), /output of no command/)
    assert.throws(() => stepsOf(document(['sh', 'true'], ['console', ''])), /neither bash/)
  })
})
