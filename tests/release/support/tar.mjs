/** The entries of a tar archive, also of a compressed one. */
import { gunzipSync } from 'node:zlib'

const text = (bytes) => bytes.subarray(0, bytes.indexOf(0) < 0 ? bytes.length : bytes.indexOf(0)).toString()
const number = (bytes) => Number.parseInt(text(bytes).trim() || '0', 8)

export function entriesOf(archive) {
  const bytes = archive[0] === 0x1f ? gunzipSync(archive) : archive
  const entries = []
  let long
  for (let at = 0; at + 512 <= bytes.length && bytes[at] !== 0; ) {
    const header = bytes.subarray(at, at + 512)
    const field = (from, length) => header.subarray(from, from + length)
    const size = number(field(124, 12))
    const body = bytes.subarray(at + 512, at + 512 + size)
    const type = String.fromCharCode(header[156])
    if (type === 'L') {
      long = text(body)
    } else {
      entries.push({
        path: long ?? text(field(0, 100)), type, body,
        mode: number(field(100, 8)), owner: number(field(108, 8)), modified: number(field(136, 12)), ownerName: text(field(265, 32)),
      })
      long = undefined
    }
    at += 512 + Math.ceil(size / 512) * 512
  }
  return entries
}
