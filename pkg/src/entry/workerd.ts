/** Entry for workerd, which compiles modules when a Worker is deployed and never afterwards. */
import { webCrypto } from '../crypto/web.js'
import module from '../exchequer.wasm'
import { bind } from './bind.js'

export * from '../index.js'
export const { createExchequer, validate } = bind({ module: () => module, crypto: webCrypto, joinsFetches: false })
