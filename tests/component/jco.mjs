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
  #refreshKeysAt = 0

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
    this.#refreshKeys()
    const reason = reply.audit === undefined ? undefined : JSON.parse(reply.audit).reason
    return { ...reply, headers: reply.headers.flat(), reason }
  }

  async exchange({ clientId, subjectToken, subjectTokenType, requestedTokenType, audience = [], resource = [], scope }) {
    const request = {
      client: { tag: 'embedder', val: clientId },
      grant: {
        tag: 'token-exchange',
        val: {
          subject: { token: subjectToken, tokenType: word(subjectTokenType) },
          requested: requestedTokenType && word(requestedTokenType),
          target: { audience: [audience, resource].flat(), scope: scope?.split(' ') },
        },
      },
    }
    const { outcome, audit } = await this.#drive(this.#engine.exchange(request, this.#now(), randomBytes(32)))
    this.#world.audit(audit)
    this.#refreshKeys()
    if (outcome.tag === 'err') {
      const { error: code, message, status, reason } = outcome.val
      throw Object.assign(new Error(message), { code, status, reason })
    }
    const { accessToken, issuedTokenType, tokenType, expiresIn, scope: granted } = outcome.val
    return {
      access_token: accessToken,
      issued_token_type: `urn:ietf:params:oauth:token-type:${issuedTokenType.replace('-', '_')}`,
      token_type: tokenType,
      expires_in: Number(expiresIn),
      scope: granted.join(' '),
    }
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
  #refreshKeys() {
    if (this.#world.now() < this.#refreshKeysAt) return
    this.#refreshKeysAt = this.#world.now() + 1
    const step = this.#engine.refreshKeys(this.#now(), randomBytes(32))
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
    } catch ({ cause }) {
      const causes = { ENOTFOUND: 'unresolved', UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'untrusted', ERR_PROXY: 'proxy' }
      return failed(signal.aborted ? 'timed-out' : causes[cause?.code] ?? 'unreachable')
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

/** A token type as WIT has it: the last word of its URN. */
const word = (type) => type.replace(/^.*:/, '').replace('_', '-')
const failed = (why) => ({ tag: 'failed', val: why })
const stored = ({ key, value, version }) => ({ key, value, version: BigInt(version) })
const hash = (alg) => (alg === 'eddsa' ? undefined : `sha${alg.slice(2)}`)

function scheme(alg) {
  if (alg.startsWith('es')) return { dsaEncoding: 'ieee-p1363' }
  if (alg.startsWith('ps')) return { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
  return {}
}
