/** Prints the size of each file: raw, and as a server sends it with brotli. */
import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'

const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`

for (const file of process.argv.slice(2)) {
  const bytes = readFileSync(file)
  console.log(`${join(basename(dirname(file)), basename(file))}: ${kilobytes(bytes.length)}, brotli ${kilobytes(brotliCompressSync(bytes).length)}`)
}
