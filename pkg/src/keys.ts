/**
 * Parsed keys, by the numbers that the engine gives them. Parsing a key costs as
 * much as a signature, so each is parsed once. One cache for each engine: the
 * numbers are the engine's.
 */
import { isPromise } from './awaitable.js'

/** Keys that are kept; the one that came first goes first. */
const MOST = 2000

type Parsed = unknown

export class Keys {
  readonly #parsed = new Map<number, Parsed>()

  /** The key with this number, if it was parsed. */
  known(number: number): Parsed {
    return this.#parsed.get(number)
  }

  /**
   * Keeps a key when it is there, and not before: a request does not wait for
   * another one, which its platform may stop.
   */
  keep(number: number, parsed: Parsed | Promise<Parsed>): Parsed | Promise<Parsed> {
    return isPromise(parsed) ? parsed.then((ready) => this.#kept(number, ready)) : this.#kept(number, parsed)
  }

  #kept(number: number, parsed: Parsed): Parsed {
    const oldest = this.#parsed.size >= MOST ? this.#parsed.keys().next().value : undefined
    if (oldest !== undefined) this.#parsed.delete(oldest)
    this.#parsed.set(number, parsed)
    return parsed
  }
}
