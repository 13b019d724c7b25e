/** The release that is tested: `EXCHEQUER_RELEASE`, else what `cargo xtask release` wrote. */
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
export const RELEASE = resolve(process.env.EXCHEQUER_RELEASE ?? join(ROOT, 'target/release-artifacts'))
export const VERSION = JSON.parse(readFileSync(join(ROOT, 'pkg/package.json'), 'utf8')).version
export const PYTHON = join(ROOT, 'tests/.venv/bin/python')

export const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex')

/** The paths of all files below a folder of the release. */
export function filesIn(folder) {
  const names = readdirSync(join(RELEASE, folder), { recursive: true, encoding: 'utf8' })
  return names.map((name) => join(RELEASE, folder, name)).filter((path) => statSync(path).isFile()).sort()
}

/** A layout: its blobs by digest, and what its index names. */
export function layout(name) {
  const folder = join(RELEASE, 'oci', name)
  const blob = (digest) => readFileSync(join(folder, 'blobs', digest.replace(':', '/')))
  const json = (digest) => JSON.parse(blob(digest))
  const index = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8'))
  const tags = Object.fromEntries(index.manifests.map((entry) => [entry.annotations['org.opencontainers.image.ref.name'], entry.digest]))
  return { folder, blob, json, tags }
}
