/**
 * `/metrics` of a server with several workers. Each counts by itself. The one
 * that is asked has the others asked the same, through the process that started
 * them, and answers for all, with a label that tells the workers apart: of a
 * worker that was replaced Prometheus then sees that its counters began anew.
 *
 * The others get the request as it came. Each decides for itself whether its
 * sender may know.
 */
import cluster, { type Worker } from 'node:cluster'

import type { Reply } from '../engine.js'
import type { Exchequer } from '../exchequer.js'
import type { PlainRequest } from '../options.js'
import { auditLostText } from '../telemetry/telemetry.js'

/** How long a worker may take to answer another one. */
const PATIENCE_MS = 2000

const METRICS = 'text/plain; version=0.0.4; charset=utf-8'

/** What a worker counted; no text if it did not answer. */
interface Counted {
  worker: number
  text?: string | undefined
}

type Scraped = Pick<PlainRequest, 'method' | 'target' | 'headers'>

/** What goes between a worker and the process that started it. */
type Message =
  // A worker wants to know what the others counted, and is told.
  | { exchequer: 'ask'; id: number; request: Scraped }
  | { exchequer: 'told'; id: number; counted: Counted[]; linesLost: number }
  // A worker is asked what it counted, and says so.
  | { exchequer: 'scrape'; id: number; request: Scraped }
  | { exchequer: 'scraped'; id: number; text?: string | undefined }

type Told = Extract<Message, { exchequer: 'told' }>

/** What the process that started the workers knows. */
interface Relayed {
  workers(): readonly { number: number; worker: Worker }[]
  /** How many lines of the audit log it could not write. */
  linesLost(): number
}

/** Asks workers for each other, in the process that started them. */
export function relayScrapes({ workers, linesLost }: Relayed): void {
  let scrapes = 0
  const answers = new Map<number, (text: string | undefined) => void>()

  const scrape = (worker: Worker, request: Scraped) => {
    const id = ++scrapes
    return new Promise<string | undefined>((resolve) => {
      const timer = setTimeout(() => answer(undefined), PATIENCE_MS)
      const answer = (text: string | undefined) => {
        clearTimeout(timer)
        answers.delete(id)
        resolve(text)
      }
      answers.set(id, answer)
      send(worker, { exchequer: 'scrape', id, request })
    })
  }
  cluster.on('message', (asking, message: Message) => {
    if (message.exchequer === 'scraped') return answers.get(message.id)?.(message.text)
    if (message.exchequer !== 'ask') return
    const { id, request } = message
    const others = workers().filter(({ worker }) => worker !== asking)
    const counted = others.map(async ({ number, worker }) => ({ worker: number, text: await scrape(worker, request) }))
    void Promise.all(counted).then((counted) => send(asking, { exchequer: 'told', id, counted, linesLost: linesLost() }))
  })
}

/** The service of this worker, whose `/metrics` are those of all workers. */
export function withMetricsOfAll(exchequer: Exchequer, number: number): Pick<Exchequer, 'handle'> {
  let asked = 0
  const waiting = new Map<number, (told: Told) => void>()

  process.on('message', (message: Message) => {
    if (message.exchequer === 'told') return waiting.get(message.id)?.(message)
    if (message.exchequer !== 'scrape') return
    const { id, request } = message
    const say = (text?: string) => send(process, { exchequer: 'scraped', id, text })
    Promise.resolve()
      .then(() => exchequer.handle(request))
      .then((reply) => say(isMetrics(reply) ? new TextDecoder().decode(reply.body) : undefined))
      .catch(() => say())
  })

  const others = (request: Scraped) => {
    const id = ++asked
    return new Promise<Told>((resolve) => {
      waiting.set(id, (told) => {
        waiting.delete(id)
        resolve(told)
      })
      send(process, { exchequer: 'ask', id, request })
    })
  }
  const ofAll = async ({ method, target, headers = [] }: PlainRequest, reply: Reply): Promise<Reply> => {
    if (!isMetrics(reply) || method !== 'GET') return reply
    const { counted, linesLost } = await others({ method, target, headers })
    counted.push({ worker: number, text: new TextDecoder().decode(reply.body) })
    return { ...reply, body: new TextEncoder().encode(merged(counted, linesLost)) }
  }
  return {
    handle(request) {
      const reply = exchequer.handle(request)
      if (!request.target.includes('/metrics')) return reply
      return Promise.resolve(reply).then((reply) => ofAll(request, reply))
    },
  }
}

function isMetrics({ status, headers }: Reply): boolean {
  return status === 200 && headers.includes(METRICS)
}

/** The metrics of several workers, each sample with the number of its worker; and of the process that writes their lines. */
export function merged(counted: readonly Counted[], linesLost: number): string {
  const families = new Map<string, { head: string; samples: string[] }>()
  const up: string[] = []
  const add = (text: string, sampleOf: (line: string) => string) => {
    let name = ''
    for (const line of text.split('\n')) {
      if (line === '') continue
      if (line.startsWith('# HELP ')) name = line.split(' ')[2]!
      const family = families.get(name) ?? { head: '', samples: [] }
      families.set(name, family)
      if (!line.startsWith('#')) family.samples.push(`${sampleOf(line)}\n`)
      else if (!family.head.includes(line)) family.head += `${line}\n`
    }
  }
  for (const { worker, text } of counted.toSorted((a, b) => a.worker - b.worker)) {
    up.push(`exchequer_worker_up{worker="${worker}"} ${text === undefined ? 0 : 1}\n`)
    add(text ?? '', (line) => labelled(line, worker))
  }
  add(auditLostText(linesLost), (line) => line)
  const all = [...families.values()].map(({ head, samples }) => head + samples.join(''))
  const heads = '# HELP exchequer_worker_up Whether the worker answered this scrape.\n# TYPE exchequer_worker_up gauge\n'
  return all.join('') + heads + up.join('')
}

/** `name{a="b"} 1` or `name 1`, with one label more. */
function labelled(sample: string, worker: number): string {
  const [, name, labels, value] = /^([^{ ]+)(?:\{(.*)\})? (.*)$/.exec(sample)!
  return `${name}{${labels ? `${labels},` : ''}worker="${worker}"} ${value}`
}

/** Whoever is gone has nobody to tell. */
function send(to: Worker | NodeJS.Process, message: Message): void {
  to.send?.(message, undefined, undefined, () => undefined)
}
