/** Entry for Deno, which would need leave to read a file, and for runtimes that nobody has named: the module is text in it. */
import { fromBase64 } from '../bytes.js'
import { foundCrypto } from '../crypto/web.js'
import wasm from '../glue.inline.js'
import { bind } from './bind.js'

export * from '../index.js'
export const { createExchequer, validate } = bind({ module: () => fromBase64(wasm), crypto: foundCrypto, joinsFetches: true })
