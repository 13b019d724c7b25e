/** benches/RESULTS.md: a section for each benchmark, which each writes anew by itself. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

/** Puts a section, which begins with its heading `# …`, in the place of the one of that name or at the end. */
export function writeSection(file, section) {
  const heading = section.slice(0, section.indexOf('\n'))
  const sections = existsSync(file) ? readFileSync(file, 'utf8').split(/^(?=# )/m) : []
  const at = sections.findIndex((other) => other.startsWith(`${heading}\n`))
  sections.splice(at < 0 ? sections.length : at, 1, section)
  writeFileSync(file, sections.map((one) => `${one.trim()}\n`).join('\n'))
}
