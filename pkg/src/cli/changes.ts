/**
 * The configuration document of a server that runs: read again on SIGHUP, and with
 * `--watch` whenever it or a file of a secret in it changes. What is wrong with it is
 * reported as `exchequer check` reports it, and the server goes on with the document
 * that it has.
 */
import { unwatchFile, watchFile } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'

import { ConfigurationError } from '../errors.js'
import type { Problem } from '../generated/results.js'
import { messageOf, printProblems, printWarnings, readConfiguration } from './command.js'

/**
 * Files are looked at this often. A look costs one `stat`. It sees what a watch of the
 * operating system does not: a mounted file, a network file system, and the symbolic
 * link that Kubernetes turns to another folder.
 */
const LOOK_EVERY_MS = 1000

/** A document that was just written has to stay as it is for so long before it is read. */
const SETTLED_MS = 100

/** What became of a document. */
export type Outcome = { readonly problems: readonly Problem[] } | { readonly warnings: readonly Problem[] }

export class Changes {
  readonly #file: string
  readonly #watch: boolean
  readonly #json: boolean
  #watched: readonly string[] = []
  #apply: ((text: string) => Promise<Outcome>) | undefined
  #runs = false
  #isDue = false

  constructor(file: string, { watch, json }: { watch: boolean; json: boolean }) {
    this.#file = file
    this.#watch = watch
    this.#json = json
    // Before the server listens a signal must not end it.
    process.on('SIGHUP', this.#due)
  }

  /**
   * The text of the document.
   * @throws {ConfigurationError} when it cannot be read
   */
  read(): string {
    const text = readConfiguration(this.#file)
    if (this.#watch) this.#look([this.#file, ...filesIn(text, dirname(this.#file))])
    return text
  }

  /** Gives every changed document to `apply`, one at a time. */
  follow(apply: (text: string) => Promise<Outcome>): void {
    this.#apply = apply
    if (this.#isDue) void this.#run()
  }

  end(): void {
    process.off('SIGHUP', this.#due)
    this.#look([])
  }

  readonly #due = (): void => {
    this.#isDue = true
    if (this.#apply !== undefined && !this.#runs) void this.#run()
  }

  async #run(): Promise<void> {
    this.#runs = true
    while (this.#isDue) {
      this.#isDue = false
      await this.#change()
    }
    this.#runs = false
  }

  async #change(): Promise<void> {
    try {
      this.#say(await this.#apply!(await this.#settled()))
    } catch (error) {
      if (error instanceof ConfigurationError) this.#say({ problems: error.problems })
      else this.#say({ problems: [{ path: this.#file, problem: messageOf(error), remedy: 'send SIGHUP to try again' }] })
    }
  }

  /** The document, when nobody writes to it. */
  async #settled(): Promise<string> {
    for (let text = this.read(); ; ) {
      await setTimeout(SETTLED_MS)
      const again = this.read()
      if (again === text) return text
      text = again
    }
  }

  #say(outcome: Outcome): void {
    if ('warnings' in outcome) {
      if (this.#json) console.log(JSON.stringify({ event: 'configurationChanged', warnings: outcome.warnings }))
      console.error(`${this.#file}: the changed configuration is in use`)
      printWarnings(this.#file, outcome.warnings)
      return
    }
    if (this.#json) console.log(JSON.stringify({ event: 'configurationRefused', problems: outcome.problems }))
    printProblems(this.#file, outcome.problems, false)
    console.error(`${this.#file}: the former configuration stays in use`)
  }

  #look(files: readonly string[]): void {
    for (const file of this.#watched) if (!files.includes(file)) unwatchFile(file, this.#due)
    for (const file of files) {
      // A process that has nothing else to do may end.
      if (!this.#watched.includes(file)) watchFile(file, { interval: LOOK_EVERY_MS, persistent: false }, this.#due)
    }
    this.#watched = files
  }
}

/** The files that a document takes secrets from: `{"file": PATH}`, wherever it stands. */
export function filesIn(text: string, directory: string): string[] {
  const files = new Set<string>()
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const members = Object.entries(value)
    const [only] = members
    if (members.length === 1 && only![0] === 'file' && typeof only![1] === 'string') files.add(resolve(directory, only![1]))
    for (const [, member] of members) visit(member)
  }
  try {
    visit(JSON.parse(text))
  } catch {
    // What is no JSON names no files, and is reported by the engine.
  }
  return [...files]
}
