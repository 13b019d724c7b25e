/** The engine of the npm package with a trap in it: nothing that is sent makes it trap as it is. */
import binaryen from 'binaryen'

/** A body of so many bytes makes it trap. */
export const TRAP = 7777

const HANDLE = 'authority_handle'
/** Which argument of it is the length of the body. */
const BODY = 2

export function trapping(wasm) {
  binaryen.setOptimizeLevel(0)
  const module = binaryen.readBinary(wasm)
  const inner = binaryen.getExportInfo(module.getExport(HANDLE)).value
  const { params, results } = binaryen.getFunctionInfo(module.getFunction(inner))
  const all = binaryen.expandType(params).map((type, index) => module.local.get(index, type))
  const isLong = module.i32.eq(module.local.get(BODY, binaryen.i32), module.i32.const(TRAP))
  const body = [module.if(isLong, module.unreachable()), module.return(module.call(inner, all, results))]
  module.removeExport(HANDLE)
  module.addFunction('trapping', params, results, [], module.block(null, body))
  module.addFunctionExport('trapping', HANDLE)
  const bytes = module.emitBinary()
  module.dispose()
  return bytes
}
