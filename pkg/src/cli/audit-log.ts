/**
 * Standard output of a server, where the audit log goes. That it cannot be written ends no
 * server: the disk may be full, and the program that reads the log may have ended. It is said
 * once, and lines are lost until they can be written again.
 */
import { fstatSync, writeSync } from 'node:fs'
import { isatty } from 'node:tty'

const STDOUT = 1
const NEWLINE = '\n'.charCodeAt(0)

export class AuditLog {
  readonly #lost: (lines: number) => void
  readonly #file = isStream() ? undefined : new File()
  /** Called when there is room again. */
  #waiting: (() => void)[] = []
  #isLost = false

  /** @param lost hears how many lines were lost */
  constructor(lost: (lines: number) => void) {
    this.#lost = lost
    // An error that nobody hears of would end the process.
    process.stdout.on('drain', this.#goOn).on('error', this.#goOn)
  }

  /** Writes whole lines. */
  write(lines: string | Buffer): void {
    if (this.#file === undefined) {
      process.stdout.write(lines, (error) => (error ? this.#failed(error, lines) : this.#done()))
      return
    }
    try {
      this.#file.write(lines)
      this.#done()
    } catch (error) {
      this.#failed(error as Error, lines)
    }
  }

  /** Calls back when there is room again, or will never be; answers whether there is none now. */
  isFull(roomAgain: () => void): boolean {
    if (!process.stdout.writableNeedDrain) return false
    this.#waiting.push(roomAgain)
    return true
  }

  readonly #goOn = (): void => {
    const waiting = this.#waiting
    this.#waiting = []
    for (const roomAgain of waiting) roomAgain()
  }

  #done(): void {
    if (!this.#isLost) return
    this.#isLost = false
    console.error('the audit log is written again')
  }

  #failed({ code }: NodeJS.ErrnoException, lines: string | Buffer): void {
    if (!this.#isLost) console.error(`error: the audit log is lost: standard output cannot be written (${code}); the server goes on without it`)
    this.#isLost = true
    this.#lost(Buffer.from(lines).filter((byte) => byte === NEWLINE).length)
  }
}

/** Whether standard output is read by another program or a person, and is no file. */
function isStream(): boolean {
  const stat = fstatSync(STDOUT)
  return stat.isFIFO() || stat.isSocket() || isatty(STDOUT)
}

/** Written without Node's stream, which takes nothing more after a disk was full. */
class File {
  /** Of the last line only a part was written. */
  #isBroken = false

  write(lines: string | Buffer): void {
    // What follows half a line begins a new one.
    const bytes = Buffer.from(this.#isBroken ? `\n${lines}` : lines)
    let at = 0
    try {
      while (at < bytes.length) at += writeSync(STDOUT, bytes, at)
    } finally {
      if (at > 0) this.#isBroken = bytes[at - 1] !== NEWLINE
    }
  }
}
