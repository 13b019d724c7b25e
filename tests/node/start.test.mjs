/** What a process loads at its start, and that what is loaded twice is the same. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'

import * as entry from 'exchequer'
import * as node from 'exchequer/node'
import { memoryStore } from 'exchequer/stores/memory'

import { NOW, config, issuer } from './support/tokens.mjs'

const PROGRAM = `
  const before = new Set(process.moduleLoadList)
  const { createExchequer } = await import('exchequer')
  const { document, token, now } = JSON.parse(process.env.GIVEN)
  const sts = await createExchequer(document, { now: () => now })
  await sts.exchange({ clientId: 'app', subjectToken: token, subjectTokenType: 'jwt' })
  console.log(JSON.stringify(process.moduleLoadList.filter((name) => !before.has(name))))`

describe('the start of a process', () => {
  it('loads no `fetch`, server or database before it is needed', async () => {
    const idp = await issuer()
    const document = config()
    document.trustedTokenIssuers[0].certificate = { jwks: idp.jwks }
    const env = { ...process.env, GIVEN: JSON.stringify({ document, token: await idp.token(), now: NOW }) }
    const cwd = fileURLToPath(new URL('.', import.meta.url))
    const said = execFileSync(process.execPath, ['--input-type=module', '--eval', PROGRAM], { cwd, env, encoding: 'utf8' })
    const loaded = JSON.parse(said)
    assert.ok(loaded.includes('NativeModule crypto'), 'modules are known by these names')
    assert.deepEqual(loaded.filter((name) => /undici|http|zlib|net$|sqlite|libsql/.test(name)), [])
  })

  it('has one class of each error, whichever entry a service is made by', async () => {
    assert.equal(node.createExchequer, entry.createExchequer)
    await assert.rejects(node.createExchequer('{}'), entry.ConfigurationError)
    await assert.rejects(node.createExchequer({}), entry.ExchequerError)
    const sts = await node.createExchequer(config(), { store: memoryStore(), now: () => NOW })
    await assert.rejects(sts.exchange({ clientId: 'nobody', refreshToken: 'x' }), entry.TokenError)
    await sts.close()
  })
})
