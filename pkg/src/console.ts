/**
 * The console over HTTP, wherever its files are kept: which request is for which
 * file, and the header fields that go with it. Hosts bring the bytes.
 */

/** Header fields of every reply. */
export const SECURITY = {
  'content-security-policy':
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

const TYPES: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  wasm: 'application/wasm',
}

/** Segments of letters, digits, `_`, `-` and dots that do not begin with one: no way out of a folder. */
const NAME = /^(?:[\w-][\w.-]*\/)*[\w-][\w.-]*\.(\w+)$/

/** What becomes of a request for the console. */
export interface Plan {
  status: number
  headers: Record<string, string>
  /** The file that is the body, unless it turns out to be missing. */
  file?: string
  /** The body, where no file is. */
  text: string
}

/** What becomes of a request, or `undefined` when it is not for the console. */
export function planOf(method: string, path: string): Plan | undefined {
  const at = path.indexOf('/console')
  const rest = path.slice(at + '/console'.length)
  if (at < 0 || (rest !== '' && rest[0] !== '/')) return undefined
  // A user may be called so, and so may what metadata are about.
  if (path.startsWith('/.well-known/') || /\/(scim2|api)\//.test(path.slice(0, at + 1))) return undefined
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, headers: { ...SECURITY, allow: 'GET, HEAD' }, text: '' }
  // Links of the page are relative to the folder; so is this one, and leads to no other host.
  if (rest === '') return { status: 308, headers: { ...SECURITY, location: 'console/' }, text: '' }
  return fileOf(rest.slice(1) || 'index.html')
}

/** A file of the console by its name. */
export function fileOf(name: string): Plan {
  const [, extension = ''] = NAME.exec(name) ?? []
  const type = Object.hasOwn(TYPES, extension) ? TYPES[extension] : undefined
  if (type === undefined) return missing()
  // Names below assets/ change with what is in them.
  const cache = name.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache'
  return { status: 200, headers: { ...SECURITY, 'content-type': type, 'cache-control': cache }, file: name, text: '' }
}

/** The reply where there is no file. */
export function missing(why = 'there is no such file'): Plan {
  return { status: 404, headers: { ...SECURITY, 'content-type': 'text/plain', 'cache-control': 'no-store' }, text: `${why}\n` }
}
