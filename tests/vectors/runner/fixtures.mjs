/**
 * Keys, certificates, configurations and the web, by name: the same words as
 * in `tests/support/fixtures.rs`. Files come from whoever runs the cases.
 */
const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi']

export class Fixtures {
  #read

  /** @param {(path: string) => string} read a file below `tests/vectors` */
  constructor(read) {
    this.#read = read
  }

  json(path) {
    return JSON.parse(this.#read(path))
  }

  /** The configuration document of this name, or this one. */
  document(config) {
    return this.expand(typeof config === 'string' ? this.json(`configs/${config}.json`) : config)
  }

  expand(value) {
    if (Array.isArray(value)) return value.map((one) => this.expand(one))
    if (value === null || typeof value !== 'object') return value
    if ('$key' in value) return this.json(`keys/${value.$key}.json`)
    if ('$public' in value) return this.#public(value)
    if ('$certificate' in value) return this.#read(`keys/${value.$certificate}.pem`)
    if ('$jwks' in value) {
      const named = (key) => (typeof key === 'string' ? this.#public({ $public: key }) : this.expand(key))
      return { keys: value.$jwks.map(named) }
    }
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, this.expand(one)]))
  }

  #public({ $public: name, ...instead }) {
    const members = Object.entries({ ...this.json(`keys/${name}.json`), ...instead })
    return Object.fromEntries(members.filter(([name, value]) => !PRIVATE.includes(name) && value !== null))
  }
}

/** A text, or its parts; `answered` are the bodies of the replies to the steps before. */
export function text(value, answered = []) {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map((part) => text(part, answered)).join('')
  if ('step' in value) return answered[value.step - 1][value.member]
  return value.repeat.repeat(value.times)
}

/** The first difference; what is not wanted of an object is free, and a wanted `null` must not be there. */
export function differs(wanted, found, at) {
  if (wanted === null || typeof wanted !== 'object' || Array.isArray(wanted)) {
    const [one, other] = [canonical(wanted), canonical(found)]
    return one === other ? undefined : `${at}: wanted ${one}, found ${other}`
  }
  for (const [name, value] of Object.entries(wanted)) {
    const inner = found?.[name]
    if (value === null && inner === undefined) continue
    const difference = value === null ? `${at}.${name}: wanted nothing, found ${canonical(inner)}` : differs(value, inner, `${at}.${name}`)
    if (difference) return difference
  }
  return undefined
}

/** JSON in which the order of members does not matter. */
function canonical(value) {
  return JSON.stringify(value, (_, one) =>
    one && typeof one === 'object' && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  )
}
