/**
 * A host of the step API in JavaScript: the engine's component as jco makes it
 * run, a fetch function, a store and `node:crypto`. Has the part of the npm
 * package's face that the vectors' runner uses, so that the same runner plays
 * them here.
 */
import { constants, createPrivateKey, createPublicKey, randomBytes, sign, verify } from 'node:crypto'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { transpileBytes } from '@bytecodealliance/jco-transpile'

const COMPONENT = new URL('../../pkg/dist/exchequer-engine.component.wasm', import.meta.url)

export const ALGORITHMS = ['rs256', 'rs384', 'rs512', 'ps256', 'ps384', 'ps512', 'es256', 'es384', 'es512', 'eddsa']

/** What the component exports, as a JavaScript module. */
export async function load() {
  const { files, imports } = await transpileBytes(readFileSync(COMPONENT), { name: 'engine' })
  const folder = mkdtempSync(join(tmpdir(), 'exchequer-jco-'))
  for (const [name, bytes] of Object.entries(files)) {
    if (!name.endsWith('.d.ts')) writeFileSync(join(folder, name), bytes)
  }
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  const { steps } = await import(pathToFileURL(join(folder, 'engine.js')).href)
  return { steps, imports }
}

/** `createExchequer` on this component; `hostCrypto` names the algorithms that are answered for. */
export const creator = (steps, hostCrypto) => async (document, options) =>
  new Service(steps, JSON.stringify(document), hostCrypto, options)

class Service {
  waiting = 0
  #engine
  #Pending
  #world
  #upkeepAt = 0

  constructor({ Engine, Pending }, config, algorithms, world) {
    const crypto = { verify: algorithms, sign: algorithms }
    this.#engine = Engine.make(config, [], undefined, crypto, BigInt(world.now()))
    this.#Pending = Pending
    this.#world = world
  }

  async handle({ method, target, headers = [], body = '', caller = 'network' }) {
    const pairs = headers.flatMap((name, i) => (i % 2 === 0 ? [[name, headers[i + 1]]] : []))
    const request = { method, target, headers: pairs, body: new TextEncoder().encode(body), caller }
    const reply = await this.#drive(this.#engine.handle(request, this.#now(), randomBytes(32)))
    if (reply.audit !== undefined) this.#world.audit(reply.audit)
    this.#upkeep()
    const reason = reply.audit === undefined ? undefined : JSON.parse(reply.audit).reason
    return { ...reply, headers: reply.headers.flat(), reason }
  }

  async exchange(parameters) {
    const form = new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange' })
    for (const [name, value] of Object.entries(parameters)) {
      const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
      for (const one of [value ?? []].flat()) form.append(snake, one)
    }
    const headers = ['content-type', 'application/x-www-form-urlencoded']
    const reply = await this.handle({ method: 'POST', target: '/oauth2/token', headers, body: `${form}`, caller: 'embedder' })
    const json = JSON.parse(new TextDecoder().decode(reply.body))
    if (reply.status === 200) return json
    const { error: code, error_description: message } = json
    throw Object.assign(new Error(message), { code, status: reply.status, reason: reply.reason })
  }

  async close() {}

  /** The loop: one answer per ask, until done. */
  async #drive(step) {
    while (step.tag === 'ask') {
      const pending = step.val
      const answer = await this.#answer(pending.ask())
      step = this.#Pending.resume(pending, answer)
    }
    return step.val
  }

  /** Once a second at most. */
  #upkeep() {
    if (this.#world.now() < this.#upkeepAt) return
    this.#upkeepAt = this.#world.now() + 1
    const step = this.#engine.upkeep(this.#now(), randomBytes(32))
    if (step === undefined) return
    this.waiting += 1
    this.#drive(step).finally(() => { this.waiting -= 1 })
  }

  async #answer({ tag, val }) {
    try {
      return await this[tag](val)
    } catch {
      return failed('broken')
    }
  }

  async fetch({ url, timeoutMs, maxBytes }) {
    const signal = AbortSignal.timeout(timeoutMs)
    try {
      const response = await this.#world.fetch(url, { signal, redirect: 'manual' })
      const body = new Uint8Array(await response.arrayBuffer())
      if (body.length > maxBytes) return failed('too-large')
      const header = (name) => response.headers.get(name) ?? undefined
      const fetched = { status: response.status, cacheControl: header('cache-control'), location: header('location'), body }
      return { tag: 'fetched', val: fetched }
    } catch {
      return failed(signal.aborted ? 'timed-out' : 'unreachable')
    }
  }

  async read(keys) {
    const records = await this.#world.store.read(keys, this.#world.now())
    return { tag: 'records', val: records.map((record) => record && stored(record)) }
  }

  async list({ prefix, cursor, limit }) {
    const records = await this.#world.store.list(prefix, cursor, limit + 1, this.#world.now())
    const page = records.slice(0, limit)
    return { tag: 'page', val: { records: page.map(stored), next: records.length > limit ? page.at(-1).key : undefined } }
  }

  async commit(batch) {
    const writes = batch.map(({ key, value, expect, expiresAt }) => ({
      key, value, expect: expect.tag === 'version' ? Number(expect.val) : expect.tag,
      expiresAt: expiresAt === undefined ? undefined : Number(expiresAt),
    }))
    return { tag: (await this.#world.store.commit(writes, this.#world.now())) ? 'committed' : 'conflict' }
  }

  verify({ alg, key, message, signature }) {
    const publicKey = createPublicKey({ key: Buffer.from(key), format: 'der', type: 'spki' })
    return { tag: 'verdict', val: verify(hash(alg), message, { key: publicKey, ...scheme(alg) }, signature) }
  }

  sign({ alg, keyId, message }) {
    const key = createPrivateKey({ key: JSON.parse(this.#engine.signingKey(keyId)), format: 'jwk' })
    return { tag: 'signature', val: new Uint8Array(sign(hash(alg), message, { key, ...scheme(alg) })) }
  }

  #now() {
    return BigInt(this.#world.now())
  }
}

const failed = (why) => ({ tag: 'failed', val: why })
const stored = ({ key, value, version }) => ({ key, value, version: BigInt(version) })
const hash = (alg) => (alg === 'eddsa' ? undefined : `sha${alg.slice(2)}`)

function scheme(alg) {
  if (alg.startsWith('es')) return { dsaEncoding: 'ieee-p1363' }
  if (alg.startsWith('ps')) return { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
  return {}
}
