/** The world around a service under test: a scripted web, a store that may fail, a clock that is set. */
import { text } from './fixtures.mjs'

export class World {
  now = 0
  storeFails = false
  /** Every URL that was fetched since the last `forget`. */
  fetched = []
  /** URLs without a script: they must not have been fetched. */
  unscripted = []
  #scripts = new Map()
  #fixtures
  #store

  constructor(fixtures, store) {
    this.#fixtures = fixtures
    this.#store = store
    this.script(fixtures.json('web.json'))
  }

  /** Puts scripts in the place of those that their URLs had. */
  script(scripts = {}) {
    for (const [url, answers] of Object.entries(scripts)) this.#scripts.set(url, [...answers])
  }

  /** For `ExchequerOptions.fetch`. */
  fetch = async (url, init) => {
    this.fetched.push(url)
    const script = this.#scripts.get(url)
    if (script === undefined) this.unscripted.push(url)
    const answer = script?.length > 1 ? script.shift() : script?.[0]
    if (answer === 'timedOut') return aborted(init.signal)
    if (answer === undefined || typeof answer === 'string') throw new TypeError('fetch failed', { cause: { code: CODES[answer] } })
    const { status = 200, headers, body, text: raw } = answer
    const content = body === undefined ? text(raw ?? '') : JSON.stringify(this.#fixtures.expand(body))
    const bodiless = status === 204 || status === 304
    return new Response(bodiless ? null : content, { status, headers })
  }

  /** For `ExchequerOptions.store`. */
  get store() {
    const checked = (method) => (...args) => {
      if (this.storeFails) throw new Error('the store is down')
      return this.#store[method](...args)
    }
    return { read: checked('read'), list: checked('list'), commit: checked('commit') }
  }
}

/** What Node's `fetch` has as the code of its cause. */
const CODES = { unresolved: 'ENOTFOUND', untrusted: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', proxy: 'ERR_PROXY' }

/** Never comes; and keeps the process alive until it is given up, which the signal's own timer does not. */
function aborted(signal) {
  return new Promise((_, reject) => {
    const awake = setInterval(() => undefined, 1000)
    signal.addEventListener('abort', () => {
      clearInterval(awake)
      reject(signal.reason)
    })
  })
}
