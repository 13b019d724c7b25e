/**
 * Compares what is spent with benches/budgets.json, or sets that anew. What is
 * measured has to be built: `cargo xtask bench budgets` does that.
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
