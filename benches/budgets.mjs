/**
 * Compares what is built with benches/budgets.json, or sets the budgets anew.
 * `cargo xtask bench budgets` builds first, then calls this.
 *
 *     node benches/budgets.mjs [--write]
 */
import { budgets, compared, problem, spent, write } from './support/budgets.mjs'

const figures = spent()
if (process.argv.includes('--write')) write(figures)
const all = compared(figures, budgets())
for (const { name, value, budget } of all) {
  const share = value === undefined || budget === undefined ? '' : `${((value / budget) * 100).toFixed(1)} %`
  console.log(`${name.padEnd(86)} ${String(value ?? '-').padStart(9)} of ${String(budget ?? '-').padStart(9)} ${share}`)
}
const problems = all.map(problem).filter((one) => one !== undefined)
for (const one of problems) console.error(one)
process.exit(problems.length > 0 ? 1 : 0)
