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

/** Bytes of each artifact: `{ file: { raw, brotli } }`. */
export const artifacts = () => Object.fromEntries(Object.keys(ARTIFACTS).map((file) => [file, sizeOf(readFileSync(`${PACKAGE}dist/${file}`))]))

const sizeOf = (bytes) => ({ raw: bytes.length, brotli: brotliCompressSync(bytes).length })

/** Bytes of the npm package: what npm transfers, and what it takes on the disk. */
export function tarball() {
  const said = execFileSync('npm', ['pack', '--dry-run', '--json', '--loglevel=error'], { cwd: PACKAGE, encoding: 'utf8' })
  const [{ size, unpackedSize }] = JSON.parse(said)
  return { packed: size, unpacked: unpackedSize }
}
