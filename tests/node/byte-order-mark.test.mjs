/** Documents that begin with a byte order mark, as some editors write them: everything takes them, or nothing does. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import { createExchequer } from 'exchequer'

import { run } from './support/command.mjs'
import { serve } from './support/serve.mjs'

const MARK = '\ufeff'
const SECRET = 'INLINE-SECRET-0123456789-0123456789'
const document = (url) => ({
  issuer: url,
  telemetry: { otlp: 'http://127.0.0.1:9' },
  applications: [{ clientId: 'app', clientSecret: SECRET, grantTypes: ['client_credentials'] }],
})
describe('a document with a byte order mark', () => {
  let directory
  const file = (name, text) => {
    const path = join(directory, name)
    writeFileSync(path, text)
    return path
  }
  before(() => (directory = mkdtempSync(join(tmpdir(), 'exchequer-mark-'))))
  after(() => rmSync(directory, { recursive: true, force: true }))

  it('makes a service and changes one, telemetry included', async () => {
    const sts = await createExchequer(MARK + JSON.stringify(document('https://one.example.com')))
    await sts.reconfigure(MARK + JSON.stringify(document('https://two.example.com')))
    const { body } = await sts.handle({ method: 'GET', target: '/.well-known/openid-configuration' })
    assert.equal(JSON.parse(new TextDecoder().decode(body)).issuer, 'https://two.example.com')
    await sts.close()
  })

  for (const workers of [1, 2]) {
    it(`is served and taken over by ${workers} process${workers === 1 ? '' : 'es'}`, async () => {
      const store = `sqlite:${join(directory, `${workers}.sqlite`)}`
      const sts = await serve((url) => document(url), { store, args: ['--workers', String(workers)], mark: MARK })
      try {
        const changed = (issuer, lead) => writeFileSync(join(sts.directory, 'exchequer.json'), lead + JSON.stringify(document(issuer)))
        for (const issuer of ['http://127.0.0.1:1', 'http://127.0.0.1:2']) {
          changed(issuer, MARK)
          process.kill(sts.pid, 'SIGHUP')
          await until(async () => (await (await fetch(`${sts.url}/.well-known/openid-configuration`)).json()).issuer === issuer, sts)
        }
        await until(() => sts.written.filter(({ event }) => event === 'configurationChanged').length === 2, sts)
        assert.doesNotMatch(sts.said(), /former configuration stays|SyntaxError/)
      } finally {
        await sts.stop()
      }
      assert.doesNotMatch(sts.said(), new RegExp(SECRET))
    })
  }

  it('is explained, with its only application, and checked', async () => {
    const path = file('explained.json', MARK + JSON.stringify(document('http://127.0.0.1:1')))
    const { code, out, err } = await run(['explain', '--config', path, '--json', '--client-credentials'])
    assert.equal(code, 0, out + err)
    assert.equal(JSON.parse(out).granted, true)
    assert.equal((await run(['check', path])).code, 0)
  })

  it('that is no JSON is reported without a word of it', async () => {
    const path = file('broken.json', `${MARK}${JSON.stringify(document('http://127.0.0.1:1'))},`)
    for (const command of [['check', path], ['serve', '--config', path, '--store', 'memory:', '--port', '0'], ['serve', '--config', path, '--port', '0', '--workers', '2']]) {
      const { code, out, err } = await run(command, { cwd: directory })
      assert.equal(code, 2, out + err)
      assert.doesNotMatch(out + err, new RegExp(`${SECRET}|SyntaxError|at JSON.parse`))
    }
  })
})

async function until(what, sts) {
  for (const end = Date.now() + 60_000; !(await what()); await new Promise((resolve) => setTimeout(resolve, 50))) {
    assert.ok(Date.now() < end, `never happened: ${what}\n${sts.said()}`)
  }
}
