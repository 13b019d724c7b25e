/**
 * Measures the named rows, one after the other, and prints each. `cargo xtask bench`
 * builds and installs what they need, then calls this.
 *
 *     node benches/main.mjs [--smoke] [--write] ROW...
 *
 * `--smoke` makes few iterations and writes nothing: it shows that a row works.
 */
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import { circumstances, writeSection } from './support/results.mjs'

const RESULTS = fileURLToPath(new URL('RESULTS.md', import.meta.url))

/** The rows in the order of RESULTS.md. */
const ORDER = [
  'node', 'bun', 'deno', 'workerd', 'worker', 'isolate', 'bound', 'start', 'http', 'envoy', 'native', 'wasmtime', 'wasmtime-serve', 'configuration', 'sizes', 'memory', 'soak', 'scale',
]

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: { smoke: { type: 'boolean', default: false }, write: { type: 'boolean', default: false } },
})
const unknown = names.filter((name) => !ORDER.includes(name))
if (unknown.length > 0 || names.length === 0) {
  console.error(`no row ${unknown.join(', ')}; rows: ${ORDER.join(', ')}`)
  process.exit(2)
}
const files = readdirSync(new URL('rows/', import.meta.url)).map((file) => file.replace('.mjs', ''))
if (files.toSorted().join() !== ORDER.toSorted().join()) throw new Error(`benches/rows has other rows than benches/main.mjs: ${files}`)

const failed = []
const told = []
for (const name of names) {
  try {
    const { measure } = await import(`./rows/${name}.mjs`)
    const { title, versions, text, summary } = await measure(options)
    const section = `## ${name}: ${title}\n\n${circumstances(versions)}\n\n${text}\n`
    process.stdout.write(`${section}\n`)
    if (options.write && !options.smoke) writeSection(RESULTS, name, section, ORDER)
    told.push(`${name}: ${summary}`)
  } catch (error) {
    console.error(`${name}: ${error.stack ?? error}`)
    failed.push(name)
  }
}
if (names.length > 1) console.log(told.join('\n'))
if (failed.length > 0) console.error(`not measured: ${failed.join(', ')}`)
process.exit(failed.length > 0 ? 1 : 0)
