/** What is published: checked by `publint` and `attw`, and compiled by programs of every kind. */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, it } from 'node:test'

import { modules, project } from './support/project.mjs'

const { directory, tarball, write } = project()
const tool = (name, ...args) => {
  const { status, stdout, stderr } = spawnSync(join(modules, '.bin', name), args, { cwd: directory, encoding: 'utf8' })
  return { status, said: stdout + stderr }
}

describe('the package', () => {
  it('is clean to publint', () => {
    const { status, said } = tool('publint', tarball, '--strict')
    assert.equal(status, 0, said)
    assert.match(said, /All good/)
  })

  it('is clean to attw', () => {
    // CommonJS requires it as a module (Node 20.19); what has no types is no code.
    const modules = ['exchequer.wasm', 'lean/exchequer.wasm', 'envoy.wasm', 'component.wasm', 'engine.component.wasm', 'authority.component.wasm']
    const noCode = [...modules, 'config.schema.json', 'package.json']
    const { status, said } = tool('attw', tarball, '--profile', 'esm-only', '--exclude-entrypoints', ...noCode)
    assert.equal(status, 0, said)
  })

  it('holds what is needed, and no source', () => {
    const files = execFileSync('tar', ['--list', '--gzip', '--file', tarball], { encoding: 'utf8' }).trim().split('\n')
    for (const name of ['dist/exchequer.wasm', 'dist/config.schema.json', 'dist/worker.js', 'dist/lean/exchequer.wasm', 'README.md', 'LICENSE-MIT']) {
      assert.ok(files.includes(`package/${name}`), name)
    }
    const strange = files.filter((name) => !/^package\/((dist\/.*\.(js|d\.ts|wasm|json))|(dist\/console\/.*\.(html|css|svg))|package\.json|README\.md|LICENSE-(MIT|APACHE))$/.test(name))
    assert.deepEqual(strange, [])
  })

  it('brings nothing of Node into a bundle for browsers', async () => {
    const { build } = await import('esbuild')
    const { outputFiles, metafile } = await build({
      stdin: { contents: "export * from 'exchequer'\nexport * from 'exchequer/stores/memory'", resolveDir: directory },
      bundle: true, write: false, metafile: true, format: 'esm', target: 'es2022', platform: 'browser', external: ['*.wasm'],
    })
    const inputs = Object.keys(metafile.inputs).join('\n')
    assert.doesNotMatch(inputs, /dist\/(cli|node|shared)\b|crypto\/node|glue\.inline|sqlite|redis/)
    const [{ text }] = outputFiles
    assert.doesNotMatch(text, /node:|createPublicKey/)
    assert.match(text, /crypto\.subtle\.verify/)
  })
})

const LIBRARY = `
  import { createExchequer, validate, type Claims, type Exchequer, type Store } from 'exchequer'
  import { memoryStore } from 'exchequer/stores/memory'
  const store: Store = memoryStore()
  export async function use(request: Request): Promise<Response> {
    const sts: Exchequer = await createExchequer('{}', { store, background: (work: Promise<unknown>) => void work })
    const claims: Claims = await sts.authenticate(request)
    void [claims.sub, validate('', { jwks: { keys: [] }, issuer: '', audience: '' }).ok]
    return sts.fetch(request)
  }`

const WORKER = `
  import { createWorker, type Bindings } from 'exchequer/worker'
  import { d1Store } from 'exchequer/stores/d1'
  import { durableObjectStore } from 'exchequer/stores/durable-object'
  import type { ExchequerStore } from 'exchequer/worker'
  export { ExchequerStore } from 'exchequer/worker'
  interface Env {
    EXCHEQUER_CONFIG: string
    EXCHEQUER_KV: KVNamespace
    EXCHEQUER_STORE: DurableObjectNamespace<ExchequerStore>
    EXCHEQUER_DB: D1Database
    EXCHEQUER_CONSOLE: Fetcher
  }
  const given = createWorker({ store: (env: Env) => durableObjectStore(env.EXCHEQUER_STORE, 'one') })
  const other = createWorker({ config: '{}', audit: false, store: ({ EXCHEQUER_DB }: Env) => d1Store(EXCHEQUER_DB) })
  export const bindings = (env: Env): Bindings => env
  export const all = [given, other]
  export default createWorker() satisfies ExportedHandler<Env>`

const PROGRAMS = {
  'in Node, by node16': { source: LIBRARY, module: 'node16', types: ['node'], lib: ['es2023'] },
  'in a browser, by bundler': { source: LIBRARY, module: 'esnext', moduleResolution: 'bundler', lib: ['es2023', 'dom', 'dom.iterable'] },
  'in workerd, by bundler': { source: LIBRARY, module: 'esnext', moduleResolution: 'bundler', types: ['@cloudflare/workers-types'], lib: ['es2023'] },
  'a Worker, by bundler': { source: WORKER, module: 'esnext', moduleResolution: 'bundler', types: ['@cloudflare/workers-types'], lib: ['es2023'] },
}

describe('the types compile', () => {
  for (const [name, { source, types = [], ...options }] of Object.entries(PROGRAMS)) {
    it(name, () => {
      const compilerOptions = {
        strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true, target: 'es2022',
        types: types.map((name) => (name === 'node' ? name : join(modules, name))),
        typeRoots: [join(modules, '../../../node_modules/@types')],
        ...options,
      }
      write('program.ts', source)
      write('tsconfig.json', JSON.stringify({ compilerOptions, files: ['program.ts'] }))
      const { status, said } = tool('tsc', '--project', '.')
      assert.equal(status, 0, said)
    })
  }
})
