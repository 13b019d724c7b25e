/**
 * Makes a component that traps when it is given something of `TRAP` bytes: no
 * component of ours can be made to otherwise. `trap.mjs COMPONENT TRAPPING`.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import binaryen from 'binaryen'

export const TRAP = 7777

const CORE_MODULE = 1
const PREAMBLE = 8
const REALLOC = 'cabi_realloc'

/** A core module of a component, with the trap in what makes room for its arguments. */
export function trapping(core) {
  binaryen.setOptimizeLevel(0)
  const module = binaryen.readBinary(core)
  const inner = binaryen.getExportInfo(module.getExport(REALLOC)).value
  const { i32 } = binaryen
  // Where it was, its length, its alignment, its new length.
  const at = (index) => module.local.get(index, i32)
  module.removeExport(REALLOC)
  const body = module.block(null, [
    module.if(module.i32.eq(at(3), module.i32.const(TRAP)), module.unreachable()),
    module.return(module.call(inner, [0, 1, 2, 3].map(at), i32)),
  ])
  module.addFunction('trapping', binaryen.createType([i32, i32, i32, i32]), i32, [], body)
  module.addFunctionExport('trapping', REALLOC)
  const bytes = module.emitBinary()
  module.dispose()
  return bytes
}

/** A component, with its greatest core module so. Sections are an id, a length, and as many bytes. */
function trappingComponent(bytes) {
  const sections = []
  for (let at = PREAMBLE; at < bytes.length; ) {
    const [length, start] = leb128(bytes, at + 1)
    sections.push({ id: bytes[at], content: bytes.subarray(start, start + length) })
    at = start + length
  }
  const cores = sections.filter(({ id }) => id === CORE_MODULE)
  const main = cores.reduce((one, other) => (one.content.length > other.content.length ? one : other))
  main.content = trapping(main.content)
  const written = sections.map(({ id, content }) => Buffer.concat([Buffer.from([id]), toLeb128(content.length), content]))
  return Buffer.concat([bytes.subarray(0, PREAMBLE), ...written])
}

/** A number, and where what follows it begins. */
function leb128(bytes, at) {
  let number = 0
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++]
    number |= (byte & 0x7f) << shift
    if (byte < 0x80) return [number, at]
  }
}

function toLeb128(number) {
  const bytes = []
  for (; number >= 0x80; number >>>= 7) bytes.push((number & 0x7f) | 0x80)
  return Buffer.from([...bytes, number])
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [from, to] = process.argv.slice(2)
  writeFileSync(to, trappingComponent(readFileSync(from)))
}
