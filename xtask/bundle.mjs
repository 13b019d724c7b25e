/**
 * Bundles the entries of the npm package, which the TypeScript compiler leaves in
 * many small files: a process that starts reads one.
 *
 *     node xtask/bundle.mjs FOLDER…
 *
 * The entries that one process may load are bundled together, and share a file:
 * no module is there twice, so that an error is an instance of one class. Stores
 * stay as they are, for they keep nothing in their modules. So do the entries for
 * workerd, which every Worker's author bundles.
 */
import { existsSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'

import { build } from 'rolldown'

/** What one process may load. The lean package has only some of them. */
const WORLDS = [['entry/node', 'node/index', 'cli'], ['entry/inline'], ['entry/browser'], ['entry/edge']]

/** Modules that are no JavaScript, or a megabyte of it, or loaded when they are asked for. */
const APART = /\.wasm(\?module)?$|\/glue\.inline\.js$|\/stores\/(sqlite|redis|postgres)\.js$/

const apart = {
  name: 'apart',
  resolveId(source, importer) {
    if (source.startsWith('node:')) return { id: source, external: true }
    if (APART.test(source)) return { id: resolve(dirname(importer), source), external: 'relative' }
  },
}

for (const folder of process.argv.slice(2)) await bundle(resolve(folder))

async function bundle(dist) {
  const own = WORLDS.map((entries) => entries.filter((name) => existsSync(resolve(dist, `${name}.js`))))
  for (const entries of own) {
    // Together, as far up as the highest of them; alone, where it is.
    const folder = entries.length > 1 ? dist : resolve(dist, dirname(entries[0]))
    await build({
      cwd: dist,
      input: Object.fromEntries(entries.map((name) => [relative(folder, resolve(dist, name)), resolve(dist, `${name}.js`)])),
      plugins: [apart],
      platform: 'neutral',
      output: {
        dir: folder,
        format: 'esm',
        entryFileNames: '[name].js',
        // As deep as the modules that it is made of, which find files by their own place.
        chunkFileNames: 'shared/[name].js',
      },
      logLevel: 'warn',
    })
  }
}
