/** How large everything is that is published. */
import { readFileSync } from 'node:fs'

import { markdown } from '../support/measure.mjs'
import { ARTIFACTS, artifacts, tarball } from '../support/sizes.mjs'
import { own } from '../support/versions.mjs'

export async function measure() {
  const budgets = JSON.parse(readFileSync(new URL('../budgets.json', import.meta.url), 'utf8')).bytes
  const kilobytes = (bytes) => (bytes / 1000).toFixed(1)
  const share = (bytes, budget) => (bytes / budget).toFixed(2)
  const all = artifacts()
  const rows = Object.entries(all).map(([file, { raw, brotli }]) => [
    `\`${file}\`, ${ARTIFACTS[file]}`,
    kilobytes(raw),
    kilobytes(brotli),
    share(brotli, budgets[file].brotli),
  ])
  const { packed, unpacked } = tarball()
  rows.push(['npm package, packed', kilobytes(unpacked), kilobytes(packed), share(packed, budgets['npm package'].packed)])
  const [engine, filter] = [all['exchequer.wasm'], all['exchequer-envoy.wasm']]
  const summary = `the engine of the npm package has ${kilobytes(engine.brotli)} kB with brotli (${kilobytes(engine.raw)} raw), the filter for Envoy ${kilobytes(filter.brotli)} (${kilobytes(filter.raw)} raw)`
  return {
    title: 'sizes',
    versions: { exchequer: own() },
    summary,
    text: `Brotli at its highest level, as a server sends it; of the npm package what npm
transfers. The budget is that of benches/budgets.json, which \`cargo xtask test\` keeps.

${markdown([['kB', 'raw', 'brotli', 'of its budget'], ...rows])}

In short, ${summary}.`,
  }
}
