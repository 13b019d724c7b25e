/** Entry for browsers: fetches the module beside it, and compiles while it comes. */
import { foundCrypto } from '../crypto/web.js'
import { compiled } from '../wasm.js'
import { bind } from './bind.js'

export * from '../index.js'
// Awaited here because `validate` is synchronous.
const module = await compiled(new URL('../exchequer.wasm', import.meta.url))
export const { createExchequer, validate } = bind({ module: () => module, crypto: foundCrypto, joinsFetches: true })
