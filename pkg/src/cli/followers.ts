/**
 * One configuration for several workers: all of them take over a changed document, or
 * none does. Each checks it first, with the secrets that it finds. Only when all have
 * found it good is any of them told to use it.
 *
 * A worker that starts later is given the document that the others use, and does not
 * read the file, which may be broken by then.
 */
import cluster, { type Worker } from 'node:cluster'

import { ConfigurationError } from '../errors.js'
import type { Exchequer, Prepared } from '../exchequer.js'
import type { Problem } from '../generated/results.js'
import type { Outcome } from './changes.js'
import { messageOf } from './command.js'

/** How long a worker may take to answer. */
const PATIENCE_MS = 10_000

/** What goes between a worker and the process that started it. */
type Message =
  // A worker starts, and is told its configuration.
  | { exchequer: 'starts' }
  | { exchequer: 'configuration'; text: string }
  // A worker is to check a document, and says what it found.
  | { exchequer: 'check'; id: number; text: string }
  | { exchequer: 'checked'; id: number; outcome: Outcome }
  // It is to use what it checked, or to forget it.
  | { exchequer: 'adopt'; id: number }
  | { exchequer: 'adopted'; id: number }
  | { exchequer: 'discard'; id: number }

type Said = Extract<Message, { id: number }>

/** The workers, in the process that started them. */
export class Followers {
  /** The document that is in use. */
  #text: string
  /** Those that were given a configuration. */
  readonly #workers = new Set<Worker>()
  readonly #heard = new Map<Worker, (message: Said | undefined) => void>()
  #ids = 0

  constructor(text: string) {
    this.#text = text
    cluster.on('message', (worker, message: Message) => {
      if (message.exchequer === 'starts') {
        this.#workers.add(worker)
        send(worker, { exchequer: 'configuration', text: this.#text })
      } else if (message.exchequer === 'checked' || message.exchequer === 'adopted') this.#heard.get(worker)?.(message)
    })
    cluster.on('exit', (worker) => {
      this.#workers.delete(worker)
      this.#heard.get(worker)?.(undefined)
    })
  }

  /** Has all of them take over a document, or none. */
  async change(text: string): Promise<Outcome> {
    const id = ++this.#ids
    const asked = [...this.#workers]
    const found = await Promise.all(asked.map((worker) => this.#ask(worker, { exchequer: 'check', id, text }, 'checked')))
    const outcomes = found.flatMap((message) => (message?.exchequer === 'checked' ? [message.outcome] : []))
    const refused = outcomes.find((outcome) => 'problems' in outcome)
    const isMissing = asked.some((worker, index) => found[index] === undefined && this.#workers.has(worker))
    if (refused !== undefined || isMissing || outcomes.length === 0) {
      for (const worker of this.#workers) send(worker, { exchequer: 'discard', id })
      return refused ?? { problems: [UNANSWERED] }
    }
    // From here on a worker that starts is given the new document.
    this.#text = text
    const late = [...this.#workers].filter((worker) => !asked.includes(worker))
    await Promise.all([
      ...asked.map((worker) => this.#orEnd(worker, { exchequer: 'adopt', id }, 'adopted')),
      // One that was given the document before meanwhile takes the new one, or is replaced by one that does.
      ...late.map((worker) => this.#catchUp(worker, text)),
    ])
    return outcomes[0]!
  }

  async #catchUp(worker: Worker, text: string): Promise<void> {
    const id = ++this.#ids
    const message = await this.#ask(worker, { exchequer: 'check', id, text }, 'checked')
    if (message?.exchequer === 'checked' && 'warnings' in message.outcome) {
      await this.#orEnd(worker, { exchequer: 'adopt', id }, 'adopted')
    } else if (this.#workers.has(worker)) worker.process.kill('SIGKILL')
  }

  /** A worker that does not follow is ended; the one in its place is given the document that is in use. */
  async #orEnd(worker: Worker, message: Said, answer: Said['exchequer']): Promise<void> {
    const adopted = await this.#ask(worker, message, answer)
    if (adopted === undefined && this.#workers.has(worker)) worker.process.kill('SIGKILL')
  }

  /** The answer of a worker; `undefined` from one that ends or is silent. */
  #ask(worker: Worker, message: Said, answer: Said['exchequer']): Promise<Said | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => heard(undefined), PATIENCE_MS)
      const heard = (said: Said | undefined) => {
        if (said !== undefined && (said.id !== message.id || said.exchequer !== answer)) return
        clearTimeout(timer)
        this.#heard.delete(worker)
        resolve(said)
      }
      this.#heard.set(worker, heard)
      send(worker, message)
    })
  }
}

/** A worker, as it follows the process that started it. */
export class Follower {
  readonly #exchequer: Promise<Exchequer>
  #follow!: (exchequer: Exchequer) => void
  #prepared: { id: number; change: Prepared } | undefined

  constructor() {
    this.#exchequer = new Promise((resolve) => (this.#follow = resolve))
    process.on('message', (message: Message) => void this.#hear(message))
  }

  /** The configuration to start with. */
  configuration(): Promise<string> {
    return new Promise((resolve) => {
      const hear = (message: Message) => {
        if (message.exchequer !== 'configuration') return
        process.off('message', hear)
        resolve(message.text)
      }
      process.on('message', hear)
      send(process, { exchequer: 'starts' })
    })
  }

  /** From now on the service follows. */
  follow(exchequer: Exchequer): void {
    this.#follow(exchequer)
  }

  async #hear(message: Message): Promise<void> {
    if (message.exchequer === 'check') {
      const { id, text } = message
      send(process, { exchequer: 'checked', id, outcome: this.#check(await this.#exchequer, id, text) })
    } else if (message.exchequer === 'adopt' && this.#prepared?.id === message.id) {
      this.#prepared.change.adopt()
      this.#prepared = undefined
      send(process, { exchequer: 'adopted', id: message.id })
    } else if (message.exchequer === 'discard' && this.#prepared?.id === message.id) this.#discard()
  }

  #check(exchequer: Exchequer, id: number, text: string): Outcome {
    this.#discard()
    try {
      const change = exchequer.prepare(text)
      this.#prepared = { id, change }
      return { warnings: change.warnings }
    } catch (error) {
      if (error instanceof ConfigurationError) return { problems: error.problems }
      return { problems: [{ path: '', problem: messageOf(error), remedy: 'send SIGHUP to try again' }] }
    }
  }

  #discard(): void {
    this.#prepared?.change.discard()
    this.#prepared = undefined
  }
}

const UNANSWERED: Problem = {
  path: '',
  problem: 'a worker did not say whether it can use the configuration',
  remedy: 'send SIGHUP to try again',
}

/** Whoever is gone has nobody to tell. */
function send(to: Worker | NodeJS.Process, message: Message): void {
  to.send?.(message, undefined, undefined, () => undefined)
}
