/** Starts the two servers of the demo as processes of their own, and stops them. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'

/** A port that is free now: the one wished for, or another. */
export async function freePort(wished) {
  for (const port of [wished, 0]) {
    const taken = await new Promise((resolve) => {
      const server = createServer()
      server.once('error', () => resolve(undefined))
      server.listen(port, '127.0.0.1', () => {
        const { port } = server.address()
        server.close(() => resolve(port))
      })
    })
    if (taken !== undefined) return taken
  }
  throw new Error('this machine has no free port')
}

/** A script that serves, and the lines it writes. */
export class ServerProcess {
  #child
  #lines = []
  #waiting = []
  #errors = ''

  constructor(script, args, env) {
    this.#child = spawn(process.execPath, [script, ...args], {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      this.#lines.push(line)
      for (const look of [...this.#waiting]) look()
    })
    this.#child.stderr.on('data', (data) => {
      this.#errors += data
    })
  }

  /** The next line that `accepts` accepts; lines before it are dropped. */
  line(accepts) {
    return new Promise((resolve, reject) => {
      const look = () => {
        while (this.#lines.length > 0) {
          const line = this.#lines.shift()
          if (accepts(line)) return done(() => resolve(line))
        }
      }
      const ended = () => done(() => reject(new Error(`a server ended too early\n${this.#errors}`)))
      const late = setTimeout(() => done(() => reject(new Error(`a server said nothing\n${this.#errors}`))), 20_000)
      const done = (settle) => {
        this.#waiting = this.#waiting.filter((one) => one !== look)
        this.#child.off('exit', ended)
        clearTimeout(late)
        settle()
      }
      this.#waiting.push(look)
      this.#child.once('exit', ended)
      look()
    })
  }

  async stop() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    await exited
  }
}
