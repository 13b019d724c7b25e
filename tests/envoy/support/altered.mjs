/** The filter, altered: what it does not show as it is. */
import binaryen from 'binaryen'

/** More header fields than this make the trapping filter trap. */
export const TRAP = 60

const { i32 } = binaryen
const argument = (module) => (index) => module.local.get(index, i32)

/** Header fields that make the trapping filter trap. */
export const trap = () => Object.fromEntries(Array.from({ length: TRAP }, (_, index) => [`x-${index}`, '1']))

/** The filter, with a trap where a request has very many header fields. */
export function trapping(wasm) {
  const name = 'proxy_on_request_headers'
  return altered(wasm, (module) => {
    const inner = binaryen.getExportInfo(module.getExport(name)).value
    module.removeExport(name)
    const at = argument(module)
    const body = module.block(null, [
      module.if(module.i32.gt_u(at(1), module.i32.const(TRAP)), module.unreachable()),
      module.return(module.call(inner, [at(0), at(1), at(2)], i32)),
    ])
    module.addFunction('trapping', binaryen.createType([i32, i32, i32]), i32, [], body)
    module.addFunctionExport('trapping', name)
  })
}

/**
 * The filter as a proxy runs it that has no `sign`, as Envoy before 1.37 has
 * none, or none for keys `from` so many bytes on: it then asks for `sig`, which
 * is not there.
 */
export function withoutSign(wasm, { from = 0 } = {}) {
  // A function of the SDK: result, name, length of the name, arguments, their length.
  const [name] = /_ZN10proxy_wasm9hostcalls21call_foreign_function17h\w{16}E/.exec(wasm.toString('latin1'))
  return altered(wasm, (module) => {
    const { params, vars, body } = binaryen.getFunctionInfo(module.getFunction(name))
    module.removeFunction(name)
    module.addFunction('inner', params, binaryen.none, vars, body)
    const at = argument(module)
    const { length } = 'sign'
    const signs = module.i32.eq(at(2), module.i32.const(length))
    const long = module.i32.ge_u(at(4), module.i32.const(from))
    const shorter = module.select(module.i32.and(signs, long), module.i32.const(length - 1), at(2))
    module.addFunction(name, params, binaryen.none, [], module.call('inner', [at(0), at(1), shorter, at(3), at(4)], binaryen.none))
  })
}

function altered(wasm, alter) {
  binaryen.setOptimizeLevel(0)
  const module = binaryen.readBinary(wasm)
  alter(module)
  const bytes = module.emitBinary()
  module.dispose()
  return bytes
}
