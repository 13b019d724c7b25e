import { GRACE_SECONDS, SWEEP_SECONDS } from './store.js'

/**
 * Says when a store removes records that have expired, and which.
 *
 * A clock that jumps ahead and comes back must not take with it what is still
 * needed: a token that counts once would count again. So the time by which records
 * are removed runs no faster than the time that passes in this process, whatever
 * the clock says. A clock that goes back takes it back.
 */
export class Sweeper {
  /** What the clock says, as far as it is believed, in seconds since the epoch. */
  #believed: number | undefined
  /** When that was, in seconds of this process. */
  #at = 0
  #swept = 0

  /**
   * Records may be removed that expired before the time that this answers, in
   * seconds since the epoch.
   *
   * @param now what the clock says, in seconds since the epoch
   */
  before(now: number): number {
    const at = performance.now() / 1000
    this.#believed = Math.min(now, this.#believed === undefined ? now : this.#believed + at - this.#at)
    this.#at = at
    return Math.floor(this.#believed) - GRACE_SECONDS
  }

  /** The same when a sweep is due, and `undefined` when it is not. */
  due(now: number): number | undefined {
    // Nobody believes more than the clock says. This is asked with every write.
    const most = now - GRACE_SECONDS
    if (most >= this.#swept && most < this.#swept + SWEEP_SECONDS) return undefined
    const before = this.before(now)
    // After the clock went back it is long until the last sweep is past.
    if (before < this.#swept) this.#swept = before
    return before >= this.#swept + SWEEP_SECONDS ? before : undefined
  }

  /** Everything that expired before this is removed. */
  done(before: number): void {
    this.#swept = before
  }
}
