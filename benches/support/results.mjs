/** benches/RESULTS.md: an introduction, then a section for each row. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'

const INTRODUCTION = `# Results

Made by \`cargo xtask bench\`; \`cargo xtask bench ROW\` writes the section of that
row alone. The job is the same for every party: an RS256-2048 subject token of
about 1.4 KB is checked, and an ES256 JWT is issued for it. Before a party is
measured, the token that it issued is verified.

The parties of a row take turns in the same run, round after round. A figure is the
median of the rounds, with the quartiles in brackets. A ratio is computed in each
round; the table has the median of these ratios. CPU time counts all threads of the
process that does the work. *The limit* is two native signatures and nothing
else: one is verified, one is made. The machine is shared: trust ratios, not
microseconds.
`

/** The date, the machine and the versions of a measurement. */
export function circumstances(versions) {
  const machine = `${cpus()[0].model.trim()}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GB`
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return `${new Date().toISOString().slice(0, 10)}, ${machine}. ${named.join(', ')}.`
}

/** A file with this section in the place of the one of that name; `order` has the names of all of them. */
export function withSection(text, name, section, order) {
  const sections = new Map()
  for (const part of text.split(/^(?=## )/m).filter((one) => one.startsWith('## '))) {
    sections.set(/^## (.*?):/.exec(part)?.[1], part)
  }
  sections.set(name, section)
  const known = order.filter((one) => sections.has(one)).map((one) => `${sections.get(one).trim()}\n`)
  return [INTRODUCTION, ...known].join('\n')
}

export function writeSection(file, name, section, order) {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  writeFileSync(file, withSection(text, name, section, order))
}
