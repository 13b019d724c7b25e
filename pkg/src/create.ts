/** Puts a service together on a platform. The entry files bind the platform. */
import type { CryptoProvider } from './crypto/provider.js'
import { textOf } from './document.js'
import { Engine, type Secrets } from './engine.js'
import type { Memory } from './engine-memory.js'
import { Exchequer } from './exchequer.js'
import type { ExchequerConfig } from './generated/config.js'
import { type Names, checkMembers } from './members.js'
import type { ExchequerOptions } from './options.js'
import { type FetchFunction, Fetcher } from './fetch.js'
import { memoryStore } from './stores/memory.js'
import type { Store } from './stores/store.js'
import { Telemetry, telemetryOf } from './telemetry/telemetry.js'
import type { Host } from './world.js'

/** What differs between platforms. */
export interface Platform {
  /** The instance of the WebAssembly module, made on first use. */
  memory(): Memory
  /** Computes signatures; a function where this has to be found out. */
  readonly crypto: CryptoProvider | (() => Promise<CryptoProvider>)
  readonly secrets: Secrets
  /** Whether a request may wait for what another one fetches. In workerd it would wait for ever once that one is cancelled. */
  readonly joinsFetches: boolean
}

const OPTIONS: Names<ExchequerOptions> = {
  store: true,
  fetch: true,
  crypto: true,
  now: true,
  audit: true,
  onDecision: true,
  secrets: true,
  adminToken: true,
  keyWrappingKey: true,
  sign: true,
  onError: true,
  background: true,
}

export async function create(
  platform: Platform,
  config: ExchequerConfig | string,
  options: ExchequerOptions,
): Promise<Exchequer> {
  checkMembers('createExchequer', options, OPTIONS)
  const crypto = options.crypto ?? (typeof platform.crypto === 'function' ? await platform.crypto() : platform.crypto)
  const now = options.now ?? systemClock
  const text = textOf(config)
  const engine = new Engine({
    memory: platform.memory(),
    config: text,
    secrets: options.secrets ?? platform.secrets,
    verifies: crypto.verifies,
    signs: crypto.signs,
    auditing: options.audit !== undefined,
    now: now(),
    adminToken: options.adminToken,
    keyWrappingKey: options.keyWrappingKey,
  })
  try {
    const fetches: FetchFunction = options.fetch ?? ((url, init) => fetch(url, init))
    const onError = quietly(options.onError)
    const telemetry = new Telemetry({ fetch: fetches, onError, background: options.background })
    telemetry.configure(telemetryOf(text))
    const host: Host = {
      fetcher: new Fetcher(fetches, platform.joinsFetches),
      telemetry,
      store: await open(options.store),
      crypto,
      // A provider that somebody brings has its bytes for itself.
      readsAtOnce: options.crypto === undefined,
      sign: options.sign,
      now,
      onError,
    }
    return new Exchequer(engine, host, options)
  } catch (error) {
    engine.free()
    throw error
  }
}

async function open(store: ExchequerOptions['store']): Promise<Store> {
  const opened = await (typeof store === 'function' ? store() : store === undefined ? memoryStore() : store)
  checkStore(opened)
  return opened
}

/** @throws {TypeError} when it is no store, such as the name of one */
function checkStore(given: unknown): void {
  const store = given as Partial<Store> | null
  const isStore = typeof store === 'object' && [store?.read, store?.list, store?.commit].every((call) => typeof call === 'function')
  if (isStore) return
  const what = store === null ? 'null' : `a ${typeof store}`
  throw new TypeError(
    `\`store\` is ${what} without \`read\`, \`list\` and \`commit\`: a store was expected, or a function that opens one, such as \`() => sqliteStore('file:exchequer.sqlite')\` of exchequer/stores/sqlite`,
  )
}

/** What hears of errors may not make more of them. */
function quietly(onError: ((error: unknown) => void) | undefined): (error: unknown) => void {
  return (error) => {
    try {
      onError?.(error)
    } catch {
      // There is nobody left to tell.
    }
  }
}

export function systemClock(): number {
  return Math.floor(Date.now() / 1000)
}
