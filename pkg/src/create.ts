/** Puts a service together on a platform. The entry files bind the platform. */
import type { CryptoProvider } from './crypto/provider.js'
import type { Memory, Secrets } from './engine.js'
import { Exchequer, type ExchequerOptions } from './exchequer.js'
import { Fetcher } from './fetch.js'
import { memoryStore } from './stores/memory.js'

/** What differs between platforms. */
export interface Platform {
  /** The instance of the WebAssembly module, made on first use. */
  memory(): Memory
  readonly crypto: CryptoProvider
  readonly secrets: Secrets
}

export async function create(
  platform: Platform,
  config: object | string,
  options: ExchequerOptions,
): Promise<Exchequer> {
  const crypto = options.crypto ?? platform.crypto
  const onError = options.onError ?? (() => undefined)
  return new Exchequer(
    {
      memory: platform.memory(),
      config: typeof config === 'string' ? config : JSON.stringify(config),
      secrets: options.secrets ?? platform.secrets,
      verifies: crypto.verifies,
      signs: crypto.signs,
    },
    {
      fetcher: new Fetcher(options.fetch ?? ((url, init) => fetch(url, init))),
      store: options.store ?? memoryStore(),
      crypto,
      now: options.now ?? systemClock,
      onError: (error) => {
        try {
          onError(error)
        } catch {
          // There is nobody left to tell.
        }
      },
    },
    options.audit,
  )
}

function systemClock(): number {
  return Math.floor(Date.now() / 1000)
}
