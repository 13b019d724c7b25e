/** How the command reaches other servers: through the proxies of its environment. */
import type { FetchFunction } from '../fetch.js'
import { UsageError, messageOf } from './command.js'

/** `undefined`: the runtime's own `fetch`, which is not touched before it is needed. */
export async function fetchOfEnvironment(): Promise<FetchFunction | undefined> {
  const { namesProxy, throughProxies } = await import('../node/proxy.js')
  if (!namesProxy(process.env)) return undefined
  try {
    return throughProxies(process.env, (url, init) => fetch(url, init))
  } catch (error) {
    throw new UsageError(messageOf(error))
  }
}
