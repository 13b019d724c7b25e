/** The service of an isolate: made by its first request, kept for those that follow. */
import { waitUntil } from 'cloudflare:workers'

import { createExchequer } from '../entry/workerd.js'
import type { Exchequer } from '../exchequer.js'
import type { ExchequerConfig } from '../generated/config.js'
import { type Names, checkMembers } from '../members.js'
import type { Awaitable, Store } from '../stores/store.js'
import { type Bindings, configuration, secretsFrom, store } from './bindings.js'

/** What the Worker's author gives instead of bindings. */
export interface WorkerOptions {
  /** The configuration document. Default: the binding `EXCHEQUER_CONFIG`. */
  config?: ExchequerConfig | string | undefined
  /** Where records are kept. Default: the binding `EXCHEQUER_STORE` or `EXCHEQUER_DB`. */
  store?: Store | ((bindings: never) => Awaitable<Store>) | undefined
  /** Gets each line of the audit log, JSON. Default: `console.log`. `false` keeps no audit log, and writes none of its lines. */
  audit?: ((line: string) => void) | false | undefined
}

const OPTIONS: Names<WorkerOptions> = { config: true, store: true, audit: true }

/** Seconds after which a configuration from KV is looked at again. */
const LOOK_AGAIN_SECONDS = 60

export class Service {
  readonly #options: WorkerOptions
  #current: Exchequer | undefined
  #document: ExchequerConfig | string | undefined
  /** When to look whether the configuration has changed; never without KV. */
  #lookAt = Number.POSITIVE_INFINITY

  constructor(options: WorkerOptions) {
    checkMembers('createWorker', options, OPTIONS)
    this.#options = options
  }

  /**
   * The service. Requests that come while it is made make one each, and the
   * first is kept: in workerd a request that waits for another one waits for
   * ever when that is cancelled.
   */
  for(bindings: Bindings): Awaitable<Exchequer> {
    if (this.#current === undefined) return this.#open(bindings)
    if (Date.now() >= this.#lookAt) {
      this.#lookAt = Date.now() + LOOK_AGAIN_SECONDS * 1000
      waitUntil(this.#open(bindings).catch(report))
    }
    return this.#current
  }

  async #open(bindings: Bindings): Promise<Exchequer> {
    const { document, mayChange } = await this.#configuration(bindings)
    if (this.#current !== undefined) {
      if (mayChange && document !== this.#document) {
        await this.#current.reconfigure(document)
        this.#document = document
        warn(this.#current)
      }
      return this.#current
    }
    const made = await createExchequer(document, {
      store: () => this.#store(bindings),
      secrets: secretsFrom(bindings),
      adminToken: bindings.EXCHEQUER_ADMIN_TOKEN || undefined,
      keyWrappingKey: bindings.EXCHEQUER_KEY_WRAPPING_KEY || undefined,
      audit: this.#audit(),
      onError: report,
      background: waitUntil,
    })
    warn(made)
    // Another request may have been first.
    if (this.#current === undefined) {
      this.#current = made
      this.#document = document
      if (mayChange) this.#lookAt = Date.now() + LOOK_AGAIN_SECONDS * 1000
    }
    return this.#current
  }

  async #configuration(bindings: Bindings): Promise<{ document: ExchequerConfig | string; mayChange: boolean }> {
    const { config } = this.#options
    return config === undefined ? configuration(bindings) : { document: config, mayChange: false }
  }

  #audit(): ((line: string) => void) | undefined {
    const { audit = (line: string) => console.log(line) } = this.#options
    return audit === false ? undefined : audit
  }

  #store(bindings: Bindings): Awaitable<Store> {
    const given = this.#options.store
    if (given === undefined) return store(bindings)
    return typeof given === 'function' ? given(bindings as never) : given
  }
}

function warn({ warnings }: Exchequer): void {
  for (const { path, problem, remedy } of warnings) console.warn(`${path}: ${problem}; ${remedy}`)
}

/** For the Worker's log. What is wrong with a configuration names no secret. */
export function report(error: unknown): void {
  console.error(error instanceof Error ? `error: ${error.message}` : error)
}
