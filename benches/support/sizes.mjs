/** How large everything is that is published: raw, and as a server sends it with brotli. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync } from 'node:zlib'

const PACKAGE = fileURLToPath(new URL('../../pkg/', import.meta.url))

/** What is loaded by a host of its own, by its file in pkg/dist. */
export const ARTIFACTS = {
  'exchequer.wasm': 'the engine of the npm package',
  'lean/exchequer.wasm': 'the engine of the lean entry',
  'exchequer-envoy.wasm': 'the filter for Envoy',
  'exchequer-engine.component.wasm': 'component of the world `engine`',
  'exchequer-authority.component.wasm': 'component of the world `authority`',
  'exchequer-component.wasm': 'component of `wasi:http`',
}

/** Those that a server sends to whoever runs them. The others are read from a disk. */
const SENT = ['exchequer.wasm', 'lean/exchequer.wasm', 'exchequer-envoy.wasm']

const read = (file) => readFileSync(`${PACKAGE}dist/${file}`)

/** Bytes of each artifact, `{ file: { raw, brotli } }`; `brotli`, which takes seconds to make, only of what is sent. */
export const artifacts = () =>
  Object.fromEntries(Object.keys(ARTIFACTS).map((file) => [file, { raw: read(file).length, ...(SENT.includes(file) && { brotli: compressed(file) }) }]))

/** Bytes of an artifact with brotli at its highest level. */
export const compressed = (file) => brotliCompressSync(read(file)).length

/** Bytes of the npm package: what npm transfers, and what it takes on the disk. */
export function tarball() {
  const said = execFileSync('npm', ['pack', '--dry-run', '--json', '--loglevel=error'], { cwd: PACKAGE, encoding: 'utf8' })
  const [{ size, unpackedSize }] = JSON.parse(said)
  return { packed: size, unpacked: unpackedSize }
}
