/** `exchequer/lean` of the packed package, in Node and in workerd: the same engine, without administration. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'

import { Miniflare } from 'miniflare'

import { workerdModules } from './support/bundle.mjs'
import { keysToFetch } from './support/issuer.mjs'
import { printed } from './support/process.mjs'
import { project } from './support/project.mjs'
import { COMPATIBILITY } from './support/workerd.mjs'

const LEAN = `
  import { createExchequer, validate } from 'exchequer/lean'
  import { own } from './own.mjs'

  const administered = async () => {
    const adminToken = 'an-admin-token-of-the-tests'
    const sts = await createExchequer({ issuer: 'https://sts.example.com' }, { adminToken })
    const status = async (path) => {
      const headers = { authorization: 'Bearer ' + adminToken }
      return (await sts.fetch(new Request('https://sts.example.com' + path, { headers }))).status
    }
    const paths = ['/scim2/Users', '/api/server/v1/applications', '/metrics', '/healthz']
    const found = await Promise.all(paths.map(status))
    await sts.close()
    return JSON.stringify(found) === '[404,404,200,200]' ? [] : [JSON.stringify(found)]
  }

  export async function suite(keys) {
    const results = []
    const tests = { ...own(createExchequer, validate, keys), 'has no administration': administered }
    for (const [name, work] of Object.entries(tests)) {
      results.push({ name, problems: await work().catch((error) => [String(error?.stack ?? error)]) })
    }
    return results
  }`

const WORKER = `
  import { suite } from './lean.mjs'
  export default { fetch: async (request) => Response.json(await suite(await request.json())) }`

const { directory, write } = project()
write('lean.mjs', LEAN)
write('lean-print.mjs', `
  import { suite } from './lean.mjs'
  console.log(JSON.stringify(await suite(JSON.parse(process.argv[2]))))`)
const keys = JSON.stringify(await keysToFetch())

const modules = await workerdModules(directory, WORKER)
const miniflare = new Miniflare({ modules, ...COMPATIBILITY })
after(() => miniflare.dispose())
const inNode = await printed(process.execPath, ['lean-print.mjs', keys], directory)
const response = await miniflare.dispatchFetch('http://worker/', { method: 'POST', body: keys })
const inWorkerd = await response.json()

function report(runtime, results) {
  describe(runtime, () => {
    it('ran every case', () => assert.equal(results.length, 7))
    for (const { name, problems } of results) it(name, () => assert.deepEqual(problems, []))
  })
}

report('lean, in Node', inNode)
report('lean, in workerd', inWorkerd)

it('brings the lean module alone', () => {
  const lean = readFileSync(join(directory, 'node_modules/exchequer/dist/lean/exchequer.wasm'))
  const whole = readFileSync(join(directory, 'node_modules/exchequer/dist/exchequer.wasm'))
  const brought = modules.filter(({ type }) => type === 'CompiledWasm')
  assert.deepEqual(brought.map(({ contents }) => contents.equals(lean)), [true])
  assert.ok(lean.length < whole.length)
})

it('is an engine of its own beside the whole one', async () => {
  write('both.mjs', `
    import * as lean from 'exchequer/lean'
    import * as whole from 'exchequer'
    const status = async ({ createExchequer }) => {
      const sts = await createExchequer({ issuer: 'https://sts.example.com' }, { adminToken: 'an-admin-token-of-the-tests' })
      const headers = ['authorization', 'Bearer an-admin-token-of-the-tests']
      return (await sts.handle({ method: 'GET', target: '/scim2/Users', headers })).status
    }
    console.log(JSON.stringify([await status(lean), await status(whole)]))`)
  assert.deepEqual(await printed(process.execPath, ['both.mjs'], directory), [404, 200])
})
