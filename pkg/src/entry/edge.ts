/** Entry for edge runtimes as Vercel's, which compile modules at build time, when they are imported like this. */
import { foundCrypto } from '../crypto/web.js'
import module from '../exchequer.wasm?module'
import { bind } from './bind.js'

export * from '../index.js'
export const { createExchequer, validate } = bind({ module: () => module, crypto: foundCrypto, joinsFetches: false })
