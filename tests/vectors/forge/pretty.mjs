/** JSON that is read by people: short things on one line, long ones spread out. */

const WIDTH = 100

export function pretty(value) {
  return spread(value, '', undefined) + '\n'
}

function spread(value, indent, name) {
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const line = oneLine(value)
  // A pair of a form or a header stays together however long it is; the list
  // of checks is spread always, because `BLESS=1` writes it so.
  const pair = Array.isArray(value) && value.length === 2 && value.every((one) => typeof one === 'string')
  const always = name === 'checks' && value.length > 0
  const roots = name === undefined || name === 'expect' || name === 'request'
  if (!always && !roots && (pair || indent.length + line.length <= WIDTH)) return line
  const inner = indent + '  '
  if (Array.isArray(value)) {
    return `[\n${value.map((one) => inner + spread(one, inner, '')).join(',\n')}\n${indent}]`
  }
  const members = Object.entries(value).filter(([, one]) => one !== undefined)
  const lines = members.map(([key, one]) => `${inner}${JSON.stringify(key)}: ${spread(one, inner, key)}`)
  return `{\n${lines.join(',\n')}\n${indent}}`
}

function oneLine(value) {
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(oneLine).join(', ')}]`
  const members = Object.entries(value).filter(([, one]) => one !== undefined)
  if (members.length === 0) return '{}'
  return `{ ${members.map(([key, one]) => `${JSON.stringify(key)}: ${oneLine(one)}`).join(', ')} }`
}
