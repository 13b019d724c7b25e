/**
 * Budgets for the engine's instructions and for the bytes of every artifact. A
 * budget is a measured figure and a margin; `benches/budgets.json` has the budgets
 * and the margins.
 */
import { readFileSync, writeFileSync } from 'node:fs'

import { instructions } from './instructions.mjs'
import { artifacts, tarball } from './sizes.mjs'

const FILE = new URL('../budgets.json', import.meta.url)

const ABOUT = [
  'Budgets. `cargo xtask test` fails when a figure is above its budget.',
  'A budget is the measured figure and the margin, in percent. Set them anew with',
  '`cargo xtask bench budgets --write`, and say in the commit why a figure has grown.',
  'Instructions are wasmtime fuel of the engine component, the signatures left out;',
  'they are the same in every run. Bytes differ a little from one toolchain to the next.',
]
export const MARGIN = { instructions: 2, bytes: 1 }

export const budgets = () => JSON.parse(readFileSync(FILE, 'utf8'))

/** The figures of what is built now, in the same shape. */
export const spent = () => ({ instructions: instructions(), bytes: { ...artifacts(), 'npm package': tarball() } })

/** Sets every budget anew from these figures. */
export function write(figures) {
  const of = (value, margin) =>
    typeof value === 'number'
      ? Math.ceil(value * (1 + margin / 100))
      : Object.fromEntries(Object.entries(value).map(([name, one]) => [name, of(one, margin)]))
  const set = Object.fromEntries(Object.entries(figures).map(([kind, values]) => [kind, of(values, MARGIN[kind])]))
  writeFileSync(FILE, `${JSON.stringify({ about: ABOUT, marginPercent: MARGIN, ...set }, null, 2)}\n`)
}

/** Every figure with its budget, flat: `{ name, value, budget }`. A figure or a budget that the other side lacks is `undefined`. */
export function compared(figures, allowed) {
  const flat = (value, name) =>
    typeof value === 'number' ? [[name, value]] : Object.entries(value).flatMap(([member, one]) => flat(one, `${name}: ${member}`))
  return Object.keys(MARGIN).flatMap((kind) => {
    const [values, limits] = [figures, allowed].map((all) => new Map(flat(all[kind] ?? {}, kind)))
    return [...new Set([...values.keys(), ...limits.keys()])].map((name) => ({ name, value: values.get(name), budget: limits.get(name) }))
  })
}

/** What is wrong with a figure, or `undefined`. */
export function problem({ name, value, budget }) {
  const remedy = 'if that is meant, run `cargo xtask bench budgets --write` and say in the commit why'
  if (budget === undefined) return `${name} has no budget in benches/budgets.json; ${remedy}`
  if (value === undefined) return `${name} has a budget in benches/budgets.json and is not measured any more; ${remedy}`
  if (value <= budget) return undefined
  const percent = ((value / budget - 1) * 100).toFixed(1)
  return `${name} is ${value}, which is ${percent} % above its budget of ${budget}; ${remedy}`
}
