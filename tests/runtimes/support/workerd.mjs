/** workerd with one Worker. */
import { Miniflare } from 'miniflare'

import { workerdModules } from './bundle.mjs'

/** workerd without the network, and with the flags that a new Worker gets. */
export const COMPATIBILITY = { compatibilityDate: '2026-04-01', cf: false, telemetry: { enabled: false } }

/** Starts workerd with a Worker of this source. Imports are resolved from the directory. The caller disposes of it. */
export async function workerd(directory, source, options = {}) {
  const miniflare = new Miniflare({ modules: await workerdModules(directory, source), ...COMPATIBILITY, ...options })
  await miniflare.ready
  return miniflare
}
