/** What Node brings. The module is compiled on first use, never on import: `require(esm)` must work. */
import { readFileSync } from 'node:fs'

import type { Platform } from '../create.js'
import { nodeCrypto } from '../crypto/node.js'
import type { Memory } from '../engine-memory.js'
import { initSync } from '../glue.js'
import { secretsFrom } from './secrets.js'

let memory: Memory | undefined

export const nodePlatform: Platform = {
  memory() {
    memory ??= initSync({ module: readFileSync(new URL('../exchequer.wasm', import.meta.url)) }).memory
    return memory
  },
  crypto: nodeCrypto,
  secrets: secretsFrom('.'),
  joinsFetches: true,
}
