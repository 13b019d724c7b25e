/**
 * A proxy without a network: as much of proxy-wasm 0.2.1 as the filter uses, with
 * a clock that is set. What Envoy does is tested in Envoy; this is for cases that
 * need virtual time. It has no crypto of its own, so the filter computes all.
 */
const OK = 0
const NOT_FOUND = 1
const REQUEST_HEADERS = 0
const RESPONSE_HEADERS = 6
const REQUEST_BODY = 0
const CALL_BODY = 4
const CONFIGURATION = 7
const ROOT = 1

const encode = (text) => new TextEncoder().encode(text)

export class Proxy {
  /** Seconds since the epoch. */
  now = 0
  log = []
  #exports
  #shared = new Map()
  #ticks = 0
  #contexts = ROOT
  #current
  #buffers = {}
  #maps = {}
  #calls = []
  #replies = new Map()

  /** Starts the filter; throws what it says when it refuses the configuration. */
  constructor(module, configuration, now) {
    this.now = now
    const known = this.#functions()
    const imports = WebAssembly.Module.imports(module).filter((one) => one.module === 'env')
    const missing = (name) => () => {
      throw new Error(`${name} is not there`)
    }
    const env = Object.fromEntries(imports.map(({ name }) => [name, known[name.replace('proxy_', '')] ?? missing(name)]))
    this.#exports = new WebAssembly.Instance(module, { env, wasi_snapshot_preview1: this.#wasi() }).exports
    this.#exports._initialize()
    this.#exports.proxy_on_context_create(ROOT, 0)
    this.#exports.proxy_on_vm_start(ROOT, 0)
    this.#buffers[CONFIGURATION] = encode(configuration)
    if (!this.#exports.proxy_on_configure(ROOT, this.#buffers[CONFIGURATION].length)) throw new Error(this.log.join('\n'))
  }

  /** Answers a request; `fetch` answers the calls that it needs. */
  async handle({ headers, body }, fetch) {
    const id = ++this.#contexts
    this.#exports.proxy_on_context_create(id, ROOT)
    this.#maps[REQUEST_HEADERS] = headers
    this.#buffers[REQUEST_BODY] = body
    this.#current = id
    this.#exports.proxy_on_request_headers(id, headers.length, body.length === 0 ? 1 : 0)
    if (body.length > 0 && !this.#replies.has(id)) this.#exports.proxy_on_request_body(id, body.length, 1)
    while (!this.#replies.has(id)) await this.tick(fetch)
    // A proxy calls these of a filter that exports them.
    this.#exports.proxy_on_done?.(id)
    this.#exports.proxy_on_log?.(id)
    this.#exports.proxy_on_delete(id)
    return this.#replies.get(id)
  }

  /** What happens between requests. Says whether there were calls. */
  async tick(fetch) {
    this.#current = ROOT
    this.#exports.proxy_on_tick(ROOT)
    const calls = this.#calls.splice(0)
    for (const { token, headers } of calls) {
      const { fields, body } = await fetch(headers)
      this.#maps[RESPONSE_HEADERS] = fields
      this.#buffers[CALL_BODY] = body
      this.#current = ROOT
      this.#exports.proxy_on_http_call_response(ROOT, token, fields.length, body.length, 0)
    }
    return calls.length > 0
  }

  #functions() {
    return {
      log: (_, at, length) => (this.log.push(this.#text(at, length)), OK),
      get_log_level: (at) => (this.#number(at, 2), OK),
      // Time goes on within its second, as it does between two calls.
      get_current_time_nanoseconds: (at) => {
        const nanoseconds = BigInt(this.now) * 1_000_000_000n + BigInt(this.#ticks++ % 999) * 1_000_000n
        this.#view().setBigUint64(at, nanoseconds, true)
        return OK
      },
      set_tick_period_milliseconds: () => OK,
      // It does not know where a request comes from.
      get_property: () => NOT_FOUND,
      set_effective_context: (id) => ((this.#current = id), OK),
      get_buffer_bytes: (kind, start, length, at, size) => {
        const bytes = this.#buffers[kind]?.subarray(start, start + length)
        return bytes ? this.#give(bytes, at, size) : NOT_FOUND
      },
      get_header_map_pairs: (kind, at, size) => this.#give(pairs(this.#maps[kind]), at, size),
      get_shared_data: (key, length, at, size, cas) => {
        const found = this.#shared.get(this.#text(key, length))
        if (found === undefined) return NOT_FOUND
        this.#number(cas, found.cas)
        return this.#give(found.value, at, size)
      },
      // Nobody else is there to read the documents of this worker.
      set_shared_data: (key, length, value, size) => {
        const name = this.#text(key, length)
        const cas = (this.#shared.get(name)?.cas ?? 0) + 1
        if (name.startsWith('exchequer.lease')) this.#shared.set(name, { value: this.#bytes(value, size), cas })
        return OK
      },
      http_call: (_, __, headers, length, ___, ____, _____, ______, _______, at) => {
        const token = ++this.#contexts
        this.#calls.push({ token, headers: Object.fromEntries(entries(this.#bytes(headers, length))) })
        this.#number(at, token)
        return OK
      },
      send_local_response: (status, _, __, body, length, headers, size) => {
        const fields = entries(this.#bytes(headers, size))
        this.#replies.set(this.#current, { status, headers: fields.flat(), body: this.#bytes(body, length) })
        return OK
      },
      call_foreign_function: () => NOT_FOUND,
      define_metric: (_, __, ___, at) => (this.#number(at, 1), OK),
      increment_metric: () => OK,
      continue_stream: () => OK,
      replace_header_map_value: () => OK,
      remove_header_map_value: () => OK,
    }
  }

  #wasi() {
    return {
      random_get: (at, length) => (crypto.getRandomValues(new Uint8Array(this.#exports.memory.buffer, at, length)), OK),
      environ_sizes_get: (count, size) => (this.#number(count, 0), this.#number(size, 0), OK),
      environ_get: () => OK,
      fd_write: () => 8,
      proc_exit: () => {
        throw new Error(`the filter trapped: ${this.log.at(-1)}`)
      },
    }
  }

  #view() {
    return new DataView(this.#exports.memory.buffer)
  }

  #number(at, value) {
    this.#view().setUint32(at, value, true)
  }

  #bytes(at, length) {
    return new Uint8Array(this.#exports.memory.buffer, at, length).slice()
  }

  #text(at, length) {
    return new TextDecoder().decode(this.#bytes(at, length))
  }

  /** Bytes into memory that the filter then owns. */
  #give(bytes, at, size) {
    const to = this.#exports.proxy_on_memory_allocate(bytes.length)
    new Uint8Array(this.#exports.memory.buffer, to, bytes.length).set(bytes)
    this.#number(at, to)
    this.#number(size, bytes.length)
    return OK
  }
}

/** Header fields in the form that crosses: how many, their lengths, then each with a zero behind it. */
function pairs(fields) {
  const all = fields.map((pair) => pair.map(encode))
  const lengths = new Uint32Array([all.length, ...all.flatMap((pair) => pair.map((part) => part.length))])
  const zero = new Uint8Array(1)
  return Buffer.concat([Buffer.from(lengths.buffer), ...all.flatMap((pair) => pair.flatMap((part) => [part, zero]))])
}

function entries(bytes) {
  const view = new DataView(bytes.buffer)
  const count = bytes.length === 0 ? 0 : view.getUint32(0, true)
  let at = 4 + count * 8
  const text = (length) => new TextDecoder().decode(bytes.subarray(at, (at += length + 1) - 1))
  return Array.from({ length: count }, (_, index) => [
    text(view.getUint32(4 + index * 8, true)),
    text(view.getUint32(8 + index * 8, true)),
  ])
}
