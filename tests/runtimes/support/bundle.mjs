/** Bundles as the tools of the platforms do: by export conditions, with WebAssembly apart. */
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

import { build } from 'esbuild'

/** @param wasm what an import of WebAssembly is resolved to, by its whole path */
async function bundle(directory, entry, { wasm, ...options }) {
  const plugin = {
    name: 'wasm',
    setup(build) {
      build.onResolve({ filter: /\.wasm(\?module)?$/ }, ({ path, resolveDir }) => wasm(join(resolveDir, path)))
      build.onLoad({ filter: /./, namespace: 'global' }, ({ path }) => ({ contents: `export default globalThis.${path}` }))
    },
  }
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: directory },
    bundle: true, write: false, target: 'es2022', logLevel: 'silent', plugins: [plugin], ...options,
  })
  return outputFiles[0].text
}

/** For workerd, as wrangler does: the module stays an import. */
export async function workerdModules(directory, entry) {
  const modules = []
  const contents = await bundle(directory, entry, {
    format: 'esm',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['cloudflare:*'],
    wasm(path) {
      const name = basename(path)
      modules.push({ type: 'CompiledWasm', path: name, contents: readFileSync(path) })
      return { path: `./${name}`, external: true }
    },
  })
  return [{ type: 'ESModule', path: 'worker.mjs', contents }, ...modules]
}

/** For an edge runtime, as Vercel does: the platform has compiled the module, and a global is it. */
export async function edgeScript(directory, entry) {
  let module
  const code = await bundle(directory, entry, {
    format: 'iife',
    conditions: ['edge-light', 'worker', 'browser'],
    wasm(path) {
      if (!path.endsWith('?module')) throw new Error(`${path} is not imported as an edge runtime wants it`)
      module = new WebAssembly.Module(readFileSync(path.replace('?module', '')))
      return { path: 'wasmOfTheBundle', namespace: 'global' }
    },
  })
  return { code, globals: { wasmOfTheBundle: module } }
}
