/** JSON in which bytes are bytes and a missing value is missing. */

export function encode(value) {
  return JSON.stringify(value, function (name, one) {
    // What it was before it had a say in the matter: a Buffer writes itself as something else.
    const real = this[name]
    if (real instanceof Uint8Array) return { $bytes: Array.from(real) }
    return real === undefined ? { $missing: true } : one
  })
}

export function decode(text) {
  return restored(JSON.parse(text))
}

function restored(value) {
  if (Array.isArray(value)) return value.map(restored)
  if (value === null || typeof value !== 'object') return value
  if (value.$missing) return undefined
  if (value.$bytes) return Uint8Array.from(value.$bytes)
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, restored(one)]))
}
