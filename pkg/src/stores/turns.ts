/**
 * Calls of a server, one behind the other: what is sent later is done later, so that a read
 * sees what a call before it wrote. While the server does not answer, nobody waits for long.
 */
export class Turns {
  readonly #milliseconds: number
  #last: Promise<unknown> = Promise.resolve()

  /** @param milliseconds how long a call may wait for its turn, and then for its answer */
  constructor(milliseconds: number) {
    this.#milliseconds = milliseconds
  }

  take<T>(call: () => Promise<T>): Promise<T> {
    const late = performance.now() + this.#milliseconds
    const done = this.#last.then(() => {
      // Not sent any more: the caller has an answer by then, or is gone.
      if (performance.now() > late) throw this.#tooLate()
      return this.#answered(call())
    })
    this.#last = done.catch(() => undefined)
    return done
  }

  async #answered<T>(answer: Promise<T>): Promise<T> {
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<never>((_, reject) => (timer = setTimeout(() => reject(this.#tooLate()), this.#milliseconds)))
    try {
      return await Promise.race([answer, late])
    } finally {
      clearTimeout(timer)
    }
  }

  #tooLate(): Error {
    return new Error(`the server of the store did not answer within ${this.#milliseconds} ms`)
  }
}
