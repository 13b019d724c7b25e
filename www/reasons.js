/** The catalogue of reason codes, as the engine has it: `virtual:reasons` is code → cause and remedy. */
import { readFileSync } from 'node:fs'

const source = new URL('../src/reason.rs', import.meta.url)

export function reasons() {
  return {
    name: 'reasons',
    resolveId: (id) => (id === 'virtual:reasons' ? `\0${id}` : undefined),
    load: (id) => (id === '\0virtual:reasons' ? `export default ${JSON.stringify(read())}` : undefined),
  }
}

function read() {
  const text = readFileSync(source, 'utf8')
  const entries = [...text.matchAll(/^ {4}(?:request|token) [A-Z_0-9]+ ("[^"]+"),\s+("(?:[^"\\]|\\.)*"),\s+("(?:[^"\\]|\\.)*");/gm)]
  // Every reason that the engine names has to be found, or the form of the file has changed.
  const named = [...text.matchAll(/^ {4}(?:request|token) [A-Z_0-9]+ "/gm)].length
  if (entries.length === 0 || entries.length !== named) throw new Error(`${source.pathname}: ${entries.length} of ${named} reasons were understood`)
  return Object.fromEntries(entries.map(([, code, cause, remedy]) => [JSON.parse(code), { cause: JSON.parse(cause), remedy: JSON.parse(remedy) }]))
}
